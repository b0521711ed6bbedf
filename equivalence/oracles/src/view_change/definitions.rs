//! The definitions that several contracts of view changes rest on.

use crate::effects::Order;
use crate::expected::Expected;
use crate::{Finding, answer};
use prime::view_change::{Round, State};
use std::collections::BTreeSet;
use wire::prime::{
    Bound, Constraint, InstallCertificate, PrePrepare, Prime, Proof, ReplayCommit, ReplayPrepare,
    Resolution,
};
use wire::{
    Config, Digest, Effect, List, Proofs, Reject, ReplicaId, Seq, Signable, Signed, Time, Verified,
    View,
};

/// How many views above the preinstalled one are remembered already.
const AHEAD: u64 = 1;

/// Most resolutions and Pre-Prepares handed to one server in a period, together.
pub(super) const ANSWERS: u32 = 256;

/// Holds an outcome against `expected`: effects in order, the state, and, which a Replay's digest does
/// not cover, who signed the Replays held.
pub(super) fn judge(
    expected: &Expected<'_, State>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    expected.judge(after, Order::Fixed, effects)?;
    for (view, round) in &expected.state.rounds {
        let held = |round: &Round| round.replay.as_ref().map(|replay| replay.signed().clone());
        let found = after.rounds.get(view).and_then(held);
        answer(&expected.rule("who signed the Replay"), &held(round), &found)?;
    }
    Ok(())
}

/// As many as one for each server.
pub(super) fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    List::take(&mut items.into_iter())
}

/// Whether the preinstalled view is not installed yet.
pub(super) fn changing(state: &State) -> bool {
    state.installed < state.preinstalled
}

/// What is known of the change under way.
pub(super) fn round(state: &State) -> Option<&Round> {
    state.rounds.get(&state.preinstalled).filter(|_| changing(state))
}

/// What is known of the change to `view`, from now on.
pub(super) fn round_mut(state: &mut State, view: View) -> &mut Round {
    state.rounds.entry(view).or_default()
}

/// Why nothing about the change to `view` may be remembered.
pub(super) fn outside(state: &State, view: View) -> Option<Reject> {
    if view < state.preinstalled || view == state.installed {
        Some(Reject::Stale)
    } else if view.0 - state.preinstalled.0 > AHEAD {
        Some(Reject::BeyondWindow)
    } else {
        None
    }
}

/// How many distinct servers signed those of `messages` that `counts`.
pub(super) fn signers<T: Signable<Signer = ReplicaId>>(
    messages: &[Signed<T>],
    counts: impl Fn(&Signed<T>) -> bool,
) -> usize {
    let counted = messages.iter().filter(|message| counts(message));
    counted.map(|message| message.signer).collect::<BTreeSet<_>>().len()
}

/// Whether at least Q distinct servers signed `constraint`, in the way that the cluster's proofs have.
pub(super) fn proven(config: &Config, constraint: &Constraint, proof: &Proof) -> bool {
    match proof {
        Proof::Certificate(partials) => {
            let signed = signers(partials, |partial| partial.body.constraint == *constraint);
            config.proofs == Proofs::Certificate && signed >= config.quorum()
        }
        Proof::Threshold(_) => config.proofs == Proofs::Threshold,
    }
}

/// Whether `resolution` is what `constraint` names.
pub(super) fn names(constraint: &Constraint, resolution: &Resolution) -> bool {
    (constraint.base, constraint.start_seq, constraint.resolution)
        == (resolution.base, resolution.start_seq(), resolution.digest())
}

/// The Replay-Prepares of others than the leader for the Replay held, ascending, if they are Q - 1.
pub(super) fn prepares(config: &Config, round: &Round) -> Option<Vec<Verified<ReplayPrepare>>> {
    let replay = round.replay.as_ref()?;
    let of_others = round.prepares.iter().filter(|&(signer, _)| *signer != replay.signer());
    let votes: Vec<_> = of_others
        .filter(|(_, vote)| vote.body().digest == replay.digest())
        .map(|(_, vote)| vote.clone())
        .collect();
    (votes.len() >= config.votes_beside_proposer()).then_some(votes)
}

/// The Replay-Commits for the Replay held, ascending, if they are Q.
pub(super) fn commits(config: &Config, round: &Round) -> Option<Vec<Verified<ReplayCommit>>> {
    let replay = round.replay.as_ref()?;
    let votes = round.commits.values().filter(|vote| vote.body().digest == replay.digest());
    let votes: Vec<_> = votes.cloned().collect();
    (votes.len() >= config.quorum()).then_some(votes)
}

/// The view that a certificate installs.
pub(super) fn view_of(install: &InstallCertificate) -> View {
    install.replay.body.constraint.view
}

/// R of what a certificate installs.
pub(super) fn resolution_of(install: &InstallCertificate) -> Digest {
    install.replay.body.constraint.resolution
}

