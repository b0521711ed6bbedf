//! Calls that hardly any run comes to, made of calls that were recorded.
//!
//! A bound is reached only by a peer that asks and asks, a loss only by whoever missed a whole change
//! of views. So of a recorded call others are made: the same upon a state in which the sender has all
//! but one, or all, of what it may have; requests for what is held; answers to what was lost. What
//! comes of them decides by how many of them are kept, as for recorded calls ([`super::keep`]); that
//! they came up nobody claims ([`Sample::recorded`]).

mod answers;
mod change;
mod checkpoint;
mod ordering;
mod recon;

use super::Sample;
use crate::rng::Rng;
use crate::tree::{Hand, Node, Pools, Tree, known};
use wire::{Config, ReplicaId, Time};

/// Calls made, each with its slot.
pub(super) type Staged = Vec<(&'static str, Sample)>;

/// What is made of one recorded call of `slot`.
pub(super) fn staged(slot: &str, config: &Config, sample: &Sample) -> Staged {
    let pools = Pools::default();
    let hand = Hand::new(config, &pools, Rng::of(&[0x7374_6167]));
    let mut stage = Stage { hand, sample, made: Vec::new() };
    match slot {
        "broadcast.on_rb_request" => answers::on_rb_request(&mut stage),
        "checkpoint.make_checkpoint" => checkpoint::make_checkpoint(&mut stage),
        "checkpoint.on_checkpoint_proof" => checkpoint::on_checkpoint_proof(&mut stage),
        "checkpoint.on_state_chunk" => checkpoint::on_state_chunk(&mut stage),
        "checkpoint.on_state_request" => checkpoint::on_state_request(&mut stage),
        "checkpoint.settle" => checkpoint::settle(&mut stage),
        "order.advance" => ordering::advance(&mut stage),
        "order.on_pre_prepare_conflict" => ordering::on_pre_prepare_conflict(&mut stage),
        "recon.on_recon" => recon::on_recon(&mut stage),
        "recon.on_recon_request" => recon::on_recon_request(&mut stage),
        "suspect.on_rtt_measure" => answers::on_rtt_measure(&mut stage),
        "suspect.on_rtt_ping" => answers::on_rtt_ping(&mut stage),
        "suspect.on_rtt_pong" => answers::on_rtt_pong(&mut stage),
        "suspect.on_tat_measure" => answers::on_tat_measure(&mut stage),
        "suspect.on_tat_ub" => answers::on_tat_ub(&mut stage),
        "view_change.make_replay_commit" => change::make_replay_commit(&mut stage),
        "view_change.make_requests" => change::make_requests(&mut stage),
        "view_change.on_install_certificate" => change::on_install_certificate(&mut stage),
        "view_change.on_replay" => change::on_replay(&mut stage),
        _ => {}
    }
    stage.made
}

/// Where calls are made of one that was recorded.
struct Stage<'a> {
    hand: Hand<'a>,
    sample: &'a Sample,
    made: Staged,
}

impl<'a> Stage<'a> {
    /// The recorded call.
    fn call<S: Tree, A: Tree>(&self) -> (&'a S, &'a A) {
        (known(&*self.sample.state), known(&*self.sample.args))
    }

    /// Makes a call, if its arguments are what decoding lets through.
    fn put<S: Node, A: Node>(&mut self, slot: &'static str, state: S, args: A) {
        if Node::fits(&args, self.hand.config) {
            let (state, args) = (std::sync::Arc::new(state), std::sync::Arc::new(args));
            let cluster = self.sample.cluster;
            self.made.push((slot, Sample { cluster, state, args, recorded: false }));
        }
    }

    /// Some other server than `me`.
    fn another(&self, me: ReplicaId) -> ReplicaId {
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
