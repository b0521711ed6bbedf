//! The definitions that several contracts of ordering rest on (report, section 4.1, "Global
//! Ordering Phase").

use crate::expected::Expected;
use crate::pre_order::definitions::{at_least_as_up_to_date, row};
use prime::order::{OrderSlot, State};
use std::collections::BTreeMap;
use wire::auth::Context;
use wire::prime::{Commit, MAX_REPLAY, Matrix, OrderedCertificate, PrePrepare, Prepare};
use wire::{Config, PoSeq, Reject, ReplicaId, Seq, To, Verified, View};

/// A ground for dropping something, whether it holds, and the sentence that gives it.
pub(super) type Refusal = (bool, Reject, &'static str);

/// Whether there is a ground to drop what `from` sent. The first that holds is named.
pub(super) fn refused(
    expected: &mut Expected<'_, State>,
    from: ReplicaId,
    grounds: impl IntoIterator<Item = Refusal>,
) -> bool {
    let ground = grounds.into_iter().find(|(holds, ..)| *holds);
    if let Some((_, reason, sentence)) = ground {
        expected.since(sentence);
        expected.reject(from, reason);
    }
    ground.is_some()
}

/// `State::votes`: no other view than the installed one is preinstalled.
pub(super) fn votes(state: &State) -> bool {
    state.preinstalled == state.view
}

/// `State::horizon`: one window beyond what is ordered, sixteen beyond what was executed, and no
/// more beyond that than a view change takes up.
pub(super) fn horizon(config: &Config, state: &State) -> Seq {
    let window = config.windows.order;
    let most = u64::try_from(MAX_REPLAY).unwrap_or(u64::MAX).min(window.saturating_mul(16));
    Seq(state.ordered.0.saturating_add(window).min(state.retired.0.saturating_add(most)))
}

/// `State::slot_of`, not made: what is kept about `seq` of `view`.
pub(super) fn slot_in(state: &State, view: View, seq: Seq) -> Option<&OrderSlot> {
    let early = state.early.get(&seq).filter(|_| view == state.preinstalled);
    if view == state.view { state.slots.get(&seq) } else { early }
}

/// `State::slot_of` for the installed or the preinstalled view, made if need be.
pub(super) fn slot_mut(state: &mut State, view: View, seq: Seq) -> &mut OrderSlot {
    let slots = if view == state.view { &mut state.slots } else { &mut state.early };
    slots.entry(seq).or_default()
}

/// Why nothing about `seq` of `view` is taken from one who is `entitled` or not.
pub(super) fn outside(
    config: &Config,
    state: &State,
    (view, seq): (View, Seq),
    entitled: bool,
) -> [Refusal; 4] {
    let known = view == state.view || view == state.preinstalled;
    let bound = state.slots.get(&seq).filter(|slot| slot.committed);
    let bound = bound.and_then(|slot| slot.pre_prepare.as_ref());
    let elsewhere = bound.is_some_and(|proposal| proposal.body().view != view);
    [
        (
            !known,
            Reject::WrongView,
            "`WrongView` if its view is neither the installed nor the preinstalled one",
        ),
        (!entitled, Reject::NotEntitled, "`NotEntitled` by who leads its view"),
        (
            seq <= state.ordered || elsewhere,
            Reject::Stale,
            "`Stale` if its number is at or below `ordered`, or ordered in another view",
        ),
        (
            seq > horizon(config, state),
            Reject::BeyondWindow,
            "`BeyondWindow` if its number exceeds the horizon",
        ),
    ]
}

/// Whether a vote's view, number and digest are those of `proposal`.
fn is_for(vote: (View, Seq, wire::Digest), proposal: &Verified<PrePrepare>) -> bool {
    vote == (proposal.body().view, proposal.body().seq, proposal.digest())
}

fn prepare_is_for(vote: &Prepare, proposal: &Verified<PrePrepare>) -> bool {
    is_for((vote.view, vote.seq, vote.digest), proposal)
}

fn commit_is_for(vote: &Commit, proposal: &Verified<PrePrepare>) -> bool {
    is_for((vote.view, vote.seq, vote.digest), proposal)
}

/// The Prepares of `slot` for its Pre-Prepare from others than its signer.
pub(super) fn prepares(slot: &OrderSlot) -> Vec<&Verified<Prepare>> {
    let Some(proposal) = &slot.pre_prepare else { return Vec::new() };
    let matching = slot.prepares.iter().filter(|(sender, vote)| {
        **sender != proposal.signer() && prepare_is_for(vote.body(), proposal)
    });
    matching.map(|(_, vote)| vote).collect()
}

/// The Commits of `slot` for its Pre-Prepare.
pub(super) fn commits(slot: &OrderSlot) -> Vec<&Verified<Commit>> {
    let Some(proposal) = &slot.pre_prepare else { return Vec::new() };
    slot.commits.values().filter(|vote| commit_is_for(vote.body(), proposal)).collect()
}

/// A prepare certificate: the Pre-Prepare and Q - 1 Prepares of others.
pub(super) fn prepared(config: &Config, slot: &OrderSlot) -> bool {
    slot.pre_prepare.is_some() && prepares(slot).len() >= config.votes_beside_proposer()
}

/// A commit certificate: the Pre-Prepare and Q Commits.
pub(super) fn committed(config: &Config, slot: &OrderSlot) -> bool {
    slot.pre_prepare.is_some() && commits(slot).len() >= config.quorum()
}

/// The vector of a row, if it is not null.
fn vector(matrix: &Matrix, i: usize) -> Option<&[PoSeq]> {
    let row = matrix.rows.get(i).and_then(Option::as_ref);
    row.map(|row| &row.body.vec[..])
}

/// Whether `matrix` may be proposed directly after `preceding`: N rows, each its server's own and
/// whole, none behind the one before, not all as before.
pub(super) fn follows(config: &Config, preceding: &Matrix, matrix: &Matrix) -> bool {
    let n = config.size();
    let proper = |i: usize| match &matrix.rows[i] {
        Some(row) => row.signer == ReplicaId::from_index(i) && row.body.vec.len() == n,
        None => vector(preceding, i).is_none(),
    };
    matrix.rows.len() == n
        && (0..n).all(proper)
        && (0..n).all(|i| at_least_as_up_to_date(row(matrix, i), row(preceding, i)))
        && (0..n).any(|i| vector(matrix, i) != vector(preceding, i))
}

/// `settle`: the numbers above `ordered` up to which every one is committed are ordered.
pub(super) fn settle(state: &mut State) {
    let above = (state.ordered.0..u64::MAX).map(|n| Seq(n + 1));
    let run: Vec<(Seq, &OrderSlot)> = above
        .map_while(|n| state.slots.get(&n).filter(|slot| slot.committed).map(|slot| (n, slot)))
        .collect();
    let last = run.iter().rev().find_map(|(_, slot)| slot.pre_prepare.as_ref());
    if let Some(proposal) = last {
        state.ordered_matrix = proposal.body().matrix.clone();
    }
    state.ordered = run.last().map_or(state.ordered, |(n, _)| *n);
    if state.ordered > state.accepted {
        state.accepted = state.ordered;
        state.preceding = state.ordered_matrix.clone();
    }
    if state.ordered > state.proposed {
        state.proposed = state.ordered;
        state.proposal = state.ordered_matrix.clone();
    }
}

/// `recount`: what has a commit certificate or was replayed is committed, and nothing else.
pub(super) fn recount(config: &Config, state: &mut State) {
    for slot in state.slots.values_mut() {
        slot.committed = slot.replayed || committed(config, slot);
    }
    settle(state);
}

/// `preinstall`: nothing more of the installed view is voted for, nor is what was proposed in it said
/// again.
pub(super) fn preinstall(state: &mut State, view: View) {
    state.preinstalled = view;
    state.early = BTreeMap::new();
    state.promised = BTreeMap::new();
}

/// `advance`: a prepare certificate of the installed view brings a Commit, once; a commit
/// certificate of any view commits.
pub(super) fn advance(expected: &mut Expected<'_, State>, seq: Seq) {
    let config = expected.config;
    let Some(mut slot) = expected.state.slots.get(&seq).cloned() else { return };
    let may = votes(&expected.state) && seq <= expected.state.accepted;
    if let Some(proposal) = slot.pre_prepare.clone() {
        let digest = proposal.digest();
        let (view, installed) = (proposal.body().view, expected.state.view);
        if may && !slot.prepared && view == installed && prepared(config, &slot) {
            slot.prepared = true;
            for vote in slot.prepares.values().filter(|vote| vote.body().digest == digest) {
                expected.hold(vote.clone());
            }
            expected.promise(To::All, Commit { view, seq: proposal.body().seq, digest });
        }
        if !slot.committed && committed(config, &slot) {
            slot.committed = true;
            if seq > expected.state.accepted {
                expected.hold(proposal);
            }
            for vote in slot.commits.values().filter(|vote| vote.body().digest == digest) {
                expected.hold(vote.clone());
            }
        }
    }
    expected.state.slots.insert(seq, slot);
    settle(&mut expected.state);
}

/// `accept`: the Pre-Prepare next in turn is accepted if it follows the one before or a commit
/// certificate vouches for it, and then the one after it.
pub(super) fn accept(expected: &mut Expected<'_, State>) {
    let (config, state) = (expected.config, &mut expected.state);
    let Some(next) = state.accepted.0.checked_add(1).map(Seq).filter(|_| votes(state)) else {
        return;
    };
    let Some(slot) = state.slots.get_mut(&next) else { return };
    let Some(proposal) = slot.pre_prepare.clone() else { return };
    let (leader, me, vouched) = (proposal.signer(), state.me, slot.committed);
    let PrePrepare { view, seq, matrix } = proposal.body().clone();
    let counted = leader != me && !vouched;
    if counted && state.tokens == 0 {
        return;
    }
    if !vouched && !follows(config, &state.preceding, &matrix) {
        slot.pre_prepare = None;
        expected.reject(leader, Reject::Invalid);
        return;
    }
    state.tokens -= u64::from(counted);
    if next > state.proposed {
        (state.proposed, state.proposal) = (next, matrix.clone());
    }
    (state.accepted, state.preceding) = (next, matrix);
    expected.hold(proposal.clone());
    if counted {
        for other in config.replicas().filter(|&other| other != leader && other != me) {
            expected.relay(To::One(other), proposal.clone());
        }
        expected.promise(To::All, Prepare { view, seq, digest: proposal.digest() });
    }
    advance(expected, next);
    accept(expected);
}

/// What an Ordered-Certificate shows: the Pre-Prepare, and those of the Commits that are for it.
pub(super) fn shown(
    config: &Config,
    message: &Verified<OrderedCertificate>,
) -> (Verified<PrePrepare>, Vec<Verified<Commit>>) {
    let (proposal, mut votes) = message.parts(&Context::from(config));
    votes.retain(|vote| commit_is_for(vote.body(), &proposal));
    (proposal, votes)
}

/// Binds a number to what an Ordered-Certificate shows, whatever was seen of it before. The other
/// Pre-Prepare whose place was taken.
pub(super) fn bind(
    state: &mut State,
    (proposal, votes): (&Verified<PrePrepare>, Vec<Verified<Commit>>),
) -> Option<Verified<PrePrepare>> {
    let PrePrepare { view, seq, matrix } = proposal.body();
    let slot = state.slots.entry(*seq).or_default();
    slot.commits.extend(votes.into_iter().map(|vote| (vote.signer(), vote)));
    slot.committed = true;
    let held = slot.pre_prepare.clone();
    if held.as_ref().is_some_and(|held| held.digest() == proposal.digest()) {
        return None;
    }
    slot.pre_prepare = Some(proposal.clone());
    if held.as_ref().is_some_and(|held| held.body().view != *view) {
        slot.prepared = false;
    }
    if *seq == state.accepted {
        state.preceding = matrix.clone();
    }
    if *seq == state.proposed {
        state.proposal = matrix.clone();
    }
    held
}
