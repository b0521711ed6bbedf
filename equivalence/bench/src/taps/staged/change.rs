//! Changes of views: what is held is asked for, what was lost comes, and proof of all kinds.

use super::Stage;
use prime::view_change::{AHEAD, ANSWERS, State, numbers};
use wire::prime::{
    Bound, Constraint, InstallCertificate, PrePrepare, Proof, ProposalRequest, Replay,
    ReplayCommit, ReplayConflict, Resolution, ResolutionAnswer, ResolutionRequest, VcPartialSig,
};
use wire::{List, Seq, Time, Verified, View};

pub(super) fn make_requests(stage: &mut Stage<'_>) {
    let (state, (now, executed)) = stage.call::<State, (Time, Seq)>();
    requests(stage, state, *now);
    lost(stage, state, *now, *executed);
}

pub(super) fn make_replay_commit(stage: &mut Stage<'_>) {
    let (state, (executed,)) = stage.call::<State, (Seq,)>();
    lost(stage, state, state.retransmit_at, *executed);
}

/// Somebody asks for a Pre-Prepare or a resolution that is held, and got as much as it may.
fn requests(stage: &mut Stage<'_>, state: &State, now: Time) {
    let asker = stage.another(state.me);
    let counted = stage.counted(now, ANSWERS);
    let with = |counted: (Time, u32)| {
        let mut state = state.clone();
        state.answered[asker.index()] = counted;
        state
    };
    if let Some(((seq, bound), proposal)) = state.proposals.first_key_value() {
        let wanted = ProposalRequest { seq: *seq, bound: *bound };
        let wanted = stage.hand.sign(asker, wanted);
        for counted in counted {
            let args = (now, wanted.clone(), None::<Verified<PrePrepare>>);
            stage.put("view_change.on_proposal_request", with(counted), args);
        }
        let mut elsewhere = state.clone();
        elsewhere.proposals.clear();
        let args = (now, wanted, Some(proposal.clone()));
        stage.put("view_change.on_proposal_request", elsewhere, args);
    }
    if let Some(digest) = state.resolutions.keys().next() {
        let wanted = stage.hand.sign(asker, ResolutionRequest { digest: *digest });
        for counted in counted {
            let args = (now, wanted.clone());
            stage.put("view_change.on_resolution_request", with(counted), args);
        }
    }
}

/// The same server, if it had missed what was broadcast, and heard only of the Replay and of Q servers'
/// votes for it; what it lacks of it is empty. With the resolution.
fn missed(stage: &Stage<'_>, state: &State) -> Option<(State, Resolution)> {
    let (view, me) = (state.preinstalled, state.me);
    let config = stage.hand.config;
    let replay = state.round()?.replay.clone()?;
    let resolution = state.resolutions.get(&replay.body().constraint.resolution)?.clone();
    if config.leader_of(view) == me {
        return None;
    }
    let mut state = state.clone();
    let digest = replay.digest();
    let round = state.rounds.get_mut(&view)?;
    (round.listed, round.prepared, round.committed) = (None, None, None);
    round.signed.clear();
    round.delivered.clear();
    round.lists.remove(&me);
    round.partials.remove(&me);
    round.prepares.remove(&me);
    round.commits.clear();
    for id in config.replicas().filter(|id| *id != me).take(config.quorum()) {
        let vote = ReplayCommit { view, digest };
        round.commits.insert(id, stage.hand.sign(id, vote));
    }
    state.certificate.take_if(|held| held.replay.body.constraint.view == view);
    state.prune();
    Some((state, resolution))
}

/// A server that lacks the resolution, or Pre-Prepares that it names, asks for them and is answered.
fn lost(stage: &mut Stage<'_>, state: &State, now: Time, executed: Seq) {
    let Some((missed, resolution)) = missed(stage, state) else { return };
    let other = stage.another(state.me);
    let answer = ResolutionAnswer { resolution: resolution.clone() };
    let answer = stage.hand.sign(other, answer);
    stage.put("view_change.on_resolution_answer", missed.clone(), (answer.clone(),));
    stage.put("view_change.make_requests", missed.clone(), (now, executed));
    let mut told = missed;
    told.resolutions.insert(resolution.digest(), resolution.clone());
    stage.put("view_change.on_resolution_answer", told.clone(), (answer,));
    // Of what it has executed it needs no Pre-Prepares.
    for executed in [executed, resolution.base] {
        stage.put("view_change.make_requests", told.clone(), (now, executed));
        let named = numbers(&resolution).filter_map(|(seq, bound)| Some((seq, bound?)));
        let held = |key: (Seq, Bound)| state.proposals.get(&key);
        if let Some(proposal) = named.filter_map(held).last() {
            let mut told = told.clone();
            told.proposals.clear();
            stage.put("view_change.make_requests", told.clone(), (now, executed));
            stage.put("view_change.on_proposal", told, (proposal.clone(), executed));
        }
    }
}

