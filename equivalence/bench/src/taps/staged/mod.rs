//! Calls that hardly any run comes to, made of calls that were recorded.
//!
//! A bound is reached only by a peer that asks and asks, a loss only by whoever missed a whole change
//! of views. So of a recorded call others are made: the same upon a state in which the sender has all
//! but one, or all, of what it may have; requests for what is held; answers to what was lost. What
//! comes of them decides by how many of them are kept, as for recorded calls ([`super::keep`]); that
//! they came up nobody claims ([`Sample::recorded`]).

mod answers;
mod change;
pub(super) mod checkpoint;
mod ordering;
mod recon;

use super::Sample;
use crate::rng::Rng;
use crate::tree::{Hand, Node, Pools, Tree, known};
use std::sync::Arc;
use wire::{Config, ReplicaId, Time};

/// Calls made, each with its slot.
pub(super) type Staged = Vec<(&'static str, Sample)>;

/// What is made of one recorded call of `slot`.
pub(super) fn staged(slot: &str, config: &Config, sample: &Sample) -> Staged {
    Stage::make(config, sample, |stage| match slot {
        "broadcast.on_rb_request" => answers::on_rb_request(stage),
        "checkpoint.make_checkpoint" => checkpoint::make_checkpoint(stage),
        "checkpoint.on_checkpoint_proof" => checkpoint::on_checkpoint_proof(stage),
        "checkpoint.on_state_chunk" => checkpoint::on_state_chunk(stage),
        "checkpoint.on_state_request" => checkpoint::on_state_request(stage),
        "checkpoint.settle" => checkpoint::settle(stage),
        "order.advance" => ordering::advance(stage),
        "order.on_pre_prepare_conflict" => ordering::on_pre_prepare_conflict(stage),
        "recon.on_recon" => recon::on_recon(stage),
        "recon.on_recon_request" => recon::on_recon_request(stage),
        "suspect.on_rtt_measure" => answers::on_rtt_measure(stage),
        "suspect.on_rtt_ping" => answers::on_rtt_ping(stage),
        "suspect.on_rtt_pong" => answers::on_rtt_pong(stage),
        "suspect.on_tat_measure" => answers::on_tat_measure(stage),
        "suspect.on_tat_ub" => answers::on_tat_ub(stage),
        "view_change.make_replay_commit" => change::make_replay_commit(stage),
        "view_change.make_requests" => change::make_requests(stage),
        "view_change.on_install_certificate" => change::on_install_certificate(stage),
        "view_change.on_replay" => change::on_replay(stage),
        _ => {}
    })
}

/// Where calls are made of one that was recorded.
pub(super) struct Stage<'a> {
    pub(super) hand: Hand<'a>,
    sample: &'a Sample,
    /// What the replicas are told in the calls that are made next, if not what the cluster was.
    pub(super) told: Option<Arc<Config>>,
    made: Staged,
}

impl<'a> Stage<'a> {
    /// What `with` makes of a recorded call.
    pub(super) fn make(
        config: &'a Config,
        sample: &'a Sample,
        with: impl FnOnce(&mut Stage<'_>),
    ) -> Staged {
        let pools = Pools::default();
        let hand = Hand::new(config, &pools, Rng::of(&[0x7374_6167]));
        let mut stage = Stage { hand, sample, told: None, made: Vec::new() };
        with(&mut stage);
        stage.made
    }

    /// The recorded call.
    pub(super) fn call<S: Tree, A: Tree>(&self) -> (&'a S, &'a A) {
        (known(&*self.sample.state), known(&*self.sample.args))
    }

    /// Makes a call, if its arguments are what decoding lets through.
    fn put<S: Node, A: Node>(&mut self, slot: &'static str, state: S, args: A) {
        self.push(None, slot, state, args);
    }

    /// The same, at the edge of that name: in a class of its own.
    pub(super) fn edge<S: Node, A: Node>(
        &mut self,
        edge: &'static str,
        slot: &'static str,
        state: S,
        args: A,
    ) {
        self.push(Some(edge), slot, state, args);
    }

    /// The same with arguments that decoding would not let through, where a contract says all the same
    /// what comes of them.
    pub(super) fn odd<S: Node, A: Node>(
        &mut self,
        edge: &'static str,
        slot: &'static str,
        state: S,
        args: A,
    ) {
        self.add(Some(edge), slot, state, args);
    }

    fn push<S: Node, A: Node>(
        &mut self,
        edge: Option<&'static str>,
        slot: &'static str,
        state: S,
        args: A,
    ) {
        if Node::fits(&args, self.hand.config) {
            self.add(edge, slot, state, args);
        }
    }

    fn add<S: Node, A: Node>(
        &mut self,
        edge: Option<&'static str>,
        slot: &'static str,
        state: S,
        args: A,
    ) {
        let (state, args, cluster) = (Arc::new(state), Arc::new(args), self.sample.cluster);
        let config = self.told.clone();
        self.made.push((slot, Sample { cluster, config, state, args, recorded: false, edge }));
    }

    /// Some other server than `me`.
    pub(super) fn another(&self, me: ReplicaId) -> ReplicaId {
        let mut others = self.hand.config.replicas().filter(|id| *id != me);
        others.next().unwrap_or(me)
    }

    /// Counts of what somebody got, and since when: all but one and all at once, all but for an instant a
    /// period ago, and all a whole period ago.
    fn counted(&self, now: Time, most: u32) -> [(Time, u32); 4] {
        let period = self.hand.config.timing.retransmit;
        let before = |time: u64| Time(now.0.saturating_sub(time));
        let less = most.saturating_sub(1);
        [(now, less), (now, most), (before(period.saturating_sub(1)), most), (before(period), most)]
    }
}
