//! Ordering, slot by slot, where whole replicas do not easily get.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use prime::order::{self, State};
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{
    Body, Commit, Incoming, Matrix, OrderedCertificate, PoAru, PrePrepare, Prepare, Prime,
};
use wire::stub::Stub;
use wire::{
    Config, Digest, Effect, Effects, List, PoSeq, Record, Reject, ReplicaId, Seq, Signable, Signed,
    Signer, Verified, View,
};

fn config() -> Config {
    Config::new(Digest::of("test", b"ordering"), 4, 1, 0)
}

fn signed<T: Signable<Signer = ReplicaId>>(config: &Config, id: u16, body: T) -> Verified<T> {
    let id = ReplicaId(id);
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    signer.sign_all(id, vec![body]).remove(0)
}

/// A matrix whose rows acknowledge so much of server 1 each, or are null.
fn matrix(config: &Config, rows: [Option<u64>; 4]) -> Matrix {
    let row = |(id, entry): (u16, Option<u64>)| -> Option<Signed<PoAru>> {
        let vec = List::new([entry?, 0, 0, 0].map(PoSeq).to_vec()).unwrap();
        Some(signed(config, id, PoAru { vec }).signed().clone())
    };
    Matrix { rows: List::new((1..).zip(rows).map(row).collect()).unwrap() }
}

fn proposal(config: &Config, view: u64, seq: u64, entry: u64) -> Verified<PrePrepare> {
    let matrix = matrix(config, [Some(entry), None, None, None]);
    let leader = config.leader_of(View(view)).0;
    signed(config, leader, PrePrepare { view: View(view), seq: Seq(seq), matrix })
}

fn ordered(config: &Config, proposal: &Verified<PrePrepare>) -> Verified<OrderedCertificate> {
    let (view, seq, digest) = (proposal.body().view, proposal.body().seq, proposal.digest());
    let votes = [1, 3, 4]
        .map(|id| signed(config, id, Commit { view, seq, digest }).signed().clone())
        .to_vec();
    // One that does not count: of another number.
    let other = signed(config, 2, Commit { view, seq: seq.next(), digest }).signed().clone();
    let commits = List::new([votes, vec![other]].concat()).unwrap();
    let pre_prepare = proposal.signed().clone();
    signed(config, 4, OrderedCertificate { pre_prepare, commits })
}

#[test]
fn matrices_do_not_come_back() {
    let config = config();
    let rows = [None, Some(0), Some(1), Some(2)];
    let all: Vec<Matrix> = rows
        .iter()
        .flat_map(|a| rows.iter().map(|b| matrix(&config, [*a, *b, None, None])))
        .collect();
    let follows = |a: &Matrix, b: &Matrix| order::follows(&config, a, b);
    let mut chains = 0;
    for a in &all {
        assert!(!follows(a, a));
        for b in all.iter().filter(|b| follows(a, b)) {
            assert!(!follows(b, a), "{a:?} and {b:?}");
            for c in all.iter().filter(|c| follows(b, c)) {
                assert!(follows(a, c), "{a:?}, {b:?}, {c:?}");
                chains += 1;
            }
        }
    }
    assert!(chains > 50, "{chains}");
    let null = matrix(&config, [None, Some(1), None, None]);
    let zeros = matrix(&config, [Some(0), Some(1), None, None]);
    assert!(follows(&null, &zeros), "a null row counts as zeros");
    assert!(!follows(&zeros, &null));
}

/// A server and its log.
struct Server {
    config: Config,
    state: State,
    log: Vec<Record<Prime>>,
    rejects: Vec<Reject>,
}

impl Server {
    fn new() -> Self {
        let config = config();
        let state = State::new(&config, ReplicaId(2));
        Self { config, state, log: Vec::new(), rejects: Vec::new() }
    }

    fn take(&mut self, message: impl Into<Incoming>) {
        let (state, config) = (&mut self.state, &self.config);
        let mut effects = Effects::default();
        match message.into() {
            Incoming::PrePrepare(m) => order::on_pre_prepare(state, config, &m, &mut effects),
            Incoming::Prepare(m) => order::on_prepare(state, config, &m, &mut effects),
            Incoming::Commit(m) => order::on_commit(state, config, &m, &mut effects),
            Incoming::OrderedCertificate(m) => {
                order::on_ordered_certificate(state, config, &m, &mut effects);
            }
            other => panic!("{other:?}"),
        }
        for effect in effects.drain() {
            match effect {
                Effect::Persist { record, .. } => self.log.push(record),
                Effect::Reject { reason, .. } => self.rejects.push(reason),
                _ => {}
            }
        }
    }

