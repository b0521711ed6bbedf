//! A replica: the components joined into one [`Machine`].
//!
//! This is the only module that sees two components at once. It hands each input to the component
//! it is for, executes what has been ordered, and, when its timer fires, lets every component say
//! what it has gathered. It decides nothing by itself.

mod change;
mod monitoring;
mod rejoining;
mod transfer;

use crate::{
    broadcast, catch_up, checkpoint, decode, execute, order, pre_order, recon, rejoin, suspect,
    view_change,
};
use borsh::BorshSerialize;
use std::borrow::Borrow;
use std::sync::Arc;
use wire::auth::Context;
use wire::machine::{Decoder, Status};
use wire::prime::{Commit, Incoming, Matrix, OrderedCertificate, PrePrepare, Prepare, Prime};
use wire::{
    Config, Digest, Effect, Effects, Input, Machine, Memory, PoSeq, Record, Reject, ReplicaId,
    Reply, Seq, Service, Time, Update, Verified, View, fingerprint,
};

/// One server.
pub struct Replica {
    config: Config,
    me: ReplicaId,
    context: Context,
    service: Box<dyn Service>,
    pre_order: pre_order::interface::State,
    order: order::interface::State,
    recon: recon::State,
    execute: execute::State,
    catch_up: catch_up::State,
    suspect: suspect::State,
    checkpoint: checkpoint::State,
    broadcast: broadcast::State,
    view_change: view_change::State,
    rejoin: rejoin::State,
    /// What execution waits for; empty if it does not wait.
    missing: Vec<(ReplicaId, PoSeq)>,
    /// Time of the last input.
    now: Time,
    /// Whether something came in since the timer fired last.
    stirred: bool,
    /// When the timer is wanted although nothing came in.
    wake_at: Option<Time>,
}

impl Replica {
    /// Pre-ordering, for benches and checkers.
    #[must_use]
    pub fn pre_order(&self) -> &pre_order::interface::State {
        &self.pre_order
    }

    /// Ordering, for benches and checkers.
    #[must_use]
    pub fn order(&self) -> &order::interface::State {
        &self.order
    }

    /// Reconciliation, for benches and checkers.
    #[must_use]
    pub fn recon(&self) -> &recon::State {
        &self.recon
    }

    /// Execution, for benches and checkers.
    #[must_use]
    pub fn execute(&self) -> &execute::State {
        &self.execute
    }

    /// Catch-up, for benches and checkers.
    #[must_use]
    pub fn catch_up(&self) -> &catch_up::State {
        &self.catch_up
    }

    /// Checkpoints, for benches and checkers.
    #[must_use]
    pub fn checkpoint(&self) -> &checkpoint::State {
        &self.checkpoint
    }

