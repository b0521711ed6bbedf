//! What the rest of the crate uses of leader monitoring.
//!
//! Messages about round trips, turn-around times and votes come in, and so do the leader's proposals and
//! what it owes; asked for is which view is to be preinstalled, and who was proven faulty.

pub use super::{
    accuse, exclude_stall, on_new_leader, on_new_leader_proof, on_peer_view, on_proof_matrix_sent,
    on_proposal, on_replay, on_rtt_measure, on_rtt_ping, on_rtt_pong, on_tat_measure, on_tat_ub,
    on_vc_proof, recover, settle, start, tick,
};

use super::{INFINITE, Reported, State};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use wire::{Config, ReplicaId, Time, View};

impl State {
    /// Nothing known, view 0 preinstalled.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        assert!(config.is_replica(me));
        let n = config.size();
        Self {
            me,
            view: View(0),
            tats_if_leader: vec![INFINITE; n],
            bounds: vec![INFINITE; n],
            announced: INFINITE,
            reported: vec![Reported::default(); n],
            ping_seq: 0,
            pings: BTreeMap::new(),
            answered: vec![0; n],
            replay_asked: false,
            open: Vec::new(),
            samples: VecDeque::new(),
            watch_at: None,
            tick_at: None,
            taken: vec![0; n],
            counted_from: Time(0),
            suspects: false,
            votes: vec![None; n],
            accused: BTreeSet::new(),
            proof: None,
            settled: false,
            shown: vec![None; n],
        }
    }

    /// The abstract state.
    #[must_use]
    pub const fn to_abstract(&self) -> &Self {
        self
    }

    /// `view`.
    #[must_use]
    pub const fn view(&self) -> View {
        self.view
    }

    /// `suspects`.
    #[must_use]
    pub const fn suspects(&self) -> bool {
        self.suspects
    }

    /// `accused`.
    #[must_use]
    pub fn accused(&self) -> BTreeSet<ReplicaId> {
        self.accused.clone()
    }

    /// Whether `tick_at` is set: not before [`start`], while the log is read.
    #[must_use]
    pub const fn is_started(&self) -> bool {
        self.tick_at.is_some()
    }

    /// The view for which `proof` was given, by its first vote; 0 without proof or vote.
    #[must_use]
    pub fn proven(&self) -> View {
        let votes = self.proof.iter().flat_map(|proof| proof.votes.first());
        votes.map(|vote| vote.body.view).next().unwrap_or_default()
    }

    /// The view that is to be preinstalled, because its leader was elected and it is not yet:
    /// [`State::proven`] if that is above `view`.
    #[must_use]
    pub fn awaits(&self) -> Option<View> {
        Some(self.proven()).filter(|view| *view > self.view)
    }

    /// When the timer is wanted, if it is: the earlier of `tick_at` and `watch_at`.
    #[must_use]
    pub fn wake_at(&self) -> Option<Time> {
        self.tick_at.into_iter().chain(self.watch_at).min()
    }
}
