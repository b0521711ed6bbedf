//! Where [`rejoin`] meets the other components: a server that lost its log, and what others do for it.

use super::Replica;
use crate::pre_order;
use crate::rejoin;
use std::collections::BTreeSet;
use wire::machine::Memory;
use wire::prime::{
    Body, CatchUpRequest, Incoming, LIFE, Matrix, PoAru, PoAruConflict, PoRequest, PrePrepare,
    Prime, ProofMatrix,
};
use wire::{
    Effect, Effects, List, PoSeq, Record, Reject, ReplicaId, Seq, Time, To, Update, Verified,
};

impl Replica {
    /// What concerns lost logs, for benches and checkers.
    #[must_use]
    pub fn rejoining(&self) -> &rejoin::State {
        &self.rejoin
    }

    /// At the start, before anything else.
    pub(super) fn begin_life(&mut self, memory: Memory, effects: &mut Effects<Prime>) {
        let me = self.me.index();
        match memory {
            Memory::Whole => {
                let known = (self.pre_order.sent_aru()[me], &self.checkpoint.journal());
                self.rejoin.resume(&self.config, self.now, known, effects);
            }
            Memory::Lost { nonce } => {
                assert!(self.checkpoint.journal().0.is_empty(), "a lost log has no records");
                self.rejoin.lose(&self.config, self.now, nonce, effects);
            }
        }
        self.recertify(None, effects);
    }

    /// At the end of a step, whose effects are those from place `before` on: an amnesiac takes part
    /// again, or what it may not say is held back.
    pub(super) fn rejoin(&mut self, before: usize, effects: &mut Effects<Prime>) {
        let settled = self.order.votes() && !self.view_change.changing();
        if settled && self.rejoin.silent() {
            let reached = (self.order.view(), self.execute.executed());
            self.rejoin.try_open(&self.config, reached, !self.lacks_certificate(), effects);
        }
        if self.rejoin.open().is_some() {
            self.rejoin.vouch(&self.config, &self.pre_order.aru(), effects);
        }
        let (state, lacking) = (&self.rejoin, self.lacks_certificate());
        effects.screen(before, |effect| match effect {
            Effect::Send { body, .. } => state.may_say(body, lacking),
            Effect::Persist { .. }
            | Effect::Rewrite { .. }
            | Effect::Relay { .. }
            | Effect::Reply(_)
            | Effect::Executed { .. }
            | Effect::Restored { .. }
            | Effect::Reject { .. } => true,
        });
    }

    /// Before anything judges by the blacklist in this step, whose effects are those from place `before`
    /// on: whoever is in a new life is not held to rows of an earlier one.
    pub(super) fn pardon(&mut self, before: usize, effects: &mut Effects<Prime>) {
        let pre_order = &mut self.pre_order;
        for id in self.rejoin.pardons(&self.config, self.now) {
            pre_order.pardon(id);
        }
        let state = &self.rejoin;
        effects.screen(before, |effect| {
            let Effect::Send { body: Body::PoAruConflict(proof), .. } = effect else { return true };
            let void = state.void(proof);
            if void {
                pre_order.pardon(proof.first.signer);
            }
            !void
        });
    }

    /// Takes a proof against a server, unless it goes back to before its life.
    pub(super) fn on_row_conflict(
        &mut self,
        proof: &Verified<PoAruConflict>,
        effects: &mut Effects<Prime>,
    ) {
        self.rejoin.found_in(self.me, proof.body());
        if self.rejoin.void(proof.body()) {
            effects.reject(proof.signer(), Reject::Stale);
        } else {
            pre_order::on_po_aru_conflict(&mut self.pre_order, &self.config, proof, effects);
        }
    }

    /// `proposal`, which followed `preceding`, was executed. Of a server that lost its log its own row is
    /// the beginning of a new chain: an old one that is held does not stand in its way.
    pub(super) fn begin_chains(&mut self, preceding: &Matrix, proposal: &Verified<PrePrepare>) {
        let matrix = &proposal.body().matrix;
        let lost = rejoin::born_of_loss(&self.config, preceding, matrix);
        if lost.is_empty() {
            return;
        }
        for row in proposal.rows(&self.context).flatten().filter(|row| lost.contains(&row.signer()))
        {
            self.pre_order.begin_chain(row);
        }
    }

    /// Certifies what promised rows in the log say was certified here. To be called before any message
    /// is taken: what is in a slot then came from the log.
    pub(super) fn recertify_promised(&mut self) {
        let entries = self.pre_order.retired().into_iter().zip(self.pre_order.sent_aru());
        let told = entries
            .zip(self.config.replicas())
            .map(|((retired, entry), id)| self.rejoin.believed(id, retired, *entry))
            .collect();
        self.pre_order.recover_told(&self.config, told);
    }

    /// Whether the next Report could not name the Replay of the installed view.
    fn lacks_certificate(&self) -> bool {
        self.view_change.certified() < self.order.view()
    }

