//! What the tests of view changes' oracles are made of, beside what all are. The leader of view v is
//! server v + 1 (of 4), server 1 is under test, and every list is 1, 2, 3.

pub(crate) use crate::kit::{ME, config, effects, held, reject, sign, trips};

use prime::view_change::{Chosen, Delivered, Round, State, Statement};
use std::collections::BTreeMap;
use wire::prime::{
    Bound, Certificate, Commit, Constraint, Ids, InstallCertificate, Matrix, Partials, PrePrepare,
    Prepare, Prime, Proof, Replay, ReplayCertificate, ReplayCommit, ReplayPrepare, Resolution,
    VcPartialSig, VcProof,
};
use wire::{Digest, Effect, Effects, List, Record, ReplicaId, Seq, Signed, To, Verified, View};

/// The change to `view` is under way, and nothing of it is known.
pub(crate) fn changing(view: u64) -> State {
    let mut state = State::new(&config(), ME);
    state.preinstalled = View(view);
    state.rounds.insert(View(view), Round::default());
    state
}

/// What is known of the preinstalled view.
pub(crate) fn now_in(state: &mut State) -> &mut Round {
    state.rounds.entry(state.preinstalled).or_default()
}

pub(crate) fn leader(view: u64) -> u16 {
    config().leader_of(View(view)).0
}

pub(crate) fn ids(of: &[u16]) -> Ids {
    List::new(of.iter().copied().map(ReplicaId).collect()).unwrap()
}

/// A proposal of `view`, told from others of its number by the matrix' null rows: 4 in a valid one.
pub(crate) fn proposal_with(view: u64, seq: u64, rows: usize) -> Verified<PrePrepare> {
    let matrix = Matrix { rows: List::new(vec![None; rows]).unwrap() };
    sign(leader(view), PrePrepare { view: View(view), seq: Seq(seq), matrix })
}

pub(crate) fn proposal(view: u64, seq: u64) -> Verified<PrePrepare> {
    proposal_with(view, seq, 4)
}

pub(crate) fn bound(proposal: &Verified<PrePrepare>) -> Bound {
    Bound { view: proposal.body().view, digest: proposal.digest() }
}

/// A proposal and its key.
pub(crate) fn entry(proposal: &Verified<PrePrepare>) -> ((Seq, Bound), Verified<PrePrepare>) {
    ((proposal.body().seq, bound(proposal)), proposal.clone())
}

/// What numbers from `base + 1` on are bound to: proposals of view 0, `false` for a no-op.
pub(crate) fn resolution(base: u64, bindings: &[bool]) -> Resolution {
    let entries = (base + 1..).zip(bindings);
    let entries = entries.map(|(seq, some)| some.then(|| bound(&proposal(0, seq)))).collect();
    Resolution { base: Seq(base), entries: List::new(entries).unwrap() }
}

/// Puts `resolution` into the state, with the proposals that it names.
pub(crate) fn hold(state: &mut State, resolution: &Resolution) {
    for (seq, bound) in (resolution.base.0 + 1..).zip(resolution.entries.iter()) {
        if bound.is_some() {
            state.proposals.extend([entry(&proposal(0, seq))]);
        }
    }
    state.resolutions.insert(resolution.digest(), resolution.clone());
}

pub(crate) fn constraint(view: u64, resolution: &Resolution) -> Constraint {
    Constraint {
        view: View(view),
        ids: ids(&[1, 2, 3]),
        base: resolution.base,
        start_seq: resolution.start_seq(),
        resolution: resolution.digest(),
    }
}

pub(crate) fn partial(by: u16, constraint: &Constraint) -> Verified<VcPartialSig> {
    sign(by, VcPartialSig { constraint: constraint.clone(), share: None })
}

pub(crate) fn partials(by: &[u16], constraint: &Constraint) -> Partials {
    let signed = by.iter().map(|&i| partial(i, constraint).signed().clone());
    List::new(signed.collect()).unwrap()
}

pub(crate) fn proof(by: &[u16], constraint: &Constraint) -> VcProof {
    let proof = Proof::Certificate(partials(by, constraint));
    VcProof { constraint: constraint.clone(), proof }
}

/// What a leader makes of a proof.
pub(crate) fn chooses(proof: VcProof) -> Replay {
    let VcProof { constraint, proof } = proof;
    Replay { constraint, proof }
}

/// The Replay of `constraint`, by its leader, which 1, 2 and 3 signed for.
pub(crate) fn replay(constraint: &Constraint) -> Verified<Replay> {
    sign(leader(constraint.view.0), chooses(proof(&[1, 2, 3], constraint)))
}

