//! Somebody shows what was ordered.

use crate::order::{Effects, OrderSlot, State, advance, committed};
use slots::slot;
use wire::prime::OrderedCertificate;
use wire::{Config, Reject, Verified, auth::Context};

/// Takes a Pre-Prepare together with Commits for it.
///
/// Rejects (naming the message's sender, nothing changed), in this precedence, v and n being the
/// view and number of the Pre-Prepare:
/// Rejects: `WrongView` if v is not the installed view;
/// Rejects: `Stale` if n is at or below `state.ordered`;
/// Rejects: `BeyondWindow` if n exceeds `state.horizon(config)`;
/// Rejects: `Invalid` unless the Pre-Prepare's signer is the leader of v, its matrix has exactly N
/// rows, and the Commits that have its v, n and digest come from at least Q distinct servers.
///
/// Otherwise the slot of n (made if need be) gets the Pre-Prepare, in place of the one held if that
/// has another digest, and those Commits, each in place of one held by the same signer; then
/// [`advance`] for n.
///
/// Invariant: a number that is ordered here was prepared by f+1 correct servers.
/// Paper: none; the report assumes channels that do not lose. Deviation: none.
#[slot(order.on_ordered_certificate)]
pub fn on_ordered_certificate(
    state: &mut State,
    config: &Config,
    message: &Verified<OrderedCertificate>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let (proposal, votes) = message.parts(&Context::from(config));
    let (view, seq) = (proposal.body().view, proposal.body().seq);
    if view != state.view {
        return effects.reject(sender, Reject::WrongView);
    }
    if seq <= state.ordered {
        return effects.reject(sender, Reject::Stale);
    }
    if seq > state.horizon(config) {
        return effects.reject(sender, Reject::BeyondWindow);
    }
    let digest = proposal.digest();
    let matching = votes.into_iter().filter(|vote| {
        let body = vote.body();
        (body.view, body.seq, body.digest) == (view, seq, digest)
    });
    let commits = matching.map(|vote| (vote.signer(), vote)).collect();
    let leads = proposal.signer() == config.leader_of(view);
    let whole = proposal.body().matrix.rows.len() == config.size();
    let shown = OrderSlot { pre_prepare: Some(proposal.clone()), commits, ..OrderSlot::default() };
    if !leads || !whole || !committed(config, &shown) {
        return effects.reject(sender, Reject::Invalid);
    }
    let slot = state.slots.entry(seq).or_default();
    if slot.pre_prepare.as_ref().is_none_or(|held| held.digest() != digest) {
        slot.pre_prepare = Some(proposal);
    }
    slot.commits.extend(shown.commits);
    advance(state, config, seq, effects);
}
