//! Numbers that were ordered out of turn, by another view, or about which votes do not go together.

use super::Stage;
use prime::order::{OrderSlot, State};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::prime::{Commit, PrePrepare, Prepare};
use wire::{Config, ReplicaId, Seq, Time, Verified, View, Windows};

type Commits = BTreeMap<ReplicaId, Verified<Commit>>;
type Prepares = BTreeMap<ReplicaId, Verified<Prepare>>;

/// The same Pre-Prepare, if it were of that view and number.
fn proposal(stage: &Stage<'_>, state: &State, view: View, seq: Seq) -> Verified<PrePrepare> {
    let body = PrePrepare { view, seq, matrix: state.preceding.clone() };
    stage.hand.sign(stage.hand.config.leader_of(view), body)
}

/// Commits for it by `count` servers.
fn commits(stage: &Stage<'_>, proposal: &Verified<PrePrepare>, count: usize) -> Commits {
    let PrePrepare { view, seq, .. } = *proposal.body();
    let vote = Commit { view, seq, digest: proposal.digest() };
    let voters = stage.hand.config.replicas().take(count);
    voters.map(|id| (id, stage.hand.sign(id, vote.clone()))).collect()
}

/// Prepares for it by `count` servers other than its leader.
fn prepares(stage: &Stage<'_>, proposal: &Verified<PrePrepare>, count: usize) -> Prepares {
    let PrePrepare { view, seq, .. } = *proposal.body();
    let vote = Prepare { view, seq, digest: proposal.digest() };
    let voters = stage.hand.config.replicas().filter(|id| *id != proposal.signer()).take(count);
    voters.map(|id| (id, stage.hand.sign(id, vote.clone()))).collect()
}

/// A slot that Q servers committed.
fn committed(stage: &Stage<'_>, proposal: Verified<PrePrepare>, committed: bool) -> OrderSlot {
    let commits = commits(stage, &proposal, stage.hand.config.quorum());
    OrderSlot { pre_prepare: Some(proposal), commits, committed, ..OrderSlot::default() }
}

/// The next Pre-Prepare follows nothing, and Q servers committed it or did not.
pub(super) fn accept(stage: &mut Stage<'_>) {
    let (state, ()) = stage.call::<State, ()>();
    let seq = state.accepted.next();
    for vouched in [true, false] {
        let mut state = state.clone();
        let proposal = proposal(stage, &state, state.view, seq);
        let slot = if vouched {
            committed(stage, proposal, true)
        } else {
            OrderSlot { pre_prepare: Some(proposal), ..OrderSlot::default() }
        };
        state.tokens = 1;
        state.slots.insert(seq, slot);
        stage.edge("one that does not follow", "order.accept", state, ());
    }
}

/// Q servers committed a number that was not accepted yet, or all but one did.
pub(super) fn advance(stage: &mut Stage<'_>) {
    let (state, (_,)) = stage.call::<State, (Seq,)>();
    let config: &Config = stage.hand.config;
    for ahead in [1, 2] {
        let seq = Seq(state.accepted.0.saturating_add(ahead));
        let proposal = proposal(stage, state, state.view, seq);
        for count in [config.quorum() - 1, config.quorum()] {
            let commits = commits(stage, &proposal, count);
            let pre_prepare = Some(proposal.clone());
            let slot = OrderSlot { pre_prepare, commits, ..OrderSlot::default() };
            let mut state = state.clone();
            state.slots.insert(seq, slot);
            stage.edge("committed before it was accepted", "order.advance", state, (seq,));
        }
    }
}

