//! States of ordering.

use super::{keyed, square};
use prime::order::{OrderSlot, State, follows};
use wire::{Config, Digest, Seq, Verified, View};

/// Whether ordering may meet `state` where no handler is under way.
pub(crate) fn order(config: &Config, _before: &State, state: &State) -> bool {
    let matrices = [&state.preceding, &state.ordered_matrix, &state.proposal];
    config.is_replica(state.me)
        && state.view <= state.preinstalled
        && state.start_seq <= state.ordered.next()
        && state.retired <= state.ordered
        && state.ordered <= state.accepted
        && state.accepted <= state.proposed
        && state.tokens <= config.windows.order
        && state.promised.is_empty()
        && matrices.iter().all(|matrix| square(config, matrix))
        && early(config, state)
        && state.slots.iter().all(|(seq, slot)| {
            *seq > state.retired
                && *seq <= state.horizon(config)
                && slot_fits(config, state, *seq, slot)
        })
        && run(config, state)
}

/// What came early is of the preinstalled view, and settles nothing.
fn early(config: &Config, state: &State) -> bool {
    let fits = state.early.iter().all(|(seq, slot)| {
        *seq > state.ordered
            && stands(config, *seq, slot)
            && views(slot).all(|view| view == state.preinstalled)
            && !(slot.prepared || slot.committed || slot.replayed)
    });
    fits && (state.early.is_empty() || state.preinstalled > state.view)
}

fn views(slot: &OrderSlot) -> impl Iterator<Item = View> {
    let proposal = slot.pre_prepare.iter().map(|proposal| proposal.body().view);
    let prepares = slot.prepares.values().map(|vote| vote.body().view);
    proposal.chain(prepares).chain(slot.commits.values().map(|vote| vote.body().view))
}

/// Whether a slot may be looked at, of whatever number.
pub(crate) fn order_slot(config: &Config, slot: &OrderSlot) -> bool {
    keyed(config, &slot.prepares)
        && keyed(config, &slot.commits)
        && slot.prepares.values().all(|vote| vote.signer() != config.leader_of(vote.body().view))
        && slot.pre_prepare.as_ref().is_none_or(|proposal| {
            let body = proposal.body();
            proposal.signer() == config.leader_of(body.view)
                && square(config, &body.matrix)
                && !slot.prepares.contains_key(&proposal.signer())
        })
}

/// Whether a slot is that of the number.
pub(super) fn about(config: &Config, (seq, slot): &(Seq, OrderSlot)) -> bool {
    stands(config, *seq, slot)
}

/// Everything in a slot is about its number, each vote by its sender, the leader's Prepare by nobody.
fn stands(config: &Config, seq: Seq, slot: &OrderSlot) -> bool {
    let proposal = slot.pre_prepare.as_ref().is_none_or(|proposal| {
        let body = proposal.body();
        body.seq == seq
            && proposal.signer() == config.leader_of(body.view)
            && square(config, &body.matrix)
    });
    proposal
        && keyed(config, &slot.prepares)
        && keyed(config, &slot.commits)
        && slot.prepares.values().all(|vote| {
            vote.body().seq == seq && vote.signer() != config.leader_of(vote.body().view)
        })
        && slot.commits.values().all(|vote| vote.body().seq == seq)
}

/// How many Prepares and Commits go with the Pre-Prepare.
fn backing(slot: &OrderSlot) -> Option<(usize, usize)> {
    let proposal = slot.pre_prepare.as_ref()?;
    let (view, digest): (View, Digest) = (proposal.body().view, proposal.digest());
    let prepares = slot.prepares.values().map(|vote| (vote.body().view, vote.body().digest));
    let commits = slot.commits.values().map(|vote| (vote.body().view, vote.body().digest));
    let same = |vote: &(View, Digest)| *vote == (view, digest);
    Some((prepares.filter(same).count(), commits.filter(same).count()))
}

fn slot_fits(config: &Config, state: &State, seq: Seq, slot: &OrderSlot) -> bool {
    let (prepares, commits) = backing(slot).unwrap_or_default();
    let enough = commits >= config.quorum();
    let certified = prepares >= config.votes_beside_proposer();
    let current = slot.pre_prepare.as_ref().is_some_and(|held| held.body().view == state.view);
    stands(config, seq, slot)
        && (seq > state.ordered || slot.committed)
        && slot.committed == (enough || slot.replayed)
        && (slot.committed || views(slot).all(|view| view == state.view))
        && if slot.prepared { certified && seq <= state.accepted } else { true }
        && !(state.votes() && current && certified && seq <= state.accepted && !slot.prepared)
}

/// The numbers up to `accepted` have their Pre-Prepares, the next has none that could be accepted.
fn run(config: &Config, state: &State) -> bool {
    let proposal = |seq: Seq| state.slots.get(&seq).and_then(|slot| slot.pre_prepare.as_ref());
    let between = (state.ordered.0 + 1..=state.accepted.0).map(Seq);
    let held = between
        .clone()
        .all(|seq| proposal(seq).is_some_and(|held: &Verified<_>| held.body().view == state.view));
    let last = proposal(state.accepted).filter(|_| state.accepted > state.ordered);
    let preceding = last.map_or(&state.ordered_matrix, |held| &held.body().matrix);
    let next = state.slots.get(&state.accepted.next());
    let waits = next
        .and_then(|slot| slot.pre_prepare.as_ref())
        .is_none_or(|held| !state.votes() || (state.tokens == 0 && held.signer() != state.me));
    let matrices = between.map(|seq| proposal(seq).map(|held| &held.body().matrix));
    let chain = std::iter::once(Some(&state.ordered_matrix)).chain(matrices.clone());
    let follow = chain.zip(matrices).all(|pair| match pair {
        (Some(one), Some(next)) => follows(config, one, next),
        _ => false,
    });
    let committed = state.slots.get(&state.ordered.next()).is_some_and(|slot| slot.committed);
    held && preceding.same(&state.preceding) && waits && follow && !committed
}
