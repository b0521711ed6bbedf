//! The abstract state of leader monitoring: what contracts, oracles and recorded inputs speak of.
//!
//! It stays when another version takes the component's place. The reference works on it as it is.

use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use wire::monitoring::{Mode, Monitoring};
use wire::prime::{Matrix, NewLeader, NewLeaderProof, Prime, VcProof};
use wire::{ReplicaId, Time, Verified, View};

/// The effects of leader monitoring are those of Prime.
pub type Effects = wire::Effects<Prime>;

/// A bound that is not known yet. Unit: microseconds.
pub const INFINITE: u64 = u64::MAX;

/// Most measurements under way; while there are as many, none is begun.
pub const MAX_OPEN: usize = 64;

/// Most own pings whose answers are waited for; the oldest is given up for the next.
pub const MAX_PINGS: usize = 16;

/// What the leader owes.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Awaited {
    /// A Pre-Prepare that covers this matrix.
    Matrix(Matrix),
    /// A Replay, any valid one, because of this proof.
    Replay(Box<VcProof>),
}

/// A turn-around time that is being measured.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Measurement {
    /// When the leader was asked, moved on by the time for which this server did not run.
    pub since: Time,
    /// For what.
    pub awaited: Awaited,
}

/// A turn-around time that somebody reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Reported {
    /// Unit: microseconds. 0 if nothing was heard.
    pub tat: u64,
    /// When it was heard last.
    pub heard: Time,
}

impl Reported {
    /// What this counts for at `now`: in robust mode 0 if `heard` is more than the window before `now`;
    /// otherwise, and in report mode always, `tat`.
    #[must_use]
    pub fn at(&self, rules: &Monitoring, now: Time) -> u64 {
        match rules.mode {
            Mode::Robust { window, .. } if now.since(self.heard) > window => 0,
            Mode::Report | Mode::Robust { .. } => self.tat,
        }
    }
}

/// All that leader monitoring remembers. What is not about votes begins anew with each view.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// The preinstalled view. Never decreases.
    pub view: View,
    /// Shape `[n]`, by server: the turn-around time that it would find if this server led.
    /// [`INFINITE`] at first. Never increases within a view.
    pub tats_if_leader: Vec<u64>,
    /// Shape `[n]`, by server: its announced upper bound. [`INFINITE`] at first. Never increases
    /// within a view.
    pub bounds: Vec<u64>,
    /// The lowest own bound announced in this view; [`INFINITE`] if none was.
    pub announced: u64,
    /// Shape `[n]`, by server: what it reports of the leader.
    pub reported: Vec<Reported>,
    /// Count of the last own ping in this view.
    pub ping_seq: u64,
    /// When the own pings were sent, by count. At most [`MAX_PINGS`], the last.
    pub pings: BTreeMap<u64, Time>,
    /// Shape `[n]`, by server: the last own ping that it answered.
    pub answered: Vec<u64>,
    /// Whether a Replay was asked for in this view, or came unasked.
    pub replay_asked: bool,
    /// What the leader owes, in the order asked for. At most [`MAX_OPEN`]. Always empty at the leader.
    pub open: Vec<Measurement>,
    /// Turn-around times measured in this view and when each ended, oldest first; in report mode the
    /// largest alone, in robust mode those of the last `window`, the largest
    /// [`MAX_SAMPLES`](wire::monitoring::MAX_SAMPLES) at most.
    pub samples: VecDeque<(Time, u64)>,
    /// When the clock is looked at next, to see whether this server ran; set while something is open.
    pub watch_at: Option<Time>,
    /// When the next round of pings, bounds and reports is due; `None` before [`start`](super::start).
    pub tick_at: Option<Time>,
    /// Shape `[n]`, by server: how many messages of its were taken since `counted_from`.
    pub taken: Vec<u32>,
    /// When counting began anew; at most one period ago.
    pub counted_from: Time,
    /// Whether this server voted for the view after this one. Never taken back within a view.
    pub suspects: bool,
    /// Shape `[n]`, by server: its vote for the highest view, if that is above `view`.
    pub votes: Vec<Option<Verified<NewLeader>>>,
    /// Leaders that contradicted themselves, as was proven here. At most f, all of them faulty.
    pub accused: BTreeSet<ReplicaId>,
    /// Why `view` was preinstalled; `None` for view 0, and where the view was found installed.
    pub proof: Option<NewLeaderProof>,
    /// Whether something was executed in `view`, so that the proof need no longer be shown to all.
    pub settled: bool,
    /// Shape `[n]`, by server: when it was shown the proof last, by itself.
    pub shown: Vec<Option<Time>>,
}
