//! The join of broadcasting, view changes and ordering.
//!
//! Nothing is decided here: what one component finds is handed to the others, in a fixed order, until
//! nothing follows any more.

use super::{Replica, shown};
use crate::{broadcast, order, pre_order, recon, view_change};
use wire::prime::{
    Body, CatchUpRequest, Incoming, InstallCertificate, Payload, PrePrepare, Prime,
    ProposalRequest, RbInit,
};
use wire::{Effects, Protocol, Record, Reject, ReplicaId, Seq, Time, Verified, View};

impl Replica {
    /// Broadcasting, for benches and checkers.
    #[must_use]
    pub fn broadcast(&self) -> &broadcast::State {
        &self.broadcast
    }

    /// View changes, for benches and checkers.
    #[must_use]
    pub fn view_change(&self) -> &view_change::State {
        &self.view_change
    }

    /// Enters `view`, which Q servers voted for; nothing happens if this server is there already.
    pub(crate) fn preinstall(&mut self, view: View, effects: &mut Effects<Prime>) {
        if view <= self.view_change.preinstalled() {
            return;
        }
        let (config, executed) = (&self.config, self.execute.executed());
        let entries = order::pc_set(&self.order, config, view, executed);
        order::preinstall(&mut self.order, view);
        let state = &mut self.view_change;
        let payloads = view_change::preinstall(state, config, view, executed, entries);
        broadcast::start(&mut self.broadcast, config, view, payloads, effects);
        self.catch_up.ask_now(self.now);
        self.advance_change(effects);
    }

    /// A message of broadcasts and view changes.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller picks the messages")]
    pub(super) fn on_change(&mut self, message: &Incoming, effects: &mut Effects<Prime>) {
        if self.on_vote_wanted(message, effects) {
            return;
        }
        let (config, now, ordered) = (&self.config, self.now, self.order.ordered());
        let (rb, state) = (&mut self.broadcast, &mut self.view_change);
        match message {
            Incoming::RbInit(m) => broadcast::on_rb_init(rb, config, m, effects),
            Incoming::RbEcho(m) => broadcast::on_rb_echo(rb, config, m, effects),
            Incoming::RbReady(m) => broadcast::on_rb_ready(rb, config, m, effects),
            Incoming::RbRequest(m) => broadcast::on_rb_request(rb, config, now, m, effects),
            Incoming::VcList(m) => view_change::on_vc_list(state, config, m, effects),
            Incoming::VcPartialSig(m) => view_change::on_vc_partial_sig(state, config, m, effects),
            Incoming::VcProof(m) => view_change::on_vc_proof(state, config, m, effects),
            Incoming::Replay(m) => view_change::on_replay(state, config, m, effects),
            Incoming::ReplayPrepare(m) => view_change::on_replay_prepare(state, config, m, effects),
            Incoming::ReplayCommit(m) => view_change::on_replay_commit(state, config, m, effects),
            Incoming::ReplayConflict(m) => {
                view_change::on_replay_conflict(state, config, m, effects);
                self.judge_replays(m, effects);
            }
            Incoming::InstallCertificate(m) => {
                view_change::on_install_certificate(state, config, m, ordered, effects);
            }
            Incoming::ResolutionRequest(m) => {
                view_change::on_resolution_request(state, config, now, m, effects);
            }
            Incoming::ResolutionAnswer(m) => {
                view_change::on_resolution_answer(state, config, m, effects);
            }
            Incoming::ProposalRequest(m) => self.on_proposal_request(m, effects),
            _ => effects.reject(Prime::sender(message), Reject::Premature),
        }
    }

    /// Does what has become possible in the change under way, if one is.
    pub(super) fn advance_change(&mut self, effects: &mut Effects<Prime>) {
        if !self.view_change.is_open() {
            return;
        }
        self.take_broadcasts(effects);
        self.find_proposals();
        let (config, now, executed) = (&self.config, self.now, self.execute.executed());
        let state = &mut self.view_change;
        view_change::make_vc_list(state, config, executed, effects);
        view_change::make_partials(state, config, executed, effects);
        view_change::make_vc_proof(state, config, effects);
        view_change::make_replay(state, config, effects);
        view_change::make_replay_prepare(state, config, effects);
        view_change::make_replay_commit(state, config, executed, effects);
        self.keep_votes();
        let (config, state) = (&self.config, &mut self.view_change);
        view_change::make_requests(state, config, now, executed, effects);
        let ordered = self.order.ordered();
        let ready = view_change::installed(&self.view_change, &self.config, ordered, executed);
        if let Some(install) = ready {
            self.install(&install, effects);
        }
    }

