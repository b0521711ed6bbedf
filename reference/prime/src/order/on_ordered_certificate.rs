//! Somebody shows what was ordered.

use crate::order::{Effects, OrderSlot, State, accept, committed, settle};
use slots::slot;
use std::collections::BTreeMap;
use wire::prime::{Commit, OrderedCertificate, PrePrepare, PrePrepareConflict};
use wire::{Config, Record, Reject, ReplicaId, To, Verified, auth::Context};

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
/// Otherwise the slot of n (made if need be) is *bound* to the Pre-Prepare:
/// - if the slot holds one with the same digest, that stays;
/// - otherwise this one enters, in place of one with another digest if that is held; then `prepared` is
///   unset if the one held was of another view (the Commit promised was not for this one); and, whether
///   one was held or none, if n is `accepted`, `preceding` becomes the matrix of this one, and if n is
///   `proposed`, so does `proposal`;
/// - those Commits, and no others, enter the slot, each in place of one held of the same signer, and the
///   slot is `committed`. Prepares stay.
///
/// If the Pre-Prepare whose place it took is of the same view, and that is the installed one, its
/// leader has equivocated: unless `state.leader_accused`, that is set and a `PrePrepareConflict`
/// (first: the one held, second: this one) is emitted as `Send` to `To::All`.
/// Then `Persist` of the message as `Held` is emitted; then [`settle`], then [`accept`].
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
    let commits = matching(&proposal, votes);
    let leads = proposal.signer() == config.leader_of(view);
    let whole = proposal.body().matrix.rows.len() == config.size();
    let shown = OrderSlot { pre_prepare: Some(proposal.clone()), commits, ..OrderSlot::default() };
    if !leads || !whole || !committed(config, &shown) {
        return effects.reject(sender, Reject::Invalid);
    }
    let before = bind(state, &proposal, shown.commits);
    let same = |held: &Verified<PrePrepare>| held.body().view == view && view == state.view;
    if let Some(held) = before.filter(same).filter(|_| !state.leader_accused) {
        state.leader_accused = true;
        let (first, second) = (held.signed().clone(), proposal.signed().clone());
        effects.send(To::All, PrePrepareConflict { first, second });
    }
    effects.persist(Record::Held(message.clone().into()));
    settle(state);
    accept(state, config, effects);
}

/// Binds a number to the Pre-Prepare that was ordered, and returns another one whose place it took.
pub(super) fn bind(
    state: &mut State,
    proposal: &Verified<PrePrepare>,
    commits: BTreeMap<ReplicaId, Verified<Commit>>,
) -> Option<Verified<PrePrepare>> {
    let (view, seq) = (proposal.body().view, proposal.body().seq);
    let slot = state.slots.entry(seq).or_default();
    slot.commits.extend(commits);
    slot.committed = true;
    if slot.pre_prepare.as_ref().is_some_and(|held| held.digest() == proposal.digest()) {
        return None;
    }
    let before = slot.pre_prepare.replace(proposal.clone());
    slot.prepared &= before.as_ref().is_none_or(|held| held.body().view == view);
    if seq == state.accepted {
        state.preceding = proposal.body().matrix.clone();
    }
    if seq == state.proposed {
        state.proposal = proposal.body().matrix.clone();
    }
    before
}

/// The Commits among `votes` for `proposal`, by sender.
pub(super) fn matching(
    proposal: &Verified<PrePrepare>,
    votes: Vec<Verified<Commit>>,
) -> BTreeMap<ReplicaId, Verified<Commit>> {
    let named = (proposal.body().view, proposal.body().seq, proposal.digest());
    let votes = votes.into_iter().filter(|vote| {
        let body = vote.body();
        (body.view, body.seq, body.digest) == named
    });
    votes.map(|vote| (vote.signer(), vote)).collect()
}
