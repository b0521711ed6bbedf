//! Checkpoints joined to the rest: states are encoded, adopted and forgotten here.

use super::Replica;
use crate::checkpoint::{Contents, Mark, vectors};
use crate::{catch_up, checkpoint, execute, order, pre_order, recon, view_change};
use wire::machine::Record;
use wire::merkle::Path;
use wire::prime::{
    CatchUpRequest, Checkpoint, CheckpointProof, Matrix, PoAru, Prime, StateChunk, StateId,
};
use wire::{
    Auth, Effect, Effects, List, Reject, ReplicaId, Seq, Signature, Signed, Time, Verified, codec,
};

impl Replica {
    /// The canonical encoding of the replicated state.
    pub(super) fn encode_state(&self) -> Vec<u8> {
        let config = &self.config;
        codec::encode_long(&Contents {
            cluster: config.cluster,
            epoch: config.epoch,
            membership: (config.n, config.f, config.k),
            seq: self.execute.executed(),
            preceding: vectors(self.checkpoint.preceding()),
            tables: execute::snapshot(&self.execute),
            service: self.service.snapshot(),
        })
    }

    /// A number was executed: it may be time for a checkpoint.
    pub(super) fn take_checkpoint(&mut self, effects: &mut Effects<Prime>) {
        let seq = self.execute.executed();
        if !checkpoint::is_due(&self.config, seq) {
            return;
        }
        let bytes = self.encode_state();
        let (state, prefix) = (&mut self.checkpoint, self.execute.prefix());
        checkpoint::take(state, &self.config, self.now, seq, bytes, &prefix, effects);
        self.settle(effects);
    }

    /// What became stable is forgotten by all components.
    fn settle(&mut self, effects: &mut Effects<Prime>) {
        let before = self.checkpoint.floor();
        checkpoint::settle(&mut self.checkpoint, &self.config, self.now, effects);
        let floor = self.checkpoint.floor();
        if floor <= before {
            return;
        }
        if let Some(prefix) = self.checkpoint.floor_prefix() {
            catch_up::forget(&mut self.catch_up, floor);
            recon::forget(&mut self.recon, &prefix);
            view_change::retire(&mut self.view_change, floor);
        }
    }

    pub(super) fn on_checkpoint(
        &mut self,
        message: &Verified<Checkpoint>,
        effects: &mut Effects<Prime>,
    ) {
        let state = &mut self.checkpoint;
        let (seq, peer) = (message.body().state.seq, message.signer());
        if seq <= state.stable() {
            // It may have missed what made that stable.
            checkpoint::make_checkpoint_proof(state, &self.config, self.now, peer, effects);
        }
        let vouched = checkpoint::on_checkpoint(state, &self.config, message, effects);
        let ahead = seq.0.saturating_sub(self.execute.executed().0);
        if vouched && ahead > self.config.windows.checkpoint {
            // A correct server is an interval ahead: say at once how far we are.
            self.catch_up.ask_now(self.now);
        }
        self.settle(effects);
    }

    /// Whoever lacks what was forgotten is shown a state, everybody else certificates.
    pub(super) fn on_catch_up_request(
        &mut self,
        message: &Verified<CatchUpRequest>,
        effects: &mut Effects<Prime>,
    ) {
        let (config, now) = (&self.config, self.now);
        if message.body().executed < self.checkpoint.floor() {
            let (state, peer) = (&mut self.checkpoint, message.signer());
            return checkpoint::make_checkpoint_proof(state, config, now, peer, effects);
        }
        catch_up::on_catch_up_request(&mut self.catch_up, config, now, message, effects);
    }

