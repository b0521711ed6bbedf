//! Somebody shows what was ordered.

use crate::order::{Effects, OrderSlot, State, accept, committed, settle};
use slots::slot;
use wire::prime::{OrderedCertificate, PrePrepare, PrePrepareConflict};
use wire::{Config, Record, Reject, To, Verified, auth::Context};

/// Takes a Pre-Prepare together with Commits for it, of whatever view: what Q servers committed in
/// any view is what the number is bound to in all.
///
/// Rejects (naming the message's sender, nothing changed), in this precedence, v and n being the
/// view and number of the Pre-Prepare:
/// Rejects: `Stale` if n is at or below `state.ordered`;
/// Rejects: `BeyondWindow` if n exceeds `state.horizon(config)`;
/// Rejects: `Duplicate` if the slot of n is `committed`;
/// Rejects: `Invalid` unless the Pre-Prepare's signer is the leader of v, its matrix has exactly N
/// rows, and the Commits that have its v, n and digest come from at least Q distinct servers.
///
/// Otherwise, if the slot of n (made if need be) holds no Pre-Prepare, this one enters. If it holds
/// one with another digest, this one takes its place; if both are of the installed view, its leader
/// has equivocated: unless `state.leader_accused`, that is set and a `PrePrepareConflict` (first: the
/// one held, second: this one) is emitted as `Send` to `To::All`; if n is `accepted`, `preceding`
/// becomes its matrix, and if n is `proposed`, so does `proposal`. Then those Commits enter the slot,
/// each in place of one held of the same signer, the slot is `committed`, and `Persist` of the
/// message as `Held` is emitted. Then [`settle`], then [`accept`].
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
    if seq <= state.ordered {
        return effects.reject(sender, Reject::Stale);
    }
    if seq > state.horizon(config) {
        return effects.reject(sender, Reject::BeyondWindow);
    }
    if state.slots.get(&seq).is_some_and(|slot| slot.committed) {
        return effects.reject(sender, Reject::Duplicate);
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
    replace(state, proposal, effects);
    let slot = state.slots.entry(seq).or_default();
    slot.commits.extend(shown.commits);
    slot.committed = true;
    effects.persist(Record::Held(message.clone().into()));
    settle(state);
    accept(state, config, effects);
}

/// Puts the Pre-Prepare that was ordered in the place of whatever was held under its number.
fn replace(state: &mut State, proposal: Verified<PrePrepare>, effects: &mut Effects) {
    let (view, seq) = (proposal.body().view, proposal.body().seq);
    let slot = state.slots.entry(seq).or_default();
    let held = match &slot.pre_prepare {
        Some(held) if held.digest() == proposal.digest() => return,
        held => held.clone(),
    };
    slot.pre_prepare = Some(proposal.clone());
    let Some(held) = held else { return };
    let same = held.body().view == view && view == state.view;
    if same && !state.leader_accused {
        state.leader_accused = true;
        let (first, second) = (held.signed().clone(), proposal.signed().clone());
        effects.send(To::All, PrePrepareConflict { first, second });
    }
    if seq == state.accepted {
        state.preceding = proposal.body().matrix.clone();
    }
    if seq == state.proposed {
        state.proposal = proposal.body().matrix.clone();
    }
}
