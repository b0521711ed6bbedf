//! How fast a leader may make the others work.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/virtual_time.rs"]
#[expect(dead_code, reason = "shared with the tests of leader monitoring")]
mod virtual_time;

use prime::order::{self, refill};
use std::sync::Arc;
use virtual_time::Cluster;
use wire::auth::Context;
use wire::prime::{Incoming, Matrix, PoAru, PrePrepare};
use wire::stub::Stub;
use wire::{Config, Digest, List, PoSeq, ReplicaId, Seq, Signer, Time, Verified, View};

fn config() -> Config {
    Config::new(Digest::of("test", b"rate"), 4, 1, 0)
}

#[test]
fn tokens_come_in_time_and_no_more_than_fit() {
    let config = config();
    let mut state = order::State::new(&config, ReplicaId(2));
    assert_eq!(state.tokens, config.windows.order);
    let mut after = |tokens: u64, micros: u64| {
        (state.tokens, state.filled_at) = (tokens, Time(0));
        refill(&mut state, &config, Time(micros));
        (state.tokens, state.filled_at.0)
    };
    assert_eq!(after(0, 1_700), (3, 1_500));
    assert_eq!(after(0, 499), (0, 0));
    assert_eq!(after(5, 500), (6, 500));
    assert_eq!(after(63, 1_700), (64, 1_700));
    assert_eq!(after(0, u64::MAX), (64, u64::MAX));
}

/// A proposal with nothing in it but a new row of the leader's, as many as it likes.
fn proposal(config: &Config, seq: u64) -> Verified<PrePrepare> {
    let signer = Signer::new(Context::from(config), Arc::new(Stub(ReplicaId(1).into())));
    let vec = vec![PoSeq(0), PoSeq(seq), PoSeq(0), PoSeq(0)];
    let row = signer.sign_all(ReplicaId(1), vec![PoAru { vec: List::new(vec).unwrap() }]);
    let rows = vec![Some(row[0].signed().clone()), None, None, None];
    let matrix = Matrix { rows: List::new(rows).unwrap() };
    let body = PrePrepare { view: View(0), seq: Seq(seq), matrix };
    signer.sign_all(ReplicaId(1), vec![body]).remove(0)
}

/// A leader that floods costs what its bucket lets through, and nothing that it sends is dropped.
#[test]
fn a_leader_that_floods_costs_bounded_work_and_is_only_delayed() {
    const MILLIS: u64 = 400;
    let mut cluster = Cluster::new(config(), Box::new(|_, _, _, _| Some(500)));
    let config = cluster.config.clone();
    let mut sent = [0; 4];
    for _ in 0..MILLIS {
        for (id, sent) in (1..=4).zip(&mut sent) {
            let horizon = cluster.machine(id).order().horizon(&config).0;
            for seq in *sent + 1..=horizon {
                cluster.hand(id, Incoming::PrePrepare(proposal(&config, seq)));
            }
            *sent = horizon.max(*sent);
        }
        cluster.run(1_000);
    }
    let allowed = 2 * MILLIS * 1_000 / config.timing.pre_prepare;
    for id in 2..=4 {
        let accepted = cluster.machine(id).order().accepted.0;
        println!("{id} accepted {accepted}, {allowed} tokens came");
        assert!(accepted <= config.windows.order + allowed + 1, "{id}: {accepted}");
        assert!(accepted + 2 > allowed, "{id}: {accepted}");
    }
    // What waits comes in time, without being sent again.
    let held = sent[1];
    cluster.run(1_000 * config.windows.order);
    assert_eq!(cluster.machine(2).order().accepted, Seq(held));
}

/// A correct leader at its full rate, over ways that bunch what it sends, never finds the bucket
/// empty.
#[test]
fn a_correct_leader_is_never_slowed() {
    let mut jitter = 7u64;
    let way = move |_, _, _: &Incoming, _| {
        jitter = jitter.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Some(1_000 + (jitter >> 33) % 20_000)
    };
    let mut cluster = Cluster::new(config(), Box::new(way));
    for turn in 0..4_000u64 {
        if turn.is_multiple_of(2) {
            cluster.submit(u16::try_from(turn % 4).unwrap() + 1);
        }
        cluster.run(250);
        for id in 2..=4 {
            assert!(!cluster.machine(id).order().delayed(), "{id} delays at {:?}", cluster.now);
        }
    }
    let proposed = cluster.machine(1).order().proposed.0;
    println!("{proposed} proposals in a second");
    assert!(proposed > 300, "{proposed}");
}