    /// A row of one's own came in: on its way through the network, or back from somebody who holds it.
    pub(super) fn on_own_row(&mut self, row: &Verified<PoAru>, effects: &mut Effects<Prime>) {
        self.rejoin.found(&row.body().vec);
        pre_order::on_po_aru(&mut self.pre_order, &self.config, row, effects);
    }

    /// Somebody has executed nothing: it is new, or it lost its log and should know its own last row.
    pub(super) fn show_row(
        &mut self,
        message: &Verified<CatchUpRequest>,
        effects: &mut Effects<Prime>,
    ) {
        let peer = message.signer();
        if message.body().executed > Seq(0) || peer == self.me {
            return;
        }
        if let Some(row) = self.pre_order.row(peer) {
            effects.push(Effect::Relay { to: To::One(peer), message: row.clone().into() });
        }
    }

    /// Keeps the votes of a Replay certificate made in the change under way.
    pub(super) fn keep_votes(&mut self) {
        let view = self.view_change.certified();
        if view != self.view_change.preinstalled() || !self.rejoin.votes(view).is_empty() {
            return;
        }
        if let Some(votes) = self.view_change.prepares(&self.config) {
            self.rejoin.keep(votes);
        }
    }

    /// Whoever was just shown an install certificate gets the votes for its Replay as well: without
    /// them one that lost its log could not name that Replay in a Report.
    #[expect(clippy::wildcard_enum_match_arm, reason = "one effect is looked for")]
    pub(super) fn show_votes(
        &mut self,
        said: usize,
        peer: ReplicaId,
        effects: &mut Effects<Prime>,
    ) {
        let shown = effects.as_slice().iter().skip(said).find_map(|effect| match effect {
            Effect::Send { body: Body::InstallCertificate(install), .. } => {
                Some(install.replay.body.constraint.view)
            }
            _ => None,
        });
        for vote in shown.map(|view| self.rejoin.votes(view)).unwrap_or_default() {
            effects.push(Effect::Relay { to: To::One(peer), message: vote.clone().into() });
        }
    }

    /// Takes a Replay-Prepare that a certificate lacks; says whether `message` was one.
    pub(super) fn on_vote_wanted(
        &mut self,
        message: &Incoming,
        effects: &mut Effects<Prime>,
    ) -> bool {
        let Incoming::ReplayPrepare(vote) = message else { return false };
        let wanted = self.rejoin.silent()
            && self.lacks_certificate()
            && vote.body().view == self.order.view();
        if wanted {
            self.recertify(Some(vote), effects);
        }
        wanted
    }

    /// Makes the Replay certificate of the installed view from votes that were handed over, if they
    /// are enough; logs them if they are new.
    fn recertify(
        &mut self,
        vote: Option<&Verified<wire::prime::ReplayPrepare>>,
        effects: &mut Effects<Prime>,
    ) {
        if !self.lacks_certificate() {
            return;
        }
        let Some(install) = self.view_change.install_of(self.order.view()) else { return };
        let Some(certificate) = self.rejoin.collect(&self.config, install, vote) else { return };
        if vote.is_some() {
            for vote in self.rejoin.votes(self.order.view()) {
                effects.persist(Record::Held(vote.clone().into()));
            }
        }
        self.view_change.set_certificate(certificate);
    }

    /// When the timer fires: a life is announced, or said again until it is ordered.
    pub(super) fn speak_life(&mut self, effects: &mut Effects<Prime>) {
        self.find_own_rows();
        let (config, now, me) = (&self.config, self.now, self.me.index());
        let ordered = self.checkpoint.preceding().acknowledged(self.me, self.me);
        let sent = (self.pre_order.sent_aru(), ordered);
        let row = self.rejoin.announce(config, now, sent);
        let row = row.or_else(|| self.renewed(ordered));
        let Some(row) = row else { return };
        let vec = List::new(row.clone()).expect("n is at most MAX_REPLICAS");
        if row == self.pre_order.sent_aru() && row[me] > ordered {
            effects.send(To::Others, PoAru { vec });
        } else {
            self.pre_order.set_sent_aru(row);
            effects.promise(To::All, PoAru { vec });
        }
        // Nothing need be eligible for a leader to cover a row that it was shown.
        let leader = self.config.leader_of(self.order.view());
        let matrix = pre_order::last_matrix(&self.pre_order);
        effects.send(To::One(leader), ProofMatrix { matrix });
    }

    /// A row with another life, if one's own numbers are to be passed over; the last one, if that is not
    /// ordered yet.
    fn renewed(&mut self, ordered: PoSeq) -> Option<Vec<PoSeq>> {
        let (own, me) = (self.own(ordered), self.me.index());
        if !self.rejoin.renews(&self.config, self.now, own) {
            return None;
        }
        let mut row = self.pre_order.sent_aru().to_vec();
        if !own.announced {
            row[me] = PoSeq((row[me].max(LIFE).0 | 1).saturating_add(2));
        }
        Some(row)
    }

