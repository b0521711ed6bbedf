//! Changes of views with two choices, with lists of which some amount to nothing, and at caps.

use super::Stage;
use prime::view_change::{self, ASKED, Chosen, Delivered, State, Statement};
use std::collections::BTreeMap;
use wire::prime::{
    Bound, Certificate, Constraint, Ids, InstallCertificate, MAX_REPLAY, Payload, PrePrepare,
    RbInit, ReplayCommit, Report, Resolution, VcPartialSig,
};
use wire::{Config, Digest, List, ReplicaId, Seq, Time, Verified, View};

/// Q servers from `from` on.
fn quorum(config: &Config, from: usize) -> Ids {
    let all = config.replicas().collect::<Vec<_>>();
    let from = from.min(all.len() - config.quorum());
    List::take(&mut all.into_iter().skip(from).take(config.quorum()))
}

/// Just enough servers vouch for an entry, one less do, or one of these twice.
pub(super) fn content_valid(stage: &mut Stage<'_>) {
    type Args = (View, Report, Vec<Certificate>);
    let ((), (view, report, entries)) = stage.call::<(), Args>();
    let config = stage.hand.config;
    for (at, entry) in entries.iter().enumerate().take(2) {
        let short = |least: usize, twice: bool| match entry {
            Certificate::Prepared(proposal, votes) => {
                Certificate::Prepared(proposal.clone(), cut(votes, least - 1, twice))
            }
            Certificate::Committed(proposal, votes) => {
                Certificate::Committed(proposal.clone(), cut(votes, least, twice))
            }
        };
        for (less, twice) in [(0, false), (1, false), (1, true)] {
            let mut entries = entries.clone();
            entries[at] = short(config.quorum() - less, twice);
            let args = (*view, report.clone(), entries);
            stage.edge("just enough for an entry", "view_change.content_valid", (), args);
        }
    }
}

/// The first `count` votes; the first of them once more, if it stands there `twice`.
fn cut<V: Clone, const MAX: usize>(
    votes: &List<V, MAX>,
    count: usize,
    twice: bool,
) -> List<V, MAX> {
    let again = votes.iter().take(usize::from(twice));
    List::take(&mut votes.iter().take(count).chain(again).cloned())
}

/// The certificate made here and one offered are of the same view, and name other servers' votes.
pub(super) fn installed(stage: &mut Stage<'_>) {
    let (state, args) = stage.call::<State, (Seq, Seq)>();
    let config = stage.hand.config;
    let Some(own) = view_change::installed(state, config, args.0, args.1) else { return };
    let view = own.replay.body.constraint.view;
    let digest = own.commits.first().map(|vote| vote.body.digest);
    let (Some(digest), true) = (digest, state.round().is_some()) else { return };
    let vote = ReplayCommit { view, digest };
    for from in [0, config.size()] {
        let ids = quorum(config, from);
        let votes = ids.iter().map(|id| stage.hand.sign(*id, vote.clone()).signed().clone());
        let commits = List::take(&mut votes.collect::<Vec<_>>().into_iter());
        let mut state = state.clone();
        state.offered.insert(view, InstallCertificate { commits, ..own.clone() });
        stage.edge("own and offered", "view_change.installed", state, *args);
    }
}

/// What was signed for the Replay's list is not what the Replay says, for the first time or not, the resolution
/// held or not; and a restart after each of the promises of such a change.
pub(super) fn make_replay_commit(stage: &mut Stage<'_>) {
    let (state, (executed,)) = stage.call::<State, (Seq,)>();
    let Some(replay) = state.round().and_then(|round| round.replay.clone()) else { return };
    let constraint = &replay.body().constraint;
    let with = |change: &dyn Fn(&mut view_change::Round)| {
        let mut state = state.clone();
        state.rounds.get_mut(&state.preinstalled).into_iter().for_each(change);
        state
    };
    let other = Constraint { start_seq: constraint.start_seq.next(), ..constraint.clone() };
    for (alarmed, held) in [(false, true), (true, true), (false, false)] {
        let mut state = with(&|round| {
            round.signed.insert(constraint.ids.clone(), other.clone());
        });
        state.alarmed = alarmed;
        if !held {
            state.resolutions.remove(&constraint.resolution);
        }
        stage.edge("another was signed", "view_change.make_replay_commit", state, (*executed,));
    }
    let leads = stage.hand.config.leader_of(state.preinstalled) == state.me;
    let (ids, digest) = (constraint.ids.clone(), replay.digest());
    for promises in 0..4 {
        let state = with(&|round| {
            round.listed = (promises > 0).then(|| ids.clone());
            round.promised = (leads && promises > 1).then(|| replay.body().clone());
            round.prepared = (promises > 1).then_some(digest);
            round.committed = (promises > 2).then_some(digest);
        });
        stage.edge("some was promised", "view_change.resume", state, ());
    }
}

