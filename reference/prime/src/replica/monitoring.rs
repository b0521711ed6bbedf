//! Where leader monitoring meets the other components: what it measures, and what an election does.

use super::Replica;
use crate::pre_order::{self, Effects};
use crate::{suspect, view_change};
use std::collections::BTreeSet;
use wire::machine::Effect;
use wire::prime::{Body, Incoming, Prime, ReplayConflict};
use wire::{Protocol, Reject, ReplicaId, Seq, Verified, View};

/// What leader monitoring compares before and after a step.
pub(super) struct Seen {
    accepted: Seq,
    executed: Seq,
    blacklisted: usize,
}

impl Replica {
    /// Leader monitoring, for benches and checkers.
    #[must_use]
    pub fn suspect(&self) -> &suspect::State {
        &self.suspect
    }

    /// At the start, after the log was read.
    pub(super) fn start_monitoring(&mut self, effects: &mut Effects) {
        let Some(rules) = &self.config.monitoring else { return };
        let view = self.suspect.proven().max(self.order.preinstalled());
        suspect::start(&mut self.suspect, &self.config, rules, self.now, view, effects);
        // The log may end between the election and what follows it.
        self.preinstall(view, effects);
    }

    /// At the beginning of a step.
    pub(super) fn see(&mut self) -> Seen {
        if let Some(rules) = &self.config.monitoring {
            suspect::exclude_stall(&mut self.suspect, rules, self.now);
        }
        Seen {
            accepted: self.order.accepted(),
            executed: self.execute.executed(),
            blacklisted: self.pre_order.blacklist().len(),
        }
    }

    /// At the end of a step: what has happened since [`Replica::see`] may speak for the leader, or
    /// against it.
    pub(super) fn monitor(&mut self, seen: &Seen, effects: &mut Effects) {
        let Some(rules) = &self.config.monitoring else { return };
        let (now, preinstalled) = (self.now, self.order.preinstalled());
        let state = &mut self.suspect;
        if !state.is_started() {
            return; // The log is being read.
        }
        if state.view() < preinstalled {
            // Installed without having been voted for here.
            suspect::start(state, &self.config, rules, now, preinstalled, effects);
        }
        if self.order.has_accused() {
            // Also while views change: the ordering component forgets it with the view.
            suspect::accuse(state, &self.config, self.order.view(), effects);
        }
        if self.view_change.has_round() {
            if self.view_change.has_prepared() {
                suspect::on_replay(state, rules, now);
            }
            if let Some(proof) = self.view_change.sent_proof() {
                suspect::on_vc_proof(state, &self.config, rules, now, proof);
            }
            if self.view_change.has_accused() {
                suspect::accuse(state, &self.config, preinstalled, effects);
            }
            return;
        }
        let (order, blacklist) = (&self.order, self.pre_order.blacklist());
        assert_eq!(order.view(), state.view(), "installed as preinstalled");
        suspect::on_replay(state, rules, now);
        if (order.accepted(), blacklist.len()) != (seen.accepted, seen.blacklisted) {
            suspect::on_proposal(state, rules, now, blacklist, order.preceding());
        }
        if self.execute.executed() > seen.executed {
            suspect::settle(state, order.view());
        }
    }

    /// A message of leader monitoring; premature where leaders are not monitored.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller picks the messages")]
    pub(super) fn on_monitoring(&mut self, message: &Incoming, effects: &mut Effects) {
        let sender = Prime::sender(message);
        let (config, now, state) = (&self.config, self.now, &mut self.suspect);
        let Some(rules) = &config.monitoring else {
            return effects.reject(sender, Reject::Premature);
        };
        if let Some(view) = view_of_sender(message) {
            suspect::on_peer_view(state, rules, now, sender, view, effects);
        }
        match message {
            Incoming::RttPing(m) => suspect::on_rtt_ping(state, config, rules, now, m, effects),
            Incoming::RttPong(m) => suspect::on_rtt_pong(state, config, rules, now, m, effects),
            Incoming::RttMeasure(m) => {
                suspect::on_rtt_measure(state, config, rules, now, m, effects);
            }
            Incoming::TatUb(m) => suspect::on_tat_ub(state, config, rules, now, m, effects),
            Incoming::TatMeasure(m) => {
                suspect::on_tat_measure(state, config, rules, now, m, effects);
            }
            Incoming::NewLeader(m) => suspect::on_new_leader(state, config, m, effects),
            Incoming::NewLeaderProof(m) => suspect::on_new_leader_proof(state, config, m, effects),
            _ => effects.reject(sender, Reject::Premature),
        }
        self.follow_election(effects);
    }