    pub(super) fn on_checkpoint_proof(
        &mut self,
        message: &Verified<CheckpointProof>,
        effects: &mut Effects<Prime>,
    ) {
        for row in message.rows(&self.context).flatten() {
            let index = row.signer().index();
            let in_place = message.body().preceding.rows.get(index).is_some_and(Option::is_some);
            if in_place && row.body().vec.len() == self.config.size() {
                pre_order::merge_row(&mut self.pre_order, &self.config, &row, effects);
            }
        }
        let (state, executed) = (&mut self.checkpoint, self.execute.executed());
        let (config, now) = (&self.config, self.now);
        checkpoint::on_checkpoint_proof(state, config, now, executed, message, effects);
        self.settle(effects);
        self.adopt_when_complete(effects);
    }

    pub(super) fn on_state_chunk(
        &mut self,
        message: &Verified<StateChunk>,
        effects: &mut Effects<Prime>,
    ) {
        let (state, config, now) = (&mut self.checkpoint, &self.config, self.now);
        checkpoint::on_state_chunk(state, config, now, message, effects);
        checkpoint::make_state_requests(state, config, now, self.execute.executed(), effects);
        self.adopt_when_complete(effects);
    }

    /// The timer's share: votes and requests go out again.
    pub(super) fn fetch_state(&mut self, effects: &mut Effects<Prime>) {
        let (state, config, now) = (&mut self.checkpoint, &self.config, self.now);
        checkpoint::make_checkpoint(state, config, now, effects);
        checkpoint::make_state_requests(state, config, now, self.execute.executed(), effects);
    }

    /// When the timer is wanted for checkpoints.
    pub(super) fn transfer_at(&self) -> Option<Time> {
        self.checkpoint.wake_at(&self.config)
    }

    /// Adopts the state being fetched, if it is all here.
    fn adopt_when_complete(&mut self, effects: &mut Effects<Prime>) {
        let Some(name) = self.checkpoint.fetching() else { return };
        if name.seq <= self.execute.executed() {
            self.checkpoint.drop_transfer();
            return;
        }
        let Some(bytes) = self.checkpoint.fetched() else { return };
        let Ok((contents, tables)) = checkpoint::open(&self.config, name.seq, &bytes) else {
            // More than f servers vouched for nonsense.
            self.checkpoint.drop_transfer();
            return effects.reject(None, Reject::Invalid);
        };
        let Some(matrix) = self.checkpoint.choose(&contents, effects) else {
            self.checkpoint.drop_matrices();
            self.catch_up.ask_now(self.now);
            return;
        };
        let proof = self.checkpoint.fetching_by().expect("looked at above");
        let proof = CheckpointProof { preceding: matrix, ..proof };
        self.checkpoint.drop_transfer();
        if self.service.restore(&contents.service).is_err() {
            return effects.reject(None, Reject::Invalid);
        }
        let mark = self.adopt(name, bytes, tables, proof, effects);
        self.rejoin.restored(&self.config, &mark.preceding, &mark.prefix);
        log_state(&mark, effects);
        self.checkpoint.set_due();
        order::accept(&mut self.order, &self.config, effects);
        self.catch_up.ask_now(self.now);
    }

    /// Puts the state `name`, proven and encoded in `bytes`, in the place of one's own.
    fn adopt(
        &mut self,
        name: StateId,
        bytes: Vec<u8>,
        tables: execute::State,
        proof: CheckpointProof,
        effects: &mut Effects<Prime>,
    ) -> Mark {
        let (cut, snapshot) = checkpoint::cut(name.seq, bytes);
        assert_eq!(cut, name, "each chunk was held against the root");
        let (seq, preceding) = (name.seq, proof.preceding.clone());
        let prefix = tables.prefix();
        // What the state has executed of it is done, and nothing else: numbers may have been passed over.
        let (own, upto) = (self.execute.executed_of(self.me), prefix[self.me.index()]);
        let waiting = [self.passed_over(own, upto), self.pre_order.pending()].concat();
        self.forget_before(seq, &tables, &preceding);
        let mark =
            Mark { state: name, prefix, preceding, snapshot: Some(snapshot), proof: Some(proof) };
        self.checkpoint.adopt(mark.clone());
        effects.push(Effect::Restored { index: tables.index() });
        self.execute = tables;
        self.originate_again(&waiting, effects);
        mark
    }