/// Two lists, of which the first, the last, both or none amount to nothing.
pub(super) fn make_partials(stage: &mut Stage<'_>) {
    let (state, args) = stage.call::<State, (Seq,)>();
    let config = stage.hand.config;
    let view = state.preinstalled;
    let bound = Bound { view, digest: Digest::of("bench", b"above") };
    let bad = Statement { entries: BTreeMap::from([(Seq(1), bound)]), ..Statement::default() };
    let (first, last) = (quorum(config, 0), quorum(config, config.size()));
    for alarmed in [false, true] {
        for liar in [None, first.first(), last.last(), first.last()] {
            let mut state = State { alarmed, ..state.clone() };
            if state.round().is_none() {
                return;
            }
            let round = state.rounds.entry(view).or_default();
            (round.replay, round.lists) = (None, BTreeMap::new());
            round.signed.clear();
            round.lists.insert(ReplicaId(1), first.clone());
            round.lists.insert(ReplicaId(2), last.clone());
            for id in config.replicas() {
                let statement = if liar == Some(&id) { bad.clone() } else { Statement::default() };
                round.delivered.entry(id).or_default().statement = Some(statement);
            }
            stage.edge("lists that amount to nothing", "view_change.make_partials", state, *args);
        }
    }
}

/// Resolutions that name as many Pre-Prepares as are asked for at once, one less or one more, some of them
/// in common.
pub(super) fn make_requests(stage: &mut Stage<'_>) {
    let (state, (now, executed)) = stage.call::<State, (Time, Seq)>();
    if state.round().is_none() {
        return;
    }
    let bound = |number: usize| Bound {
        view: View(0),
        digest: Digest::of("bench", &(number as u64).to_le_bytes()),
    };
    let resolution = |count: usize| {
        let entries = (0..count).map(|number| Some(bound(number))).collect::<Vec<_>>();
        Resolution { base: *executed, entries: List::take(&mut entries.into_iter()) }
    };
    for counts in
        [[ASKED - 1, 1], [ASKED, 1], [ASKED + 1, 1], [ASKED / 2 + 1, ASKED / 2 + 2], [2, 3]]
    {
        let mut state = state.clone();
        state.asked.clear();
        for (id, count) in stage.hand.config.replicas().zip(counts) {
            needs(&mut state, id, resolution(count));
        }
        let args = (*now, *executed);
        stage.edge("as many as are asked for", "view_change.make_requests", state, args);
    }
}

/// Q servers signed each of two constraints, or all but one of them one.
pub(super) fn make_vc_proof(stage: &mut Stage<'_>) {
    let (state, ()) = stage.call::<State, ()>();
    let config = stage.hand.config;
    let view = state.preinstalled;
    if state.round().is_none() {
        return;
    }
    let constraint = |from: usize| {
        let ids = quorum(config, from);
        let resolution = Resolution::default();
        let (base, start_seq) = (resolution.base, resolution.start_seq());
        Constraint { view, ids, base, start_seq, resolution: resolution.digest() }
    };
    for less in [None, Some(0), Some(config.size())] {
        let mut state = state.clone();
        let round = state.rounds.entry(view).or_default();
        (round.proof, round.proof_sent) = (None, false);
        round.partials.clear();
        for from in [0, config.size()] {
            let missing = usize::from(less == Some(from));
            for id in config.replicas().take(config.quorum() - missing) {
                let constraint = constraint(from);
                let ids = constraint.ids.clone();
                let partial = stage.hand.sign(id, VcPartialSig { constraint, share: None });
                round.partials.entry(id).or_default().insert(ids, partial);
            }
        }
        stage.edge("two that are signed", "view_change.make_vc_proof", state, ());
    }
}