    /// The configuration it was made with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Everything but the service.
    fn memory(&self) -> impl BorshSerialize + '_ {
        let (pre_order, order) = (self.pre_order.to_abstract(), self.order.to_abstract());
        let (recon, catch_up) = (self.recon.to_abstract(), self.catch_up.to_abstract());
        let (execute, view_change) = (self.execute.to_abstract(), self.view_change.to_abstract());
        let states = (pre_order, order, recon, execute, catch_up);
        let states = (states, self.suspect.to_abstract(), self.checkpoint.to_abstract());
        (states, self.broadcast.to_abstract(), view_change, self.rejoin.to_abstract())
    }

    fn recover(&mut self, record: &Record<Prime>, effects: &mut Effects<Prime>) {
        if self.recover_state(record, effects) {
            return;
        }
        pre_order::recover(&mut self.pre_order, &self.config, record);
        order::recover(&mut self.order, &self.config, record);
        self.recover_change(record);
        if let Some((originator, content)) = recon::recover(&mut self.recon, &self.config, record) {
            let state = &mut self.pre_order;
            pre_order::recover_content(state, &self.config, originator, &content);
        }
        suspect::recover(&mut self.suspect, record);
        self.rejoin.recover(&self.config, record);
    }

    fn start(&mut self, memory: Memory, effects: &mut Effects<Prime>) {
        self.begin_life(memory, effects);
        self.recertify_promised();
        self.mend_broadcasts(effects);
        order::resume(&mut self.order, &self.config, effects);
        self.checkpoint.resume_transfer();
        self.execute_log(effects);
        pre_order::resume(&mut self.pre_order, &self.config, effects);
        self.resume_change(effects);
        self.start_monitoring(effects);
    }

    fn on_update(&mut self, update: &Verified<Update>, effects: &mut Effects<Prime>) {
        let (client, seq) = (update.signer(), update.body().seq);
        match self.execute.answer(client, seq) {
            Some(result) => effects.push(Effect::Reply(Reply { client, seq, result })),
            None if self.rejoin.silent() => effects.reject(None, Reject::Premature),
            None => pre_order::on_update(&mut self.pre_order, &self.config, update, effects),
        }
    }

    fn on_message(&mut self, message: &Incoming, effects: &mut Effects<Prime>) {
        let config = &self.config;
        let (pre_order, order) = (&mut self.pre_order, &mut self.order);
        match message {
            Incoming::PoAru(m) if m.signer() == self.me => self.on_own_row(m, effects),
            Incoming::PoRequest(m) if m.signer() == self.me => self.on_own_request(m, effects),
            Incoming::PoRequest(m) => pre_order::on_po_request(pre_order, config, m, effects),
            Incoming::PoAcks(m) => pre_order::on_po_acks(pre_order, config, m, effects),
            Incoming::PoAru(m) => pre_order::on_po_aru(pre_order, config, m, effects),
            Incoming::PoAruConflict(m) => self.on_row_conflict(m, effects),
            Incoming::PoRequestConflict(m) => {
                pre_order::on_po_request_conflict(pre_order, config, m, effects);
            }
            Incoming::ProofMatrix(m) => pre_order::on_proof_matrix(pre_order, config, m, effects),
            Incoming::PrePrepare(m) => self.on_pre_prepare(m, effects),
            Incoming::Prepare(m) => self.on_prepare(m, effects),
            Incoming::Commit(m) => self.on_commit(m, effects),
            Incoming::PrePrepareConflict(m) => {
                order::on_pre_prepare_conflict(order, config, m, effects);
            }
            Incoming::Recon(m) => {
                let (state, seen) = (&mut self.recon, pre_order.to_abstract());
                if let Some(content) = recon::on_recon(state, config, shown(&seen), m, effects) {
                    let originator = m.body().originator;
                    pre_order::adopt(pre_order, config, originator, &content, effects);
                }
            }
            Incoming::ReconRequest(m) => {
                let (state, seen) = (&mut self.recon, pre_order.to_abstract());
                recon::on_recon_request(state, config, self.now, shown(&seen), m, effects);
            }
            Incoming::CatchUpRequest(m) => {
                self.on_catch_up_request(m, effects);
                self.show_election(m.signer(), m.body().view, effects);
                self.on_progress(m, effects);
                self.show_row(m, effects);
            }
            Incoming::OrderedCertificate(m) => self.on_ordered_certificate(m, effects),
            Incoming::Checkpoint(m) => self.on_checkpoint(m, effects),
            Incoming::CheckpointProof(m) => self.on_checkpoint_proof(m, effects),
            Incoming::StateRequest(m) => {
                let state = &mut self.checkpoint;
                checkpoint::on_state_request(state, config, self.now, m, effects);
            }
            Incoming::StateChunk(m) => self.on_state_chunk(m, effects),
            Incoming::RttPing(_)
            | Incoming::RttPong(_)
            | Incoming::RttMeasure(_)
            | Incoming::TatUb(_)
            | Incoming::TatMeasure(_)
            | Incoming::NewLeader(_)
            | Incoming::NewLeaderProof(_) => self.on_monitoring(message, effects),
            Incoming::RbInit(_)
            | Incoming::RbEcho(_)
            | Incoming::RbReady(_)
            | Incoming::RbRequest(_)
            | Incoming::VcList(_)
            | Incoming::VcPartialSig(_)
            | Incoming::VcProof(_)
            | Incoming::Replay(_)
            | Incoming::ReplayPrepare(_)
            | Incoming::ReplayCommit(_)
            | Incoming::ReplayConflict(_)
            | Incoming::InstallCertificate(_)
            | Incoming::ResolutionRequest(_)
            | Incoming::ResolutionAnswer(_)
            | Incoming::ProposalRequest(_) => self.on_change(message, effects),
        }
    }

    fn on_ordered_certificate(
        &mut self,
        message: &Verified<OrderedCertificate>,
        effects: &mut Effects<Prime>,
    ) {
        let before = self.order.ordered();
        order::on_ordered_certificate(&mut self.order, &self.config, message, effects);
        if self.order.ordered() > before {
            self.catch_up.follow(self.now, self.order.ordered());
        }
    }

    /// A Pre-Prepare is for three components: its rows for pre-ordering, itself for ordering, and,
    /// at first sight, what it makes eligible for reconciliation.
    fn on_pre_prepare(&mut self, message: &Verified<PrePrepare>, effects: &mut Effects<Prime>) {
        if self.on_proposal(message, effects) {
            return;
        }
        self.look_beyond(message.body().view, message.body().seq);
        let fresh = self.order.digest_at(message.body().seq) != Some(message.digest());
        let next = self.order.accepted().next();
        let acceptable = message.body().seq == next || self.order.digest_at(next).is_some();
        let old_matrix =
            if acceptable { self.order.preceding().clone() } else { Matrix::default() };
        let before = self.order.accepted();
        order::on_pre_prepare(&mut self.order, &self.config, message, effects);
        let rows = message.body().matrix.rows.iter();
        let mut rows = rows.zip(0..).filter_map(|(row, index)| Some((row.as_ref()?, index)));
        let whole = rows.all(|(row, index)| {
            row.signer == ReplicaId::from_index(index) && row.body.vec.len() == self.config.size()
        });
        if fresh && whole {
            for row in message.rows(&self.context).flatten() {
                pre_order::merge_row(&mut self.pre_order, &self.config, &row, effects);
            }
        }
        // Also of a Pre-Prepare that is no news: an earlier one may have waited for a token.
        self.reconcile(before, &old_matrix, effects);
    }

    fn on_prepare(&mut self, message: &Verified<Prepare>, effects: &mut Effects<Prime>) {
        order::on_prepare(&mut self.order, &self.config, message, effects);
        self.look_beyond(message.body().view, message.body().seq);
    }

    fn on_commit(&mut self, message: &Verified<Commit>, effects: &mut Effects<Prime>) {
        order::on_commit(&mut self.order, &self.config, message, effects);
        self.look_beyond(message.body().view, message.body().seq);
    }

    /// Something came about a number: if that is out of reach although its view is installed, this
    /// server may have fallen behind.
    fn look_beyond(&mut self, view: View, seq: Seq) {
        if view == self.order.view() && seq > self.order.horizon(&self.config) {
            self.catch_up.ask_soon(&self.config);
        }
    }

    /// What the leader sent too fast may be accepted by and by.
    fn accept_delayed(&mut self, effects: &mut Effects<Prime>) {
        let before = self.order.accepted();
        if self.order.digest_at(before.next()).is_none() {
            return;
        }
        let old_matrix = self.order.preceding().clone();
        order::accept(&mut self.order, &self.config, effects);
        if self.order.accepted() > before {
            self.reconcile(before, &old_matrix, effects);
            self.execute_ready(effects);
        }
    }

    /// Reconciliation at first sight of each number above `before` that has become acceptable,
    /// one number at a time: who sends depends on the number's own matrix.
    fn reconcile(&mut self, before: Seq, preceding: &Matrix, effects: &mut Effects<Prime>) {
        let config = &self.config;
        let nothing = vec![PoSeq(0); config.size()];
        let mut old = order::eligible(config, preceding, &nothing);
        let seen = self.pre_order.to_abstract();
        for seq in (before.next().0..=self.order.accepted().0).map(Seq) {
            let Some(proposal) = self.order.pre_prepare(seq) else { continue };
            let matrix = &proposal.body().matrix;
            let new = order::eligible(config, matrix, &old);
            let state = &mut self.recon;
            recon::on_eligible(state, config, shown(&seen), matrix, &old, &new, effects);
            old = new;
        }
    }

    /// Executes every ordered number whose content is all here, in order.
    fn execute_ready(&mut self, effects: &mut Effects<Prime>) {
        self.missing.clear();
        self.keep_certificates();
        while self.execute.executed() < self.order.ordered() {
            let seq = self.execute.executed().next();
            let prefix = self.execute.prefix();
            let mut new = newly_eligible(&self.config, self.order.bound_to(seq), &prefix);
            self.certify_own(&new);
            let mut contents = Vec::new();
            for (originator, number) in execute::order_of(&prefix, &new) {
                match self.pre_order.content_of(originator, number) {
                    Some(content) => contents.push((originator, content)),
                    None => self.missing.push((originator, number)),
                }
            }
            if !self.missing.is_empty() {
                self.look_ahead(seq, new);
                return;
            }
            for (originator, content) in contents {
                let (state, service) = (&mut self.execute, self.service.as_mut());
                execute::apply_request(state, &self.config, service, &content, effects);
                recon::retire(&mut self.recon, originator, &content);
            }
            let executed = new.clone();
            if let Some(proposal) = self.order.bound_to(seq).cloned() {
                let (view, matrix) = (proposal.body().view, proposal.body().matrix.clone());
                let preceding = self.checkpoint.follow(matrix);
                let matrices = (&preceding, self.checkpoint.preceding());
                rejoin::skip(&self.config, matrices.0, matrices.1, &mut new);
                self.rejoin.executed(&self.config, view, matrices, &new);
                self.begin_chains(&preceding, &proposal);
            }
            execute::finish_number(&mut self.execute, &self.config, seq, &new);
            self.retire(&executed, &new, effects);
            order::retire(&mut self.order, seq);
            self.take_checkpoint(effects);
        }
    }

    /// Executes what the log has. Promised rows say that their contents were certified, but beyond
    /// numbers that a life passes over they say it only once that is executed. To be called before
    /// any message is taken: what is in a slot then came from the log.
    fn execute_log(&mut self, effects: &mut Effects<Prime>) {
        loop {
            let before = self.execute.executed();
            self.execute_ready(effects);
            if self.execute.executed() == before {
                return;
            }
            self.recertify_promised();
        }
    }

    /// Adds what the numbers ordered after the blocked one lack, so that all is asked for at once, as far as
    /// it would be kept: what is refused as beyond the window could be asked for again only a period after
    /// it is within. `prefix` is that after the blocked one, but for what lives pass over with it.
    fn look_ahead(&mut self, blocked: Seq, mut prefix: Vec<PoSeq>) {
        let config = &self.config;
        let beyond = |at: &PoSeq| PoSeq(at.0.saturating_add(config.windows.preorder));
        let upto: Vec<_> = self.execute.prefix().iter().map(beyond).collect();
        let mut preceding = self.checkpoint.preceding();
        for seq in (blocked.0..=self.order.ordered().0).map(Seq) {
            if self.missing.len() >= recon::MAX_WANTED {
                return;
            }
            let proposal = self.order.bound_to(seq);
            let mut new = newly_eligible(config, proposal, &prefix);
            for (originator, number) in execute::order_of(&prefix, &new) {
                let kept = number <= upto[originator.index()];
                if kept && self.pre_order.content_of(originator, number).is_none() {
                    self.missing.push((originator, number));
                }
            }
            if let Some(proposal) = proposal {
                rejoin::skip(config, preceding, &proposal.body().matrix, &mut new);
                preceding = &proposal.body().matrix;
            }
            prefix = new;
        }
    }

    /// Certificates of newly ordered numbers go to the archive, executed or not: others may need
    /// them before we can execute.
    fn keep_certificates(&mut self) {
        let retired = self.order.retired();
        let mut seq = self.catch_up.kept().unwrap_or(retired).max(retired).next();
        while seq <= self.order.ordered() {
            catch_up::keep(&mut self.catch_up, seq, &self.order.ordered_slot(seq));
            seq = seq.next();
        }
    }

    /// The timer fired: everybody says what has been gathered.
    fn speak(&mut self, effects: &mut Effects<Prime>) {
        let (config, now) = (&self.config, self.now);
        let (pre_order, order) = (&mut self.pre_order, &mut self.order);
        pre_order::make_po_request(pre_order, config, now, effects);
        pre_order::make_po_acks(pre_order, config, effects);
        pre_order::make_po_aru(pre_order, config, now, effects);
        if config.leader_of(order.view()) == self.me {
            let seen = pre_order.to_abstract();
            order::make_pre_prepare(order, config, now, shown(&seen), effects);
        }
        self.remind_leader(effects);
        let (config, state, seen) = (&self.config, &mut self.catch_up, self.order.to_abstract());
        catch_up::make_catch_up_request(state, config, now, shown(&seen), effects);
        if !self.missing.is_empty() {
            recon::request_missing(&mut self.recon, config, now, &self.missing, effects);
        }
        self.tick_monitoring(effects);
        self.fetch_state(effects);
        self.speak_change(effects);
        self.speak_life(effects);
        self.say_again(effects);
        self.stirred = false;
        self.wake_at = self.next_wake();
    }

    /// Says again what may be lost. After all else, for it may be more than an uplink takes: what asks for
    /// an answer that makes it needless must not be what is dropped, each time anew.
    fn say_again(&mut self, effects: &mut Effects<Prime>) {
        let (config, now) = (&self.config, self.now);
        let (pre_order, order) = (&mut self.pre_order, &mut self.order);
        if pre_order.is_busy() || order.is_busy() {
            pre_order::retransmit(pre_order, config, now, effects);
            order::retransmit(order, config, now, effects);
        } else {
            pre_order.set_retransmit_at(now.after(config.timing.retransmit));
            order.set_retransmit_at(now.after(config.timing.retransmit));
        }
    }

    fn next_wake(&self) -> Option<Time> {
        let (pre_order, order) = (&self.pre_order, &self.order);
        let mut wake = self.catch_up.request_at();
        let mut at = |wanted: bool, time: Time| {
            if wanted && time > self.now {
                wake = wake.min(time);
            }
        };
        at(pre_order.has_pending(), pre_order.next_request_at());
        at(pre_order.has_unsent_aru(), pre_order.next_aru_at());
        let leads = self.config.leader_of(order.view()) == self.me;
        at(
            leads && pre_order::has_news(pre_order, &self.config, order.proposal()),
            order.next_pre_prepare_at(),
        );
        let asks = pre_order.proof_matrix_at();
        at(asks.is_some(), asks.unwrap_or_default());
        let again = pre_order.retransmit_at().min(order.retransmit_at());
        at(pre_order.is_busy() || order.is_busy(), again);
        at(self.suspect.wake_at().is_some(), self.suspect.wake_at().unwrap_or_default());
        at(order.is_waiting(), self.catch_up.said_at().after(self.config.timing.retransmit));
        at(self.transfer_at().is_some(), self.transfer_at().unwrap_or_default());
        at(self.change_wake().is_some(), self.change_wake().unwrap_or_default());
        let token = order.filled_at().after(order::interval(&self.config));
        at(order.delayed(), token);
        let life = self.life_at();
        at(life.is_some(), life.unwrap_or_default());
        at(!self.missing.is_empty(), self.now.after(self.config.timing.retransmit / 4));
        Some(wake.max(self.now.after(1)))
    }
}

