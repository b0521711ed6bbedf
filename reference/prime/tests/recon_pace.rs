//! How fast whoever lacks much is given it, and how much whoever asks for much is given.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/virtual_time.rs"]
#[expect(dead_code, reason = "shared with the tests of monitoring")]
mod virtual_time;

use prime::pre_order::{self, Content};
use prime::recon::{
    Effects, MAX_ANSWER_BYTES, MAX_ANSWERS, State, encode, on_recon_request, retire,
};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use virtual_time::Cluster;
use wire::auth::Context;
use wire::client::MAX_PAYLOAD;
use wire::prime::{Incoming, PoRequest, ReconRequest};
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, Effect, List, Machine, PoSeq, Reject, ReplicaId,
    Signable, Signer, Time, Update, Verified,
};

/// One way, between any two. Unit: microseconds.
const WAY: u64 = 100_000;

/// What was preordered while the last server was away.
const BACKLOG: u64 = 1_000;

fn config() -> Config {
    Config::new(Digest::of("test", b"recon pace"), 4, 1, 0)
}

/// The links are slow, there are many PO-Requests to a global number, and no checkpoint is near: all
/// that a server missed comes by reconciliation.
#[test]
fn a_backlog_is_reconciled_as_fast_as_it_was_ordered() {
    let mut config = config();
    config.timing.pre_prepare = WAY / 2;
    config.timing.retransmit = 7 * WAY;
    config.windows.checkpoint = 512;
    let (period, away) = (config.timing.retransmit, Rc::new(Cell::new(true)));
    let is_away = Rc::clone(&away);
    let way = move |from: ReplicaId, to: ReplicaId, _: &Incoming, _| {
        let cut = is_away.get() && (from == ReplicaId(4) || to == ReplicaId(4));
        (!cut).then_some(WAY)
    };
    let mut cluster = Cluster::new(config, Box::new(way));
    for turn in 0..BACKLOG {
        cluster.submit(u16::try_from(turn % 3).unwrap() + 1);
        cluster.run(10_000);
    }
    cluster.run(8 * WAY);
    let updates = |cluster: &Cluster, id| cluster.machine(id).status().updates;
    assert_eq!((updates(&cluster, 1), updates(&cluster, 4)), (BACKLOG, 0));
    let requests: u64 = cluster.machine(1).execute().prefix.iter().map(|seq| seq.0).sum();
    assert!(requests > BACKLOG / 2, "{requests} PO-Requests are not many");

    away.set(false);
    // Two periods until it says how far it is and was shown what was ordered, then at its own pace.
    cluster.run(2 * period + 10 * period);
    assert_eq!(updates(&cluster, 4), BACKLOG);
}

fn sign<T: Signable<Signer = ReplicaId>>(id: u16, body: T) -> Verified<T> {
    let signer = Signer::new(Context::from(&config()), Arc::new(Stub(ReplicaId(id).into())));
    signer.sign_all(ReplicaId(id), vec![body]).remove(0)
}

/// Server 1's request with one update of so many bytes.
fn content(seq: u64, size: usize) -> Content {
    let client = ClientId(1);
    let signer = Signer::new(Context::from(&config()), Arc::new(Stub(client.into())));
    let update = Update { seq: ClientSeq(seq), payload: Blob::new(vec![7; size]).unwrap() };
    let update = signer.sign_all(client, vec![update]).remove(0).signed().clone();
    let updates = List::new(vec![update]).unwrap();
    Content::of(&sign(1, PoRequest { seq: PoSeq(seq), updates }))
}

/// Large contents are given by their bytes: what a requester that means nothing by it costs is
/// bounded, however much others put into their requests.
#[test]
fn a_requester_is_given_so_many_bytes_and_no_more() {
    let (config, me) = (config(), ReplicaId(2));
    let period = config.timing.retransmit;
    let (mut state, pre_order) = (State::new(&config, me), pre_order::State::new(&config, me));
    let part = encode(&config, &content(1, MAX_PAYLOAD)).parts[0].len() as u64;
    let fitting = MAX_ANSWER_BYTES / part;
    assert!(fitting < MAX_ANSWERS as u64, "{fitting}");
    for seq in 1..=fitting + 1 {
        retire(&mut state, ReplicaId(1), &content(seq, MAX_PAYLOAD));
    }
    retire(&mut state, ReplicaId(1), &content(fitting + 2, 1));
    let mut effects = Effects::default();
    let mut ask = |now: u64, seq: u64| {
        let message = sign(4, ReconRequest { originator: ReplicaId(1), seq: PoSeq(seq) });
        on_recon_request(&mut state, &config, Time(now), &pre_order, &message, &mut effects);
        effects.drain().remove(0)
    };
    for seq in 1..=fitting {
        assert!(matches!(ask(5, seq), Effect::Send { .. }), "{seq}");
    }
    let full = Effect::Reject { from: Some(ReplicaId(4)), reason: Reject::Full };
    assert_eq!(ask(6, fitting + 1), full);
    // A small one still fits, and a period later everything does.
    assert!(matches!(ask(6, fitting + 2), Effect::Send { .. }));
    assert!(matches!(ask(5 + period, fitting + 1), Effect::Send { .. }));
}