/// The numbers of `resolution`, ascending, with what each is bound to.
pub(super) fn numbers(resolution: &Resolution) -> impl Iterator<Item = (Seq, Option<Bound>)> {
    let first = resolution.base.0.saturating_add(1);
    (0..)
        .zip(resolution.entries.iter())
        .map(move |(i, &bound)| (Seq(first.saturating_add(i)), bound))
}

/// What `resolution` says that Pre-Prepares are needed for: its numbers above `executed` that are no
/// no-ops, ascending.
pub(super) fn bound_above(resolution: &Resolution, executed: Seq) -> Vec<(Seq, Bound)> {
    let above = numbers(resolution).filter(|&(seq, _)| seq > executed);
    above.filter_map(|(seq, bound)| bound.map(|bound| (seq, bound))).collect()
}

/// Which Pre-Prepares of numbers above `executed` R names and this server lacks, ascending; `None` if it
/// lacks the resolution.
pub(super) fn lacks(state: &State, r: Digest, executed: Seq) -> Option<Vec<(Seq, Bound)>> {
    let named = bound_above(state.resolutions.get(&r)?, executed);
    Some(named.into_iter().filter(|key| !state.proposals.contains_key(key)).collect())
}

/// Whether R is held: with every Pre-Prepare of a number above `executed`.
pub(super) fn holds(state: &State, r: Digest, executed: Seq) -> bool {
    lacks(state, r, executed).is_some_and(|missing| missing.is_empty())
}

/// The resolutions that are needed: in a change, those named by statements, and by the Replay if it is
/// here or Q servers committed the Replay; and those of certificates offered.
pub(super) fn needed(config: &Config, state: &State) -> BTreeSet<Digest> {
    let of_round = round(state).into_iter().flat_map(|round| {
        let statements = round.delivered.values().filter_map(|from| from.statement.as_ref());
        let stated = statements.filter_map(|says| says.replay).map(|chosen| chosen.resolution);
        let replay = round.replay.as_ref().map(|replay| replay.body().constraint.resolution);
        let sure =
            |r: &Digest| state.resolutions.contains_key(r) || commits(config, round).is_some();
        stated.chain(replay.filter(sure))
    });
    of_round.chain(state.offered.values().map(resolution_of)).collect()
}

/// The complete state of `originator` was collected: what it says is valid, this server executed as
/// far, and holds the resolution that its Replay certificate names.
pub(super) fn collected(state: &State, originator: ReplicaId, executed: Seq) -> bool {
    let from = round(state).and_then(|round| round.delivered.get(&originator));
    from.and_then(|from| from.statement.as_ref()).is_some_and(|says| {
        let held = says.replay.is_none_or(|chosen| holds(state, chosen.resolution, executed));
        says.executed <= executed && held
    })
}

/// The Pre-Prepare for (`seq`, `bound`).
pub(super) fn key_of(proposal: &Verified<PrePrepare>) -> (Seq, Bound) {
    let body = proposal.body();
    (body.seq, Bound { view: body.view, digest: proposal.digest() })
}

/// Makes `view` the preinstalled one, if it is above it, and drops what only lower views needed.
pub(super) fn enter(state: &mut State, view: View) {
    if view > state.preinstalled {
        state.preinstalled = view;
        state.rounds.retain(|&of, _| of >= view);
        prune(state);
    }
}

/// Counts the view of `install` as installed, and keeps the certificate, with its resolution, instead of
/// those whose base is not lower. What it needs outlasts [`enter`], what only those offered needed that
/// are over does not.
pub(super) fn install(state: &mut State, install: &InstallCertificate) {
    let view = view_of(install);
    state.installs.retain(|_, held| held.resolution.base < install.resolution.base);
    state.installs.insert(view, install.clone());
    state.resolutions.insert(resolution_of(install), install.resolution.clone());
    state.installed = state.installed.max(view);
    state.rounds.retain(|&of, _| of > view);
    state.offered.retain(|&of, _| of > view);
    enter(state, view);
}

/// Drops resolutions that no certificate kept across views names, Pre-Prepares that none of the others
/// names, and what was asked for.
pub(super) fn prune(state: &mut State) {
    let installs = state.installs.values().chain(state.offered.values());
    let chosen = state.certificate.iter().map(|held| held.replay.body.constraint.resolution);
    let kept: BTreeSet<Digest> = chosen.chain(installs.map(resolution_of)).collect();
    state.resolutions.retain(|r, _| kept.contains(r));
    let resolutions = state.resolutions.values();
    let named: BTreeSet<(Seq, Bound)> =
        resolutions.flat_map(|held| bound_above(held, Seq(0))).collect();
    state.proposals.retain(|key, _| named.contains(key));
    state.asked.clear();
}

/// Counts one more answer to `peer`; false if it got its share in its period.
pub(super) fn may_answer(state: &mut State, config: &Config, now: Time, peer: ReplicaId) -> bool {
    let (since, count) = state.answered[peer.index()];
    let over = count == 0 || since.after(config.timing.retransmit) <= now;
    let (since, count) = if over { (now, 0) } else { (since, count) };
    if count < ANSWERS {
        state.answered[peer.index()] = (since, count + 1);
    }
    count < ANSWERS
}
