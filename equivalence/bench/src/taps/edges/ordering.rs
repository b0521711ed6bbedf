//! Numbers that were ordered out of turn, by another view, or about which votes do not go together.

use super::Stage;
use prime::order::{OrderSlot, State};
use prime::pre_order;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wire::prime::{Commit, Matrix, OrderedCertificate, PoAru, PrePrepare, Prepare};
use wire::{Config, List, PoSeq, ReplicaId, Seq, Signed, Time, Verified, View, Windows};

type Commits = BTreeMap<ReplicaId, Verified<Commit>>;
type Prepares = BTreeMap<ReplicaId, Verified<Prepare>>;

/// The same Pre-Prepare, if it were of that view and number.
fn proposal(stage: &Stage<'_>, state: &State, view: View, seq: Seq) -> Verified<PrePrepare> {
    let body = PrePrepare { view, seq, matrix: state.preceding.clone() };
    stage.hand.sign(stage.hand.config.leader_of(view), body)
}

/// A matrix that may follow `matrix`: somebody pre-ordered one thing more.
fn grown(stage: &Stage<'_>, matrix: &Matrix) -> Matrix {
    let none = vec![PoSeq(0); stage.hand.config.size()];
    let mut rows: Vec<_> = matrix.rows.iter().cloned().collect();
    let Some(first) = rows.first_mut() else { return matrix.clone() };
    let mut row = first.as_ref().map_or(none, |row| row.body.vec.iter().copied().collect());
    row[0] = PoSeq(row[0].0.saturating_add(1));
    let row = PoAru { vec: List::take(&mut row.into_iter()) };
    *first = Some(stage.hand.sign(ReplicaId(1), row).signed().clone());
    Matrix { rows: List::take(&mut rows.into_iter()) }
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
        state.slots.insert(seq, slot);
        for tokens in [0, 1] {
            let state = State { tokens, ..state.clone() };
            stage.edge("one that does not follow", "order.accept", state, ());
        }
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

/// Shown as ordered is what is held of its number, or something else, of the same view or another, where
/// none, that of the last number accepted or of the last proposed is held, prepared or not.
pub(super) fn on_ordered_certificate(stage: &mut Stage<'_>) {
    let (state, (message,)) = stage.call::<State, (Verified<OrderedCertificate>,)>();
    let config = stage.hand.config;
    let view = state.view;
    let others = [Some(view.0), view.0.checked_sub(1), view.0.checked_add(1)];
    let numbers = [state.accepted, state.accepted.next(), state.proposed, state.proposed.next()];
    for seq in numbers.into_iter().filter(|seq| *seq > state.ordered) {
        let held = state.slots.get(&seq).and_then(|slot| slot.pre_prepare.clone());
        let held = held.unwrap_or_else(|| proposal(stage, state, view, seq));
        let slot = OrderSlot {
            prepares: prepares(stage, &held, config.votes_beside_proposer()),
            prepared: seq <= state.accepted,
            pre_prepare: Some(held.clone()),
            ..OrderSlot::default()
        };
        let bare = OrderSlot { prepares: Prepares::new(), prepared: false, ..slot.clone() };
        let matrix = grown(stage, &held.body().matrix);
        let contrary = others.into_iter().flatten().map(View).map(|view| {
            let body = PrePrepare { view, seq, matrix: matrix.clone() };
            stage.hand.sign(config.leader_of(view), body)
        });
        let foreign = PrePrepare { view, seq, matrix: matrix.clone() };
        let foreign = stage.hand.sign(stage.another(config.leader_of(view)), foreign);
        let shown: Vec<_> = contrary.chain([held, foreign]).collect();
        for shown in shown {
            let votes = commits(stage, &shown, config.quorum()).into_values();
            let votes = votes.map(|vote| vote.signed().clone()).collect::<Vec<_>>();
            let body = OrderedCertificate {
                pre_prepare: shown.signed().clone(),
                commits: List::take(&mut votes.into_iter()),
            };
            let args = (stage.hand.sign(message.signer(), body),);
            for (slot, accused) in [(&slot, false), (&slot, true), (&bare, false)] {
                let mut state = State { leader_accused: accused, ..state.clone() };
                if seq > state.accepted {
                    // It would have been accepted.
                    state.tokens = 0;
                }
                state.slots.insert(seq, slot.clone());
                stage.edge(
                    "something is held",
                    "order.on_ordered_certificate",
                    state,
                    args.clone(),
                );
            }
            if seq == state.accepted {
                // Whatever was accepted is held.
                continue;
            }
            let mut state = state.clone();
            state.slots.remove(&seq);
            stage.odd("nothing is held", "order.on_ordered_certificate", state, args);
        }
    }
}

/// A matrix with a row too few or too many, a row in another's place, one that is too short, and one that is null
/// where it was not.
pub(super) fn follows(stage: &mut Stage<'_>) {
    let ((), (preceding, _)) = stage.call::<(), (Matrix, Matrix)>();
    let next = grown(stage, preceding);
    let rows: Vec<_> = next.rows.iter().cloned().collect();
    let mut odd = vec![rows[1..].to_vec(), [&rows[..], &[None]].concat()];
    let mut changed = |at: usize, row: Option<Signed<PoAru>>| {
        let mut rows = rows.clone();
        rows[at] = row;
        odd.push(rows);
    };
    let first = rows[0].as_ref().map(|row| row.body.clone());
    let of = |id: ReplicaId, row: PoAru| stage.hand.sign(id, row).signed().clone();
    changed(0, first.clone().map(|row| of(ReplicaId(2), row)));
    changed(1, first.clone().map(|row| of(ReplicaId(1), row)));
    let short = first.map(|row| PoAru { vec: List::take(&mut row.vec.iter().copied().skip(1)) });
    changed(1, short.map(|row| of(ReplicaId(2), row)));
    for rows in odd {
        let matrix = Matrix { rows: List::take(&mut rows.into_iter()) };
        stage.odd("no square", "order.follows", (), (preceding.clone(), matrix));
    }
    let none = vec![None; rows.len()];
    let none = Matrix { rows: List::take(&mut none.into_iter()) };
    stage.edge("null again", "order.follows", (), (next, none));
}

/// Numbers of which a view change says a Pre-Prepare, or that they are none, of which some were ordered out of
/// turn before or proposed; and those behind them, ordered or not. What came early is about each of them.
pub(super) fn install(stage: &mut Stage<'_>) {
    type Bound = BTreeMap<Seq, Option<Verified<PrePrepare>>>;
    let (state, args) = stage.call::<State, (View, Seq, Bound)>();
    let (view, start_seq, _) = args;
    bound(stage, state, *view);
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

fn bound(stage: &mut Stage<'_>, state: &State, view: View) {
    let number = |ahead: u64| Seq(state.ordered.0.saturating_add(ahead));
    let mut state = state.clone();
    state.slots.retain(|seq, _| *seq <= state.ordered);
    let of = |stage: &Stage<'_>, ahead: u64| proposal(stage, &state, state.view, number(ahead));
    // One that is none, two that are something, and one beyond them that is not looked at.
    let said = [None, Some(of(stage, 2)), Some(of(stage, 3)), None];
    let said: BTreeMap<_, _> = (1..).map(number).zip(said).collect();
    let open = |stage: &Stage<'_>, ahead: u64, votes: usize| {
        let pre_prepare = of(stage, ahead);
        let prepares = prepares(stage, &pre_prepare, votes);
        OrderSlot { pre_prepare: Some(pre_prepare), prepares, ..OrderSlot::default() }
    };
    let voted = stage.hand.config.votes_beside_proposer();
    let mut met = state.clone();
    let prepared = OrderSlot { prepared: true, ..open(stage, 1, voted) };
    met.slots.insert(number(1), prepared);
    met.slots.insert(number(2), open(stage, 2, 1));
    let out_of_turn = of(stage, 3);
    met.slots.insert(number(3), committed(stage, out_of_turn, true));
    met.slots.insert(number(4), open(stage, 4, 1));
    let proposed = State { proposed: number(2), ..met.clone() };
    let own = of(stage, 5).body().clone();
    let promised = State { promised: BTreeMap::from([(number(5), own)]), ..met.clone() };
    let mut early = State { preinstalled: view, ..met.clone() };
    for ahead in [2, 4, 6] {
        let body = PrePrepare { view, seq: number(ahead), matrix: grown(stage, &state.preceding) };
        let next = stage.hand.sign(stage.hand.config.leader_of(view), body);
        let commits = commits(stage, &next, stage.hand.config.quorum());
        let slot = OrderSlot { pre_prepare: Some(next), commits, ..OrderSlot::default() };
        early.early.insert(number(ahead), slot);
    }
    for met in [state.clone(), met, proposed, promised, early] {
        for ahead in [2, 4] {
            let args = (view, number(ahead), said.clone());
            stage.edge("numbers that were bound", "order.install", met.clone(), args);
        }
    }
}

/// What a Proof-Matrix shows is of servers that are blacklisted, or that are known for something else.
pub(super) fn make_pre_prepare(stage: &mut Stage<'_>) {
    let (state, (now, pre_order)) = stage.call::<State, (Time, pre_order::State)>();
    let all: BTreeSet<ReplicaId> = stage.hand.config.replicas().collect();
    for (blacklist, equivocators) in [(all.clone(), BTreeSet::new()), (BTreeSet::new(), all)] {
        let pre_order = pre_order::State { blacklist, equivocators, ..pre_order.clone() };
        stage.edge(
            "of whom nothing counts",
            "order.make_pre_prepare",
            state.clone(),
            (*now, pre_order),
        );
    }
}

/// Votes for the next number were read, and nobody has counted them: its Pre-Prepare follows, or does not.
pub(super) fn resume(stage: &mut Stage<'_>) {
    let (state, ()) = stage.call::<State, ()>();
    let seq = state.accepted.next();
    let body = |matrix: Matrix| PrePrepare { view: state.view, seq, matrix };
    for matrix in [grown(stage, &state.preceding), state.preceding.clone()] {
        let next = stage.hand.sign(stage.hand.config.leader_of(state.view), body(matrix));
        for count in [0, stage.hand.config.quorum()] {
            let commits = commits(stage, &next, count);
            let slot =
                OrderSlot { pre_prepare: Some(next.clone()), commits, ..OrderSlot::default() };
            let mut state = State { tokens: 1, ..state.clone() };
            state.slots.insert(seq, slot);
            stage.edge("nobody has counted", "order.resume", state, ());
        }
    }
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
        stage.edge("nothing to say", "order.retransmit", state.clone(), (*now,));
        if state.ordered > Seq(0) {
            let before = state.ordered;
            state.retired = Seq(before.0 - 1);
            let own = proposal(stage, &state, state.view, before);
            let mut slot = committed(stage, own.clone(), true);
            slot.commits = commits(stage, &own, stage.hand.config.size());
            state.slots.insert(before, slot);
            stage.edge("one that is ordered", "order.retransmit", state, (*now,));
        }
    }
}