/// What came early is about a number that another view ordered out of turn, and about one that it did not.
pub(super) fn install(stage: &mut Stage<'_>) {
    type Bound = BTreeMap<Seq, Option<Verified<PrePrepare>>>;
    let (state, args) = stage.call::<State, (View, Seq, Bound)>();
    let (view, start_seq, _) = args;
    let mut state = State { preinstalled: *view, ..state.clone() };
    let seq = Seq(start_seq.0.saturating_add(1));
    let ordered = proposal(stage, &state, state.view, seq);
    state.slots.insert(seq, committed(stage, ordered, true));
    for seq in [seq, seq.next()] {
        let early = proposal(stage, &state, *view, seq);
        let prepares = prepares(stage, &early, 1);
        let early = OrderSlot { pre_prepare: Some(early), prepares, ..OrderSlot::default() };
        state.early.insert(seq, early);
    }
    stage.edge("early, and ordered already", "order.install", state, args.clone());
}

/// A number that a view change bound is prepared too; with enough Commits, or one less.
pub(super) fn pc_set(stage: &mut Stage<'_>) {
    let (state, (view, executed)) = stage.call::<State, (View, Seq)>();
    let Some(before) = view.0.checked_sub(1).map(View) else { return };
    let quorum = stage.hand.config.quorum();
    let seq = executed.next();
    let proposal = proposal(stage, state, before, seq);
    for replayed in [true, false] {
        for count in [quorum - 1, quorum] {
            let slot = OrderSlot {
                prepares: prepares(stage, &proposal, quorum - 1),
                commits: commits(stage, &proposal, count),
                pre_prepare: Some(proposal.clone()),
                prepared: true,
                committed: replayed || count >= quorum,
                replayed,
            };
            let mut state = state.clone();
            state.slots.insert(seq, slot);
            stage.edge("prepared and replayed", "order.pc_set", state, (*view, *executed));
        }
    }
}

/// Any time passes, up to the longest, where tokens come as fast as they can, and about as many are there
/// as may be.
pub(super) fn refill(stage: &mut Stage<'_>) {
    let (state, (_,)) = stage.call::<State, (Time,)>();
    let most = stage.hand.config.windows.order;
    for period in [0, 1, 3, 4, 1000] {
        let mut config = stage.hand.config.clone();
        config.timing.pre_prepare = period;
        stage.told = Some(Arc::new(config));
        for tokens in [0, 1, most - 1, most] {
            for (filled, passed) in
                [(0, u64::MAX), (0, most - 1), (7, most), (7, 1500), (u64::MAX, 0)]
            {
                let filled_at = Time(filled);
                let state = State { tokens, filled_at, ..state.clone() };
                let now = Time(filled.saturating_add(passed));
                stage.edge("ends of time", "order.refill", state, (now,));
            }
        }
    }
}

/// Numbers of which only others said something, as many as are said again and one less, before one of
/// which this server did.
pub(super) fn retransmit(stage: &mut Stage<'_>) {
    let (state, (now,)) = stage.call::<State, (Time,)>();
    let config = stage.hand.config;
    let most = 256 / u64::from(config.n);
    // They fit into the window.
    let windows = Windows { order: 4 * most, ..config.windows.clone() };
    stage.told = Some(Arc::new(Config { windows, ..config.clone() }));
    let silent = |stage: &Stage<'_>, empty: bool, seq: Seq| {
        let proposal = proposal(stage, state, state.view, seq);
        let mut prepares = prepares(stage, &proposal, stage.hand.config.size());
        prepares.retain(|id, _| *id != state.me && !empty);
        OrderSlot { prepares, ..OrderSlot::default() }
    };
    for (count, empty) in [(most - 1, true), (most, true), (most, false)] {
        let mut state = State { retransmit_at: *now, ..state.clone() };
        state.slots.retain(|seq, _| *seq <= state.accepted);
        let held = state.accepted.0 - state.ordered.0;
        let first = state.accepted.0 + 1;
        let last = first + count.saturating_sub(held);
        for seq in (first..last).map(Seq) {
            state.slots.insert(seq, silent(stage, empty, seq));
        }
        let own = proposal(stage, &state, state.view, Seq(last));
        let mut slot = committed(stage, own.clone(), true);
        slot.commits = commits(stage, &own, stage.hand.config.size());
        state.slots.insert(Seq(last), slot);
        stage.edge("nothing to say", "order.retransmit", state, (*now,));
    }
}