    fn take_broadcasts(&mut self, effects: &mut Effects<Prime>) {
        for init in broadcast::take(&mut self.broadcast) {
            self.on_delivered(&init, effects);
        }
    }

    fn on_delivered(&mut self, init: &Verified<RbInit>, effects: &mut Effects<Prime>) {
        view_change::on_delivered(&mut self.view_change, &self.config, init, effects);
        let behind = match &init.body().payload {
            Payload::Report(report) => report.executed > self.execute.executed(),
            Payload::Entry(_) => false,
        };
        if behind {
            self.catch_up.ask_now(self.now);
        }
        if let Some(proposal) = init.pre_prepare(&self.context) {
            self.sight(&proposal, effects);
        }
    }

    /// Looks for Pre-Prepares that resolutions name among those that this server holds anyway.
    fn find_proposals(&mut self) {
        let executed = self.execute.executed();
        for digest in self.view_change.needed(&self.config) {
            for (seq, _) in self.view_change.lacks(digest, executed).unwrap_or_default() {
                if let Some(proposal) = self.proposal_at(seq) {
                    let state = &mut self.view_change;
                    view_change::on_proposal(state, &self.config, &proposal, executed);
                }
            }
        }
    }

    /// The Pre-Prepare of `seq` that ordering or the archive holds.
    fn proposal_at(&self, seq: Seq) -> Option<Verified<PrePrepare>> {
        self.order.pre_prepare(seq).cloned().or_else(|| self.catch_up.proposal(seq))
    }

    /// First sight of a Pre-Prepare outside of ordering: its rows are for pre-ordering, and what it
    /// makes eligible for reconciliation.
    fn sight(&mut self, proposal: &Verified<PrePrepare>, effects: &mut Effects<Prime>) {
        let matrix = &proposal.body().matrix;
        if matrix.rows.len() != self.config.size() || proposal.body().seq <= self.execute.executed()
        {
            return;
        }
        for (index, row) in proposal.rows(&self.context).enumerate() {
            let own = row.filter(|row| {
                row.signer() == ReplicaId::from_index(index)
                    && row.body().vec.len() == self.config.size()
            });
            if let Some(row) = own {
                pre_order::merge_row(&mut self.pre_order, &self.config, &row, effects);
            }
        }
        let (old, config) = (self.execute.prefix(), &self.config);
        let new = order::eligible(config, matrix, &old);
        let (state, seen) = (&mut self.recon, self.pre_order.to_abstract());
        recon::on_eligible(state, config, shown(&seen), matrix, &old, &new, effects);
    }

    /// A Pre-Prepare arrived; says whether a resolution was waiting for it.
    pub(super) fn on_proposal(
        &mut self,
        message: &Verified<PrePrepare>,
        effects: &mut Effects<Prime>,
    ) -> bool {
        let executed = self.execute.executed();
        let state = &mut self.view_change;
        let wanted = view_change::on_proposal(state, &self.config, message, executed);
        if wanted {
            self.sight(message, effects);
        }
        wanted
    }

    /// Somebody lacks a Pre-Prepare.
    pub(super) fn on_proposal_request(
        &mut self,
        message: &Verified<ProposalRequest>,
        effects: &mut Effects<Prime>,
    ) {
        let elsewhere = self.proposal_at(message.body().seq);
        let (state, config) = (&mut self.view_change, &self.config);
        let elsewhere = elsewhere.as_ref();
        view_change::on_proposal_request(state, config, self.now, message, elsewhere, effects);
    }

    /// Somebody says how far it is: who is behind by a view is shown why.
    pub(super) fn on_progress(
        &mut self,
        message: &Verified<CatchUpRequest>,
        effects: &mut Effects<Prime>,
    ) {
        let said = effects.as_slice().len();
        view_change::serve(&mut self.view_change, &self.config, self.now, message, effects);
        self.show_votes(said, message.signer(), effects);
    }