/// A Replay about `constraint` by the leader of its view, signed for by whoever signed `proof`.
fn replay(stage: &Stage<'_>, constraint: Constraint, proof: &Proof) -> Verified<Replay> {
    let proof = match proof {
        Proof::Certificate(partials) => {
            let again = partials.iter().map(|partial| {
                let share = partial.body.share;
                let body = VcPartialSig { constraint: constraint.clone(), share };
                stage.hand.sign(partial.signer, body).signed().clone()
            });
            Proof::Certificate(List::take(&mut again.collect::<Vec<_>>().into_iter()))
        }
        Proof::Threshold(point) => Proof::Threshold(*point),
    };
    let leader = stage.hand.config.leader_of(constraint.view);
    stage.hand.sign(leader, Replay { constraint, proof })
}

/// Proof that a leader sent two Replays: of this change, of one that is over, of one beyond the window,
/// and again.
pub(super) fn on_replay(stage: &mut Stage<'_>) {
    let (state, (message,)) = stage.call::<State, (Verified<Replay>,)>();
    let Replay { constraint, proof } = message.body();
    let beyond = View(state.preinstalled.0.saturating_add(AHEAD + 1));
    let again = |view: View| {
        let first = Constraint { view, ..constraint.clone() };
        let second = Constraint { start_seq: first.start_seq.next(), ..first.clone() };
        let [first, second] = [first, second].map(|it| replay(stage, it, proof).signed().clone());
        stage.hand.sign(stage.another(state.me), ReplayConflict { first, second })
    };
    let proofs = [state.preinstalled, state.installed, beyond].map(again);
    let known = proofs[0].clone();
    for proof in proofs {
        stage.put("view_change.on_replay_conflict", state.clone(), (proof,));
    }
    let mut convicted = state.clone();
    if let Some(round) = convicted.rounds.get_mut(&state.preinstalled) {
        (round.conflict, round.accused) = (Some(known.clone()), true);
        stage.put("view_change.on_replay_conflict", convicted.clone(), (known.clone(),));
        if let Some(round) = convicted.rounds.get_mut(&state.preinstalled) {
            round.conflict = None;
            stage.put("view_change.on_replay_conflict", convicted, (known,));
        }
    }
}

/// A certificate of a view of which one is held, and one that a higher one is in the way of.
pub(super) fn on_install_certificate(stage: &mut Stage<'_>) {
    let (state, args) = stage.call::<State, (Verified<InstallCertificate>, Seq)>();
    let (message, ordered) = args;
    let InstallCertificate { replay: held, commits, resolution } = message.body();
    let constraint = &held.body.constraint;
    if constraint.view <= state.installed || commits.len() < stage.hand.config.quorum() {
        return;
    }
    let at = |view: View| {
        let constraint = Constraint { view, ..constraint.clone() };
        let replay = replay(stage, constraint, &held.body.proof);
        let vote = ReplayCommit { view, digest: replay.digest() };
        let votes = commits
            .iter()
            .map(|commit| stage.hand.sign(commit.signer, vote.clone()).signed().clone());
        let commits = List::take(&mut votes.collect::<Vec<_>>().into_iter());
        InstallCertificate {
            replay: replay.signed().clone(),
            commits,
            resolution: resolution.clone(),
        }
    };
    let offered = [at(constraint.view), at(View(constraint.view.0.saturating_add(1)))];
    for offer in offered {
        let mut state = state.clone();
        state.resolutions.insert(constraint.resolution, resolution.clone());
        state.offered.insert(offer.replay.body.constraint.view, offer);
        let near = (*ordered).max(resolution.base);
        stage.put("view_change.on_install_certificate", state, (message.clone(), near));
    }
}