/// Replay-Prepares for `replay`, by signer.
pub(crate) fn prepares(
    by: &[u16],
    replay: &Verified<Replay>,
) -> BTreeMap<ReplicaId, Verified<ReplayPrepare>> {
    let (view, digest) = (replay.body().constraint.view, replay.digest());
    by.iter().map(|&i| (ReplicaId(i), sign(i, ReplayPrepare { view, digest }))).collect()
}

/// Replay-Commits for `replay`, by signer.
pub(crate) fn commits(
    by: &[u16],
    replay: &Verified<Replay>,
) -> BTreeMap<ReplicaId, Verified<ReplayCommit>> {
    let (view, digest) = (replay.body().constraint.view, replay.digest());
    by.iter().map(|&i| (ReplicaId(i), sign(i, ReplayCommit { view, digest }))).collect()
}

/// The signed messages of votes.
pub(crate) fn signed<T: wire::Signable, const MAX: usize>(
    votes: &BTreeMap<ReplicaId, Verified<T>>,
) -> List<Signed<T>, MAX> {
    List::new(votes.values().map(|vote| vote.signed().clone()).collect()).unwrap()
}

/// A Replay certificate by `prepares` of those servers.
pub(crate) fn certificate(by: &[u16], replay: &Verified<Replay>) -> ReplayCertificate {
    ReplayCertificate { replay: replay.signed().clone(), prepares: signed(&prepares(by, replay)) }
}

/// What installs `view` with `resolution`, by commits of those servers.
pub(crate) fn install_by(by: &[u16], view: u64, resolution: &Resolution) -> InstallCertificate {
    let replay = replay(&constraint(view, resolution));
    InstallCertificate {
        commits: signed(&commits(by, &replay)),
        replay: replay.signed().clone(),
        resolution: resolution.clone(),
    }
}

pub(crate) fn install(view: u64, resolution: &Resolution) -> InstallCertificate {
    install_by(&[1, 2, 4], view, resolution)
}

/// What a server says that executed so far, and chose `resolution` in a view, if it did.
pub(crate) fn statement(executed: u64, chose: Option<(u64, &Resolution)>) -> Statement {
    let replay = chose.map(|(view, resolution)| Chosen {
        view: View(view),
        base: resolution.base,
        start_seq: resolution.start_seq(),
        resolution: resolution.digest(),
    });
    Statement { executed: Seq(executed), replay, entries: BTreeMap::new() }
}

/// Each of these servers says that.
pub(crate) fn deliver(state: &mut State, by: &[u16], says: &Statement) {
    for &i in by {
        let delivered = Delivered { statement: Some(says.clone()), ..Delivered::default() };
        now_in(state).delivered.insert(ReplicaId(i), delivered);
    }
}

/// Any digest.
pub(crate) fn digest(of: &str) -> Digest {
    Digest::of("test", of.as_bytes())
}

/// Sent.
pub(crate) fn sent(to: To, body: impl Into<wire::prime::Body>) -> Effect<Prime> {
    Effect::Send { to, body: body.into() }
}

/// Passed on.
pub(crate) fn relayed(to: To, message: impl Into<wire::prime::Incoming>) -> Effect<Prime> {
    Effect::Relay { to, message: message.into() }
}

/// Logs somebody's message.
pub(crate) fn keep(effects: &mut Effects<Prime>, message: impl Into<wire::prime::Incoming>) {
    effects.persist(Record::Held(message.into()));
}

/// More than f servers are faulty.
pub(crate) fn alarm() -> Effect<Prime> {
    Effect::Reject { from: None, reason: wire::Reject::Invalid }
}

/// Partial signatures of both.
pub(crate) fn join(one: &Partials, other: &Partials) -> Partials {
    List::new(one.iter().chain(other.iter()).cloned().collect()).unwrap()
}

/// A prepare certificate by Prepares of those servers.
pub(crate) fn prepared(proposal: &Verified<PrePrepare>, by: &[u16]) -> Certificate {
    let PrePrepare { view, seq, .. } = *proposal.body();
    let digest = proposal.digest();
    let votes = by.iter().map(|&i| sign(i, Prepare { view, seq, digest }).signed().clone());
    Certificate::Prepared(proposal.signed().clone(), List::new(votes.collect()).unwrap())
}

/// A commit certificate by Commits of those servers.
pub(crate) fn committed(proposal: &Verified<PrePrepare>, by: &[u16]) -> Certificate {
    let PrePrepare { view, seq, .. } = *proposal.body();
    let digest = proposal.digest();
    let votes = by.iter().map(|&i| sign(i, Commit { view, seq, digest }).signed().clone());
    Certificate::Committed(proposal.signed().clone(), List::new(votes.collect()).unwrap())
}