    /// Installs the view of `install`, which can be.
    fn install(&mut self, install: &InstallCertificate, effects: &mut Effects<Prime>) {
        let view = install.replay.body.constraint.view;
        let start = install.resolution.start_seq();
        let (state, executed) = (&mut self.view_change, self.execute.executed());
        let bound = view_change::finish(state, &self.config, install, executed, effects);
        if self.broadcast.view() < view {
            broadcast::start(&mut self.broadcast, &self.config, view, Vec::new(), effects);
        }
        for proposal in bound.values().flatten() {
            self.sight(proposal, effects);
        }
        order::install(&mut self.order, &self.config, view, start, &bound, effects);
        let (before, matrix) = (self.order.ordered(), self.order.ordered_matrix().clone());
        self.reconcile(before, &matrix, effects);
        // What follows the Replay may be ordered already.
        self.catch_up.ask_now(self.now);
        // What is not covered yet is for the new leader, at once.
        self.pre_order.set_proof_matrix_at(self.now);
        self.execute_ready(effects);
    }

    /// One record of the log, after the other components had it.
    pub(super) fn recover_change(&mut self, record: &Record<Prime>) {
        broadcast::recover(&mut self.broadcast, &self.config, record);
        view_change::recover(&mut self.view_change, &self.config, record);
        self.keep_votes();
        let Record::Promise(Body::InstallCertificate(install)) = record else { return };
        let view = install.replay.body.constraint.view;
        if view <= self.order.view() {
            return;
        }
        order::recount(&mut self.order, &self.config);
        let bound = self.view_change.bound_by(&install.resolution, self.order.ordered());
        let start = install.resolution.start_seq();
        let mut nothing = Effects::default();
        order::install(&mut self.order, &self.config, view, start, &bound, &mut nothing);
        assert!(nothing.as_slice().is_empty(), "nothing new comes of the log");
    }

    /// The log may end within the broadcasts promised at preinstall. What is missing was not sent; it
    /// is made from the same certificates again.
    pub(super) fn mend_broadcasts(&mut self, effects: &mut Effects<Prime>) {
        let view = self.view_change.preinstalled();
        let promised = self.broadcast.promised();
        let first = promised.get(&0).map(|init| &init.payload);
        let Some(Payload::Report(report)) = first.filter(|_| self.view_change.changing()) else {
            return;
        };
        if promised.len() > report.count as usize {
            return;
        }
        order::recount(&mut self.order, &self.config);
        let entries = order::pc_set(&self.order, &self.config, view, report.executed);
        assert_eq!(entries.len(), report.count as usize, "the log says what it said before");
        for (seq, entry) in (1u32..).zip(entries) {
            if !promised.contains_key(&seq) {
                let init = RbInit { view, seq, payload: Payload::Entry(entry) };
                effects.persist(Record::Promise(init.clone().into()));
                self.broadcast.add_promised(init);
            }
        }
    }

    /// The log was read and what it orders was executed.
    pub(super) fn resume_change(&mut self, effects: &mut Effects<Prime>) {
        if self.view_change.changing() {
            broadcast::resume(&mut self.broadcast, &self.config, effects);
            view_change::resume(&mut self.view_change, &self.config, effects);
        }
        self.advance_change(effects);
    }

    /// The timer fired: what may have been lost is said again.
    pub(super) fn speak_change(&mut self, effects: &mut Effects<Prime>) {
        if !self.view_change.is_open() {
            return;
        }
        let (config, now, executed) = (&self.config, self.now, self.execute.executed());
        if self.view_change.changing() {
            broadcast::retransmit(&mut self.broadcast, config, now, effects);
            view_change::retransmit(&mut self.view_change, config, now, effects);
        }
        view_change::make_requests(&mut self.view_change, config, now, executed, effects);
    }

    /// When the change under way wants the timer.
    pub(super) fn change_wake(&self) -> Option<Time> {
        let asked = self.view_change.asks_at();
        let again = self.broadcast.retransmit_at().min(self.view_change.retransmit_at());
        let again = self.view_change.changing().then_some(again);
        again.into_iter().chain(asked).min()
    }
}
