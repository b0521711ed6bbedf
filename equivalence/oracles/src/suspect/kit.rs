//! What the tests of leader monitoring's oracles are made of, beside what all are.

pub(super) use crate::kit::{ME, config, effects, reject, sign, trips};

use crate::Finding;
use crate::pre_order::kit::matrix as rows;
use prime::suspect::{Awaited, Measurement, State};
use wire::monitoring::Mode;
use wire::prime::{Constraint, Matrix, NewLeader, NewLeaderProof, Proof, VcProof};
use wire::{Digest, List, Monitoring, ReplicaId, Seq, Time, Verified, View};

/// The leader of view 1.
pub(super) const LEADER: ReplicaId = ReplicaId(2);

/// Robust, with small numbers: one outlier in a window of 1000, one period being 100.
pub(super) fn rules() -> Monitoring {
    Monitoring {
        period: 100,
        k_lat: 250,
        delta_pp: 20,
        rtt_floor: 8,
        sched_slack: 5,
        stall_min: Some(10),
        mode: Mode::Robust { outliers: 1, window: 1_000 },
    }
}

/// The same in the report's mode.
pub(super) fn report() -> Monitoring {
    Monitoring { stall_min: None, mode: Mode::Report, ..rules() }
}

/// View 1 is preinstalled, which server 2 leads.
pub(super) fn state() -> State {
    let mut state = State::new(&config(), ME);
    state.view = View(1);
    state
}

/// View 4 is preinstalled, which this server leads.
pub(super) fn leading() -> State {
    let mut state = state();
    state.view = View(4);
    state
}

/// `by`'s vote for `view`.
pub(super) fn vote(by: u16, view: u64) -> Verified<NewLeader> {
    sign(by, NewLeader { view: View(view) })
}

/// These servers' votes for `view`.
pub(super) fn proof(view: u64, by: &[u16]) -> NewLeaderProof {
    let votes = by.iter().map(|&i| vote(i, view).signed().clone()).collect();
    NewLeaderProof { votes: List::new(votes).unwrap() }
}

/// Server 2 has `own` requests of its own, server 1 none.
pub(super) fn matrix(own: u64) -> Matrix {
    rows(&[&[0, 0, 0, 0], &[0, own, 0, 0], &[], &[]])
}

/// A proof for `view`.
pub(super) fn vc_proof(view: u64) -> VcProof {
    let constraint = Constraint {
        view: View(view),
        ids: List::empty(),
        base: Seq(0),
        start_seq: Seq(1),
        resolution: Digest::default(),
    };
    VcProof { constraint, proof: Proof::Certificate(List::empty()) }
}

/// A Pre-Prepare that covers `matrix(own)` is owed.
pub(super) fn owes(since: u64, own: u64) -> Measurement {
    Measurement { since: Time(since), awaited: Awaited::Matrix(matrix(own)) }
}

/// A Replay is owed.
pub(super) fn owes_replay(since: u64) -> Measurement {
    Measurement { since: Time(since), awaited: Awaited::Replay(Box::new(vc_proof(1))) }
}

/// The field at which the change must be found, and the change.
pub(super) type Change = (&'static str, fn(&mut State));

/// Each change of the right state trips the oracle, at its place.
#[track_caller]
pub(super) fn each_trips(
    right: &State,
    judge: impl Fn(&State) -> Result<(), Finding>,
    changes: &[Change],
) {
    assert_eq!(judge(right), Ok(()));
    for (place, change) in changes {
        let mut wrong = right.clone();
        change(&mut wrong);
        trips(judge(&wrong), &format!("[{place}"));
    }
}