/// The prefix after a number that is ordered: a no-op leaves it as it is.
fn newly_eligible(
    config: &Config,
    proposal: Option<&Verified<PrePrepare>>,
    prefix: &[PoSeq],
) -> Vec<PoSeq> {
    proposal.map_or_else(
        || prefix.to_vec(),
        |proposal| order::eligible(config, &proposal.body().matrix, prefix),
    )
}

/// An abstract state as other components see it: what stands there, or what a version made of its own.
fn shown<T>(state: &impl Borrow<T>) -> &T {
    state.borrow()
}

impl Machine for Replica {
    type Protocol = Prime;

    fn new(config: &Config, me: ReplicaId, service: Box<dyn Service>) -> Self {
        config.check().expect("the host checks the configuration");
        Self {
            config: config.clone(),
            me,
            context: Context::from(config),
            service,
            pre_order: pre_order::interface::State::new(config, me),
            order: order::interface::State::new(config, me),
            recon: recon::State::new(config, me),
            execute: execute::State::new(config),
            catch_up: catch_up::State::new(config, me),
            suspect: suspect::State::new(config, me),
            checkpoint: checkpoint::State::new(config, me),
            broadcast: broadcast::State::new(config, me),
            view_change: view_change::State::new(config, me),
            rejoin: rejoin::State::new(config, me),
            missing: Vec::new(),
            now: Time(0),
            stirred: true,
            wake_at: None,
        }
    }

