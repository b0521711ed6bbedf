//! What the tests of ordering's oracles are made of, beside what all are: server 1 in view 1, whose
//! leader is server 2.

pub(crate) use crate::kit::{ME, config, effects, reject, sign, trips};
pub(crate) use crate::pre_order::kit::matrix;

use prime::order::{OrderSlot, State};
use wire::prime::{Commit, Matrix, OrderedCertificate, PrePrepare, Prepare, Prime};
use wire::{Effect, Effects, List, Record, ReplicaId, Seq, To, Verified, View};

/// Server 1 knows nothing in view 1, and has three tokens.
pub(crate) fn state() -> State {
    let mut state = State::new(&config(), ME);
    (state.view, state.preinstalled, state.tokens) = (View(1), View(1), 3);
    (state.preceding, state.proposal) = (grown(0), grown(0));
    state.ordered_matrix = grown(0);
    state
}

/// View 2, of server 3, is preinstalled.
pub(crate) fn between() -> State {
    let mut state = state();
    state.preinstalled = View(2);
    state
}

/// Row 1 says that `count` requests of server 1 are preordered; 0: null rows only.
pub(crate) fn grown(count: u64) -> Matrix {
    let row = [count, 0, 0, 0];
    matrix(&[if count > 0 { &row } else { &[] }, &[], &[], &[]])
}

/// By the leader of `view`.
pub(crate) fn proposal_of(view: u64, seq: u64, matrix: Matrix) -> Verified<PrePrepare> {
    let leader = config().leader_of(View(view));
    sign(leader.0, PrePrepare { view: View(view), seq: Seq(seq), matrix })
}

/// The one of view 1 for `seq`; each follows the one before.
pub(crate) fn proposal(seq: u64) -> Verified<PrePrepare> {
    proposal_of(1, seq, grown(seq))
}

/// Another for `seq`.
pub(crate) fn other(seq: u64) -> Verified<PrePrepare> {
    proposal_of(1, seq, grown(seq + 10))
}

/// A Prepare's body.
pub(crate) fn prepare_body(of: &Verified<PrePrepare>) -> Prepare {
    Prepare { view: of.body().view, seq: of.body().seq, digest: of.digest() }
}

/// A Commit's body.
pub(crate) fn commit_body(of: &Verified<PrePrepare>) -> Commit {
    Commit { view: of.body().view, seq: of.body().seq, digest: of.digest() }
}

/// Server `i` prepares `of`.
pub(crate) fn prepare(i: u16, of: &Verified<PrePrepare>) -> Verified<Prepare> {
    sign(i, prepare_body(of))
}

/// Server `i` commits `of`.
pub(crate) fn commit(i: u16, of: &Verified<PrePrepare>) -> Verified<Commit> {
    sign(i, commit_body(of))
}

/// Holds `of` and votes of these servers for it.
pub(crate) fn slot(of: &Verified<PrePrepare>, prepares: &[u16], commits: &[u16]) -> OrderSlot {
    OrderSlot {
        pre_prepare: Some(of.clone()),
        prepares: prepares.iter().map(|&i| (ReplicaId(i), prepare(i, of))).collect(),
        commits: commits.iter().map(|&i| (ReplicaId(i), commit(i, of))).collect(),
        ..OrderSlot::default()
    }
}

/// `slot`, committed by three.
pub(crate) fn done(of: &Verified<PrePrepare>) -> OrderSlot {
    OrderSlot { committed: true, ..slot(of, &[], &[1, 2, 3]) }
}

/// The place of `seq` among the installed view's, made if need be.
pub(crate) fn at(state: &mut State, seq: u64) -> &mut OrderSlot {
    state.slots.entry(Seq(seq)).or_default()
}

/// Numbers up to `seq` are accepted, under the matrix of [`proposal`].
pub(crate) fn accepted(state: &mut State, seq: u64) {
    (state.accepted, state.preceding) = (Seq(seq), grown(seq));
    (state.proposed, state.proposal) = (Seq(seq), grown(seq));
}

/// Numbers up to `seq` are ordered, as proposed.
pub(crate) fn ordered(state: &mut State, seq: u64) {
    accepted(state, seq);
    (state.ordered, state.ordered_matrix) = (Seq(seq), grown(seq));
}

/// The certificate that server 4 shows for `of`.
pub(crate) fn certificate(
    of: &Verified<PrePrepare>,
    commits: &[Verified<Commit>],
) -> Verified<OrderedCertificate> {
    let commits = commits.iter().map(|vote| vote.signed().clone()).collect();
    let pre_prepare = of.signed().clone();
    sign(4, OrderedCertificate { pre_prepare, commits: List::new(commits).unwrap() })
}

/// What accepting `of` emits at a follower: it is logged, flooded and prepared.
pub(crate) fn voted(e: &mut Effects<Prime>, of: &Verified<PrePrepare>) {
    e.persist(Record::Held(of.clone().into()));
    for i in [3, 4] {
        e.push(Effect::Relay { to: To::One(ReplicaId(i)), message: of.clone().into() });
    }
    e.promise(To::All, prepare_body(of));
}

/// What a prepare certificate of these brings.
pub(crate) fn certified(e: &mut Effects<Prime>, of: &Verified<PrePrepare>, by: &[u16]) {
    by.iter().for_each(|&i| e.persist(Record::Held(prepare(i, of).into())));
    e.promise(To::All, commit_body(of));
}

/// The Commits that are logged when these commit.
pub(crate) fn logged(e: &mut Effects<Prime>, of: &Verified<PrePrepare>, by: &[u16]) {
    by.iter().for_each(|&i| e.persist(Record::Held(commit(i, of).into())));
}
