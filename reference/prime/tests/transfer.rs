//! A state is fetched: the slots alone, with many chunks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use prime::checkpoint::{self, MAX_OUTSTANDING, Snapshot, State};
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{
    Body, CHUNK, Checkpoint, CheckpointProof, Matrix, StateChunk, StateId, StateRequest,
};
use wire::stub::Stub;
use wire::{
    Blob, Config, Digest, Effect, Effects, List, Reject, ReplicaId, Seq, Signable, Signer, Time,
    To, Verified,
};

const ME: ReplicaId = ReplicaId(1);

fn signed<T: Signable<Signer = ReplicaId>>(config: &Config, id: u16, body: T) -> Verified<T> {
    let id = ReplicaId(id);
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    signer.sign_all(id, vec![body]).remove(0)
}

/// One server that fetches, and the state that it fetches.
struct Fetch {
    config: Config,
    state: State,
    name: StateId,
    snapshot: Snapshot,
    now: Time,
    effects: Effects<wire::prime::Prime>,
}

/// The state after `seq`, with so many chunks.
fn a_state(seq: u64, chunks: usize) -> (StateId, Snapshot) {
    checkpoint::cut(Seq(seq), vec![7; CHUNK * chunks])
}

fn proof(config: &Config, name: StateId) -> CheckpointProof {
    let votes = [2, 3].map(|id| signed(config, id, Checkpoint { state: name }).signed().clone());
    let preceding = Matrix { rows: List::new(vec![None; 4]).unwrap() };
    CheckpointProof { checkpoints: List::new(votes.to_vec()).unwrap(), preceding }
}

impl Fetch {
    fn new(chunks: usize) -> Self {
        let config = Config::new(Digest::of("test", b"transfer"), 4, 1, 0);
        let (name, snapshot) = a_state(256, chunks);
        let state = State::new(&config, ME);
        let effects = Effects::default();
        let mut fetch = Self { config, state, name, snapshot, now: Time(1), effects };
        fetch.show(name);
        fetch
    }

    /// Server 2 shows a proof of a state; why that is refused, if so.
    fn show(&mut self, name: StateId) -> Option<Reject> {
        let message = signed(&self.config, 2, proof(&self.config, name));
        let (state, config, effects) = (&mut self.state, &self.config, &mut self.effects);
        checkpoint::on_checkpoint_proof(state, config, self.now, Seq(9), &message, effects);
        self.effects.drain().into_iter().find_map(|effect| match effect {
            Effect::Reject { reason, .. } => Some(reason),
            _ => None,
        })
    }

    fn chunk(&mut self, from: u16, index: u32) {
        let bytes = Blob::new(self.snapshot.chunk(index).to_vec()).unwrap();
        let path = self.snapshot.tree.path(index as usize);
        let body = StateChunk { state: self.name, index, bytes, path };
        let message = signed(&self.config, from, body);
        let (state, config, effects) = (&mut self.state, &self.config, &mut self.effects);
        checkpoint::on_state_chunk(state, config, self.now, &message, effects);
    }

    /// What is asked of whom, having executed `executed`.
    fn requests(&mut self, executed: u64) -> Vec<(u16, u32)> {
        self.effects.drain();
        let (state, config, effects) = (&mut self.state, &self.config, &mut self.effects);
        checkpoint::make_state_requests(state, config, self.now, Seq(executed), effects);
        let asked = self.effects.drain().into_iter().map(|effect| match effect {
            Effect::Send {
                to: To::One(peer),
                body: Body::StateRequest(StateRequest { index, .. }),
            } => (peer.0, index),
            other => panic!("{other:?}"),
        });
        asked.collect()
    }

    fn whole(&self) -> bool {
        self.state.transfer.as_ref().is_some_and(|held| checkpoint::assemble(held).is_some())
    }
}

/// A faulty server pushes right chunks ahead of what is asked for, and answers nothing.
#[test]
fn chunks_that_came_unasked_take_up_no_requests() {
    let mut fetch = Fetch::new(60);
    let pushed = u32::try_from(MAX_OUTSTANDING).unwrap();
    for index in 20..20 + pushed {
        fetch.chunk(2, index);
    }
    let mut asked = 0;
    for _ in 0..40 {
        for (server, index) in fetch.requests(9) {
            asked += 1;
            assert!(!(20..20 + pushed).contains(&index), "chunk {index} is here");
            if server != 2 {
                fetch.chunk(server, index);
            }
        }
        fetch.now = fetch.now.after(fetch.config.timing.retransmit);
    }
    assert!(fetch.whole());
    assert!(asked < 80, "{asked}");
    assert_eq!(fetch.state.transfer.as_ref().unwrap().asked.len(), 0);
}

/// Nor does it hold anybody to a state that nobody else has any more.
#[test]
fn chunks_that_came_unasked_are_no_progress() {
    let mut fetch = Fetch::new(60);
    let later = a_state(512, 3).0;
    fetch.requests(9);
    for turn in 0..4 {
        assert_eq!(fetch.show(later), Some(Reject::Full), "a patience of four periods");
        fetch.now = fetch.now.after(fetch.config.timing.retransmit);
        fetch.chunk(2, 40 + turn);
    }
    assert_eq!(fetch.show(later), None);
    assert_eq!(fetch.state.transfer.as_ref().unwrap().state(), later);
}

#[test]
fn a_state_that_own_execution_reached_is_not_fetched_any_more() {
    let mut fetch = Fetch::new(3);
    assert_eq!(fetch.requests(255).len(), 3);
    for index in 0..3 {
        fetch.chunk(3, index);
    }
    assert!(fetch.whole());
    assert_eq!(fetch.requests(256), []);
    assert_eq!(fetch.state.transfer, None);
}