    fn decoder(&self) -> Decoder<Prime> {
        let config = self.config.clone();
        Arc::new(move |bytes| {
            let message = decode::message(bytes)?;
            decode::shape(&config, &message)?;
            Ok(message)
        })
    }

    fn step(&mut self, now: Time, input: Input<Prime>, effects: &mut Effects<Prime>) {
        assert!(now >= self.now, "the host's clock is monotone");
        self.now = now;
        self.stirred |= !matches!(input, Input::Persisted(_));
        let seen = self.see();
        order::refill(&mut self.order, &self.config, now);
        let before = effects.as_slice().len();
        let live = !matches!(input, Input::Recovered(_));
        match input {
            Input::Recovered(record) => self.recover(&record, effects),
            Input::Start(memory) => self.start(memory, effects),
            Input::Message(message) => {
                self.on_message(&message, effects);
                self.execute_ready(effects);
                self.advance_change(effects);
            }
            Input::Update(update) => self.on_update(&update, effects),
            // Nothing waits for the disk here: the host holds back what must wait.
            Input::Persisted(_) => {}
            Input::Timer => {
                self.accept_delayed(effects);
                self.speak(effects);
            }
        }
        self.pardon(before, effects);
        self.monitor(&seen, effects);
        self.rejoin(before, effects);
        if live {
            self.keep_log(before, effects);
        }
    }