    /// Whoever chose two Replays is voted out, also when it is too late for the change itself: one of
    /// the two may have installed the view here.
    pub(super) fn judge_replays(
        &mut self,
        message: &Verified<ReplayConflict>,
        effects: &mut Effects,
    ) {
        let config = &self.config;
        let view = view_change::convicts(config, message);
        let view = view.filter(|view| *view <= self.suspect.view() && config.monitoring.is_some());
        if let Some(view) = view {
            suspect::accuse(&mut self.suspect, config, view, effects);
        }
    }

    /// Preinstalls the view that was voted for, if one was.
    fn follow_election(&mut self, effects: &mut Effects) {
        let (Some(rules), Some(view)) = (&self.config.monitoring, self.suspect.awaits()) else {
            return;
        };
        suspect::start(&mut self.suspect, &self.config, rules, self.now, view, effects);
        self.preinstall(view, effects);
    }

    /// Servers that proof is held against, by whatever they contradicted themselves in.
    pub(super) fn blacklisted(&self) -> Vec<ReplicaId> {
        let (pre_order, order) = (&self.pre_order, &self.order);
        let leader = order.has_accused().then(|| self.config.leader_of(order.view()));
        let next = self.view_change.has_accused();
        let next = next.then(|| self.config.leader_of(order.preinstalled()));
        let accused = self.suspect.accused();
        let sets = [pre_order.blacklist(), pre_order.equivocators(), &accused];
        let all: BTreeSet<ReplicaId> =
            sets.into_iter().flatten().copied().chain(leader).chain(next).collect();
        all.into_iter().collect()
    }

    /// Somebody was seen who has preinstalled `view`.
    pub(super) fn show_election(&mut self, peer: ReplicaId, view: View, effects: &mut Effects) {
        if let Some(rules) = &self.config.monitoring {
            suspect::on_peer_view(&mut self.suspect, rules, self.now, peer, view, effects);
        }
    }

    /// When the timer fires: asks the leader to cover what it has left uncovered, and measures how long
    /// that takes.
    pub(super) fn remind_leader(&mut self, effects: &mut Effects) {
        if !self.order.votes() {
            return;
        }
        let (config, now, order) = (&self.config, self.now, &self.order);
        let leader = config.leader_of(order.view());
        let said = effects.as_slice().len();
        let pre_order = &mut self.pre_order;
        pre_order::make_proof_matrix(pre_order, config, now, leader, order.preceding(), effects);
        let Some(rules) =
            config.monitoring.as_ref().filter(|_| order.view() == self.suspect.view())
        else {
            return;
        };
        for effect in &effects.as_slice()[said..] {
            if let Effect::Send { body: Body::ProofMatrix(asked), .. } = effect {
                let state = &mut self.suspect;
                suspect::on_proof_matrix_sent(state, config, rules, now, &asked.matrix);
            }
        }
    }

    /// When the timer fires, after everything else was said.
    pub(super) fn tick_monitoring(&mut self, effects: &mut Effects) {
        if let Some(rules) = &self.config.monitoring {
            suspect::tick(&mut self.suspect, &self.config, rules, self.now, effects);
        }
    }
}

/// The view that a message's sender had preinstalled when it sent it, as far as the message tells.
#[expect(clippy::wildcard_enum_match_arm, reason = "answers and proofs do not tell")]
fn view_of_sender(message: &Incoming) -> Option<View> {
    match message {
        Incoming::RttPing(m) => Some(m.body().view),
        Incoming::TatUb(m) => Some(m.body().view),
        Incoming::TatMeasure(m) => Some(m.body().view),
        Incoming::NewLeader(m) => Some(View(m.body().view.0.saturating_sub(1))),
        _ => None,
    }
}