    /// All components learn that everything up to `seq` is over.
    fn forget_before(&mut self, seq: Seq, tables: &execute::State, preceding: &Matrix) {
        let prefix = tables.prefix();
        pre_order::retire(&mut self.pre_order, &self.config, &prefix);
        self.pass_own(prefix[self.me.index()]);
        order::jump(&mut self.order, &self.config, seq, preceding);
        recon::forget(&mut self.recon, &prefix);
        catch_up::forget(&mut self.catch_up, seq);
        self.checkpoint.follow(preceding.clone());
        self.missing.clear();
    }

    /// Takes a record of the log if it is about the state that the log begins with.
    pub(super) fn recover_state(
        &mut self,
        record: &Record<Prime>,
        effects: &mut Effects<Prime>,
    ) -> bool {
        if !checkpoint::recover(&mut self.checkpoint, &self.config, record) {
            return false;
        }
        let (proof, bytes) = (self.checkpoint.fetching_by(), self.checkpoint.fetched());
        let Some((proof, bytes)) = proof.zip(bytes) else { return true };
        self.checkpoint.drop_transfer();
        let name = proof.checkpoints.first().expect("a proof has a vote").body.state;
        let (contents, tables) = checkpoint::open(&self.config, name.seq, &bytes)
            .expect("the log holds states that were looked at");
        self.service.restore(&contents.service).expect("this service, or its equal, wrote it");
        let mark = self.adopt(name, bytes, tables, proof, effects);
        self.rejoin.restored(&self.config, &mark.preceding, &mark.prefix);
        self.checkpoint.set_logged(name.seq);
        true
    }

    /// What this step logged is remembered, and the log is begun anew when it may be. The journal
    /// stays what the log holds behind its state.
    pub(super) fn keep_log(&mut self, before: usize, effects: &mut Effects<Prime>) {
        for effect in effects.as_slice().iter().skip(before) {
            if let Effect::Persist { record, .. } = effect {
                self.checkpoint.remember(record.clone());
            }
        }
        if let Some(mut records) = checkpoint::log(&mut self.checkpoint) {
            checkpoint::forget_repeats(&mut records);
            self.checkpoint.shorten_journal();
            effects.rewrite(records);
        }
    }

    /// Replaces the state by one that nobody vouched for, as [`wire::Machine::restore`] wants it.
    ///
    /// The rows of its preceding matrix are unsigned, so they do for following a leader and not for
    /// leading, until newer ones come.
    pub(super) fn restore_unproven(&mut self, bytes: &[u8]) -> Result<(), String> {
        let contents: Contents = codec::decode(bytes).map_err(|error| error.to_string())?;
        let (contents, tables) = checkpoint::open(&self.config, contents.seq, bytes)?;
        let rows = contents.preceding.iter().map(|row| row.clone().map(unsigned)).collect();
        let preceding = Matrix { rows: List::new(rows).map_err(|error| error.to_string())? };
        self.service.restore(&contents.service)?;
        self.forget_before(contents.seq, &tables, &preceding);
        self.execute = tables;
        Ok(())
    }
}

/// Logs an adopted state before anything that depends on it.
fn log_state(mark: &Mark, effects: &mut Effects<Prime>) {
    let (Some(proof), Some(snapshot)) = (&mark.proof, &mark.snapshot) else { return };
    effects.persist(Record::Promise(proof.clone().into()));
    for record in checkpoint::chunk_records(mark, snapshot) {
        effects.persist(record);
    }
}

fn unsigned((signer, body): (ReplicaId, PoAru)) -> Signed<PoAru> {
    let auth = Auth { signature: Signature([0; 64]), index: 0, path: Path::empty() };
    Signed { signer, body, auth }
}
