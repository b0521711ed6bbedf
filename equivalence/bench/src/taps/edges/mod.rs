//! Calls at the bounds that contracts name, made of calls that were recorded.
//!
//! Chance and running clusters seldom get there: lists at their cap and one beyond, votes of which just
//! enough or one less name something, two choices that are equally good, numbers near the greatest, a
//! vote of one server twice, and everything else that a contract provides for in a clause of its own.
//! Each such call is of a class of its own ([`Class::edge`](super::Class::edge)), so that it is there
//! however much else was recorded, and is changed like any other.

mod broadcast;
mod change;
mod checkpoint;
mod execution;
mod monitoring;
mod ordering;
mod recon;

use super::Sample;
use super::staged::{Stage, Staged};
use wire::Config;

/// What is made of one recorded call of `slot`.
pub(super) fn edges(slot: &str, config: &Config, sample: &Sample) -> Staged {
    Stage::make(config, sample, |stage| match slot {
        "broadcast.advance" => broadcast::advance(stage),
        "broadcast.retransmit" => broadcast::retransmit(stage),
        "broadcast.start" => broadcast::start(stage),
        "checkpoint.on_checkpoint_proof" => checkpoint::on_checkpoint_proof(stage),
        "checkpoint.settle" => checkpoint::settle(stage),
        "execute.apply_update" => execution::apply_update(stage),
        "order.accept" => ordering::accept(stage),
        "order.advance" => ordering::advance(stage),
        "order.follows" => ordering::follows(stage),
        "order.install" => ordering::install(stage),
        "order.make_pre_prepare" => ordering::make_pre_prepare(stage),
        "order.on_ordered_certificate" => ordering::on_ordered_certificate(stage),
        "order.pc_set" => ordering::pc_set(stage),
        "order.refill" => ordering::refill(stage),
        "order.resume" => ordering::resume(stage),
        "order.retransmit" => ordering::retransmit(stage),
        "recon.encode" => recon::encode(stage),
        "recon.on_recon" => recon::on_recon(stage),
        "suspect.keep_sample" => monitoring::keep_sample(stage),
        "suspect.on_proof_matrix_sent" => monitoring::on_proof_matrix_sent(stage),
        "view_change.content_valid" => change::content_valid(stage),
        "view_change.installed" => change::installed(stage),
        "view_change.make_partials" => change::make_partials(stage),
        "view_change.make_replay_commit" => change::make_replay_commit(stage),
        "view_change.make_requests" => change::make_requests(stage),
        "view_change.make_vc_proof" => change::make_vc_proof(stage),
        "view_change.on_proposal" => change::on_proposal(stage),
        "view_change.on_delivered" => change::on_delivered(stage),
        "view_change.resolve" => change::resolve(stage),
        _ => {}
    })
}