    fn deadline(&self) -> Option<Time> {
        if self.stirred { Some(self.now) } else { self.wake_at }
    }

    fn status(&self) -> Status {
        Status {
            view: self.order.view().0,
            preinstalled: self.suspect.view().max(self.order.preinstalled()).0,
            suspects: self.suspect.suspects(),
            recovering: self.recovering(),
            silent: self.rejoin.silent(),
            executed: self.execute.executed().0,
            updates: self.execute.index(),
            blacklisted: self.blacklisted(),
            held: borsh::object_length(&self.memory()).expect("states have lengths") as u64,
        }
    }

    fn replicated(&self) -> Digest {
        fingerprint::of_value(
            "patchy replicated 3",
            &(self.execute.to_abstract(), self.service.digest()),
        )
    }

    fn fork(&self) -> Self {
        Self {
            config: self.config.clone(),
            me: self.me,
            context: self.context.clone(),
            service: self.service.fork(),
            pre_order: self.pre_order.clone(),
            order: self.order.clone(),
            recon: self.recon.clone(),
            execute: self.execute.clone(),
            catch_up: self.catch_up.clone(),
            suspect: self.suspect.clone(),
            checkpoint: self.checkpoint.clone(),
            broadcast: self.broadcast.clone(),
            view_change: self.view_change.clone(),
            rejoin: self.rejoin.clone(),
            missing: self.missing.clone(),
            ..*self
        }
    }

    fn digest(&self) -> Digest {
        Digest::of_value("patchy prime state 1", &(self.memory(), self.service.digest()))
    }

    fn snapshot(&self) -> Vec<u8> {
        self.encode_state()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.restore_unproven(snapshot)
    }
}

/// Counted like a peer's fault, where a host hands over what it should have refused.
#[must_use]
pub fn reject_of(error: wire::AuthError) -> Reject {
    match error {
        wire::AuthError::Path => Reject::Malformed,
        wire::AuthError::Signature | wire::AuthError::Point => Reject::Unauthentic,
    }
}