    /// Takes both Prepares that this server needs to promise its Commit for `proposal`.
    fn prepare(&mut self, proposal: &Verified<PrePrepare>) {
        let (view, seq, digest) = (proposal.body().view, proposal.body().seq, proposal.digest());
        for id in [2, 3] {
            self.take(signed(&self.config, id, Prepare { view, seq, digest }));
        }
    }

    fn restarted(&self) -> (State, Vec<Body>) {
        let mut state = State::new(&self.config, ReplicaId(2));
        let mut effects = Effects::default();
        for record in &self.log {
            order::recover(&mut state, &self.config, record);
        }
        order::resume(&mut state, &self.config, &mut effects);
        let said = effects.drain().into_iter().filter_map(|effect| match effect {
            Effect::Send { body, .. } => Some(body),
            _ => None,
        });
        (state, said.collect())
    }
}

/// A leader gives this server another Pre-Prepare than the rest. What was ordered takes its place, and
/// after a restart as well.
#[test]
fn a_certificate_binds_a_number_after_a_restart_as_before() {
    let mut server = Server::new();
    let config = server.config.clone();
    let first = proposal(&config, 0, 1, 1);
    let [mine, theirs] = [2, 3].map(|entry| proposal(&config, 0, 2, entry));
    server.take(first);
    server.take(mine);
    assert_eq!(server.state.accepted, Seq(2));
    server.take(ordered(&config, &theirs));
    assert_eq!(server.state.preceding, theirs.body().matrix);
    assert_eq!(server.state.ordered, Seq(0), "number 1 is open");
    let (again, _) = server.restarted();
    assert_eq!(again.accepted, Seq(2));
    assert_eq!(again.preceding, server.state.preceding);
    assert_eq!(again.proposal, server.state.proposal);
    assert_eq!(again.slots[&Seq(2)], server.state.slots[&Seq(2)]);
    assert_eq!(again.slots[&Seq(2)].commits.len(), 3, "one Commit was of another number");
}

/// What was ordered in a later view is no reason to say one's Commit of an earlier one for it.
#[test]
fn a_commit_is_not_said_again_for_what_another_view_ordered() {
    let mut server = Server::new();
    let config = server.config.clone();
    server.take(proposal(&config, 0, 1, 1));
    let mine = proposal(&config, 0, 2, 2);
    server.take(mine.clone());
    server.prepare(&mine);
    assert!(server.state.slots[&Seq(2)].prepared);
    let theirs = proposal(&config, 1, 2, 3);
    server.take(ordered(&config, &theirs));
    assert!(!server.state.slots[&Seq(2)].prepared);
    let (again, said) = server.restarted();
    assert_eq!(again.slots[&Seq(2)], server.state.slots[&Seq(2)]);
    assert!(!said.iter().any(|body| matches!(body, Body::Commit(_))), "{said:?}");
}

/// Nobody is accused for speaking, in the installed view, of a number that another view ordered.
#[test]
fn votes_about_what_another_view_ordered_are_stale() {
    let mut server = Server::new();
    let config = server.config.clone();
    server.take(ordered(&config, &proposal(&config, 1, 2, 3)));
    let late = proposal(&config, 0, 2, 2);
    let (view, seq, digest) = (View(0), Seq(2), late.digest());
    server.take(late);
    server.take(signed(&config, 3, Prepare { view, seq, digest }));
    server.take(signed(&config, 3, Commit { view, seq, digest }));
    assert_eq!(server.rejects, [Reject::Stale; 3]);
    assert!(!server.state.leader_accused);
}

/// A leader whose own proposal was lost on the way proposes after what took its place.
#[test]
fn a_certificate_for_a_number_that_did_not_come_back_is_what_the_next_follows() {
    let mut server = Server::new();
    let config = server.config.clone();
    let [own, theirs] = [(0, 1), (3, 2)].map(|(view, entry)| proposal(&config, view, 2, entry));
    server.state.proposed = Seq(2);
    server.state.proposal = own.body().matrix.clone();
    server.take(ordered(&config, &theirs));
    assert_eq!(server.state.proposed, Seq(2));
    assert_eq!(server.state.proposal, theirs.body().matrix);
}

/// What was logged out of turn, with its commit certificate, was neither accepted nor proposed.
#[test]
fn a_proposal_that_the_log_has_out_of_turn_counts_once_its_turn_comes() {
    let config = config();
    let mut state = State::new(&config, ReplicaId(2));
    let [first, second] = [1, 2].map(|seq| proposal(&config, 0, seq, seq));
    order::recover(&mut state, &config, &Record::Held(second.into()));
    assert_eq!((state.accepted, state.proposed), (Seq(0), Seq(0)));
    order::recover(&mut state, &config, &Record::Held(first.into()));
    assert_eq!((state.accepted, state.proposed), (Seq(1), Seq(1)));
    order::resume(&mut state, &config, &mut Effects::default());
    assert_eq!((state.accepted, state.proposed), (Seq(2), Seq(2)));
}