/// A Report of one entry, all of which is there, or nearly; it is true or not; and a number comes that
/// belongs to it or does not.
pub(super) fn on_delivered(stage: &mut Stage<'_>) {
    let (state, (message,)) = stage.call::<State, (Verified<RbInit>,)>();
    let (view, originator) = (message.body().view, message.signer());
    if view != state.preinstalled || state.round().is_none() {
        return;
    }
    let init = |seq: u32, count: u32| {
        let report = Report { executed: Seq(0), count, replay: None };
        stage.hand.sign(originator, RbInit { view, seq, payload: Payload::Report(report) })
    };
    let mut made = Vec::new();
    for count in [0, 1] {
        for held in 0..=2 {
            let mut state = state.clone();
            let round = state.rounds.entry(view).or_default();
            // Under number 1 a Report is no entry, and count 1 is a lie.
            let inits = (0..held).map(|seq| (seq, init(seq, count))).collect();
            round.delivered.insert(originator, Delivered { inits, statement: None });
            made.extend((0..=3).map(|seq| (state.clone(), init(seq, count))));
        }
    }
    for (state, message) in made {
        stage.edge("all of a Report, or nearly", "view_change.on_delivered", state, (message,));
    }
}

/// A Pre-Prepare that a resolution names, which is needed and lacks it or holds it already; and of a number
/// that was executed or was not.
pub(super) fn on_proposal(stage: &mut Stage<'_>) {
    type Args = (Verified<PrePrepare>, Seq);
    let (state, (message, executed)) = stage.call::<State, Args>();
    let body = message.body();
    let bound = Bound { view: body.view, digest: message.digest() };
    let Some(base) = body.seq.0.checked_sub(1).map(Seq) else { return };
    let resolution = Resolution { base, entries: List::take(&mut std::iter::once(Some(bound))) };
    if state.round().is_none() {
        return;
    }
    let mut lacks = state.clone();
    lacks.proposals.clear();
    needs(&mut lacks, ReplicaId(1), resolution);
    let mut holds = lacks.clone();
    holds.proposals.insert((body.seq, bound), message.clone());
    for state in [lacks.clone(), holds] {
        for executed in [base, body.seq, *executed] {
            let args = (message.clone(), executed);
            stage.edge("one that is named", "view_change.on_proposal", state.clone(), args);
        }
    }
    // Beside another or a no-op, or by two resolutions.
    let Some(before) = base.0.checked_sub(1).map(Seq) else { return };
    let other = Bound { view: body.view, digest: Digest::of("bench", &body.seq.0.to_le_bytes()) };
    let neighbours = [
        ("named after another", before, [Some(other), Some(bound)]),
        ("named after a no-op", before, [None, Some(bound)]),
        ("named before another", base, [Some(bound), Some(other)]),
    ];
    for (edge, base, entries) in neighbours {
        let resolution = Resolution { base, entries: List::take(&mut entries.into_iter()) };
        let mut alone = state.clone();
        alone.proposals.clear();
        needs(&mut alone, ReplicaId(1), resolution.clone());
        let mut twice = lacks.clone();
        needs(&mut twice, ReplicaId(2), resolution);
        let args = (message.clone(), base);
        stage.edge(edge, "view_change.on_proposal", alone, args.clone());
        stage.edge("named twice", "view_change.on_proposal", twice, args);
    }
}

/// Lets the statement of `id` rest on `resolution`.
fn needs(state: &mut State, id: ReplicaId, resolution: Resolution) {
    let (base, start_seq) = (resolution.base, resolution.start_seq());
    let digest = resolution.digest();
    let chosen = Chosen { view: View(1), base, start_seq, resolution: digest };
    let statement = Statement { replay: Some(chosen), ..Statement::default() };
    state.resolutions.insert(digest, resolution);
    let round = state.rounds.entry(state.preinstalled).or_default();
    round.delivered.entry(id).or_default().statement = Some(statement);
}

/// As many numbers as there may be, one less, and one more.
pub(super) fn resolve(stage: &mut Stage<'_>) {
    type Args = (Vec<Statement>, BTreeMap<Digest, Resolution>);
    let ((), (members, held)) = stage.call::<(), Args>();
    let all: Vec<&Statement> = members.iter().collect();
    let Some(resolved) = view_change::resolve(&all, held) else { return };
    let views = members.iter().filter_map(|member| Some(member.replay?.view));
    let view = views.max().unwrap_or(View(0));
    for count in [MAX_REPLAY - 1, MAX_REPLAY, MAX_REPLAY + 1] {
        let seq = Seq(resolved.base.0.saturating_add(count as u64));
        let bound = Bound { view, digest: Digest::of("bench", b"last") };
        let mut members = members.clone();
        if let Some(member) = members.last_mut() {
            member.entries.insert(seq, bound);
        }
        stage.edge("as many as may be", "view_change.resolve", (), (members, held.clone()));
    }
}