    /// How one's own numbers stand; `ordered` is the own entry in the last matrix executed.
    fn own(&self, ordered: PoSeq) -> rejoin::Own {
        let executed = self.execute.executed_of(self.me);
        let idle = !self.pre_order.has_pending() && self.pre_order.last_own() <= executed;
        let life = self.pre_order.sent_aru()[self.me.index()];
        rejoin::Own { executed, idle, announced: life > ordered && life >= LIFE }
    }

    /// One's own rows that others carry in their matrices.
    fn find_own_rows(&mut self) {
        if !self.rejoin.silent() {
            return;
        }
        let me = self.me.index();
        let matrices = self.pre_order.proof_matrices().into_iter();
        let matrices = matrices.chain([self.checkpoint.preceding(), self.order.preceding()]);
        let rows = matrices.filter_map(|matrix| matrix.rows.get(me)?.as_ref());
        for row in rows.map(|row| &row.body.vec) {
            self.rejoin.found(row);
        }
        if let Some(row) = self.pre_order.row(self.me) {
            self.rejoin.found(&row.body().vec);
        }
    }

    /// What others made eligible of one's own, up to `new`, is certified. With a life in its row a server
    /// does not say which acknowledgements it lacks, so they may never come again.
    pub(super) fn certify_own(&mut self, new: &[PoSeq]) {
        let me = self.me.index();
        let (executed, upto) = (self.execute.executed_of(self.me), new[me]);
        if self.pre_order.sent_aru()[me] < LIFE || upto <= executed {
            return;
        }
        self.pre_order.certify_own(executed, upto);
        pre_order::advance_aru(&mut self.pre_order, &self.config, self.me);
    }

    /// Numbers up to `passed` are over; those above `executed` were not executed, but passed over. What this
    /// server had originated there it originates again, and what clients asked of it goes on waiting though it
    /// stands there, whoever put it there: only what is executed is done.
    pub(super) fn retire(
        &mut self,
        executed: &[PoSeq],
        passed: &[PoSeq],
        effects: &mut Effects<Prime>,
    ) {
        let me = self.me.index();
        let again = match executed == passed {
            true => Vec::new(),
            false => {
                [self.passed_over(executed[me], passed[me]), self.pre_order.pending()].concat()
            }
        };
        pre_order::retire(&mut self.pre_order, &self.config, passed);
        self.pass_own(passed[me]);
        self.originate_again(&again, effects);
    }

    /// Takes those of `updates` again that are neither executed nor waiting.
    pub(super) fn originate_again(
        &mut self,
        updates: &[Verified<Update>],
        effects: &mut Effects<Prime>,
    ) {
        if updates.is_empty() {
            return;
        }
        let key = |update: &Verified<Update>| (update.signer(), update.body().seq);
        let mut waiting: BTreeSet<_> = self.pre_order.pending().iter().map(key).collect();
        for update in updates {
            if waiting.insert(key(update)) && !self.executed(update) {
                self.on_update(update, effects);
            }
        }
    }

    /// Own updates in numbers above `executed` and up to `passed`, which a life passes over.
    pub(super) fn passed_over(&self, executed: PoSeq, passed: PoSeq) -> Vec<Verified<Update>> {
        if passed <= executed {
            return Vec::new();
        }
        let requests = self.pre_order.own_requests(executed, passed).into_iter();
        requests.flat_map(|request| request.updates(&self.context)).collect()
    }

    /// A PO-Request of one's own came back under a number that was passed over meanwhile.
    pub(super) fn on_own_request(
        &mut self,
        request: &Verified<PoRequest>,
        effects: &mut Effects<Prime>,
    ) {
        let me = self.me.index();
        let over = request.body().seq <= self.pre_order.retired()[me];
        pre_order::on_po_request(&mut self.pre_order, &self.config, request, effects);
        if over && self.pre_order.sent_aru()[me] >= LIFE {
            let updates = request.updates(&self.context);
            let again: Vec<_> = updates.filter(|update| !self.executed(update)).collect();
            for update in &again {
                self.on_update(update, effects);
            }
        }
    }

    fn executed(&self, update: &Verified<Update>) -> bool {
        self.execute.answer(update.signer(), update.body().seq).is_some()
    }

    /// One's own numbers up to `executed` are over: executed, or passed over with a life. An update that
    /// stood in one of them may be originated again.
    pub(super) fn pass_own(&mut self, executed: PoSeq) {
        self.pre_order.pass_own(executed);
    }

    /// Whether this server lost its log and does not take part in everything yet.
    pub(super) fn recovering(&self) -> bool {
        let reached = (self.order.view(), self.execute.executed());
        self.rejoin.recovering(&self.config, reached, &self.execute.prefix())
    }

    /// When a life wants the timer.
    pub(super) fn life_at(&self) -> Option<Time> {
        let ordered = self.checkpoint.preceding().acknowledged(self.me, self.me);
        self.rejoin.wake_at(&self.config, self.own(ordered))
    }
}
