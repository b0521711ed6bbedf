//! What proves a constraint: the slots take what the cluster's configuration says, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use prime::view_change::{
    self, Chosen, Effects, State, Statement, content_valid, make_partials, make_vc_proof,
    on_install_certificate, on_replay, on_vc_partial_sig, on_vc_proof, proven,
};
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{
    Body, Constraint, InstallCertificate, Proof, Replay, ReplayCertificate, ReplayCommit,
    ReplayPrepare, Report, Resolution, VcPartialSig, VcProof,
};
use wire::stub::{Stub, StubThreshold};
use wire::{
    Config, Digest, Effect, List, Point, Proofs, Reject, ReplicaId, Seq, Signable, Signed, Signer,
    Verified, View,
};

const BOTH: [Proofs; 2] = [Proofs::Certificate, Proofs::Threshold];

fn config(proofs: Proofs) -> Config {
    Config { proofs, ..Config::new(Digest::of("test", b"proofs"), 4, 1, 0) }
}

/// Signed by a host of a cluster with such proofs.
fn signed<T: Signable<Signer = ReplicaId>>(config: &Config, id: u16, body: T) -> Verified<T> {
    let id = ReplicaId(id);
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    let signer = match config.proofs {
        Proofs::Certificate => signer,
        Proofs::Threshold => signer.with_threshold(Arc::new(StubThreshold::new(config, id))),
    };
    signer.sign_all(id, vec![body]).remove(0)
}

/// In the change to view 1, which server 2 leads.
fn changing(config: &Config, me: u16) -> State {
    let mut state = State::new(config, ReplicaId(me));
    state.enter(View(1));
    state
}

fn constraint() -> Constraint {
    let ids = List::new((1..=3).map(ReplicaId).collect()).unwrap();
    let (base, start_seq, resolution) = (Seq(0), Seq(1), Resolution::default().digest());
    Constraint { view: View(1), ids, base, start_seq, resolution }
}

fn partial(config: &Config, id: u16) -> Verified<VcPartialSig> {
    signed(config, id, VcPartialSig { constraint: constraint(), share: None })
}

fn certificate(config: &Config, ids: &[u16]) -> Proof {
    let partials = ids.iter().map(|id| partial(config, *id).signed().clone()).collect();
    Proof::Certificate(List::new(partials).unwrap())
}

/// What the slots find about one proof: a VC-Proof, a Replay, one in a Report, one installed.
fn taken(config: &Config, proof: &Proof) -> Vec<bool> {
    let replay = || Replay { constraint: constraint(), proof: proof.clone() };
    let replay = signed(config, 2, replay());
    let digest = replay.digest();
    let list = |votes: Vec<Signed<_>>| List::new(votes).unwrap();
    let commit = |id| signed(config, id, ReplayCommit { view: View(1), digest }).signed().clone();
    let vote = |id| signed(config, id, ReplayPrepare { view: View(1), digest }).signed().clone();

    let (mut state, mut effects) = (changing(config, 1), Effects::default());
    let own = VcProof { constraint: constraint(), proof: proof.clone() };
    on_vc_proof(&mut state, config, &signed(config, 3, own), &mut effects);
    on_replay(&mut state, config, &replay, &mut effects);
    let install = InstallCertificate {
        replay: replay.signed().clone(),
        commits: list([1, 2, 3].map(commit).to_vec()),
        resolution: Resolution::default(),
    };
    let install = signed(config, 3, install);
    on_install_certificate(&mut state, config, &install, Seq(0), &mut effects);
    let invalid = |effect: &&Effect<_>| {
        matches!(effect, Effect::Reject { from: Some(_), reason: Reject::Invalid })
    };
    // What is refused makes no round.
    let round = state.rounds.get(&View(1)).cloned().unwrap_or_default();
    let kept = vec![round.proof.is_some(), round.replay.is_some(), !state.offered.is_empty()];
    let refused = effects.as_slice().iter().filter(invalid).count();
    assert_eq!(refused, kept.iter().filter(|kept| !**kept).count(), "the rest is refused");

    let prepares = List::new([1, 3].map(vote).to_vec()).unwrap();
    let held = ReplayCertificate { replay: replay.signed().clone(), prepares };
    let report = Report { executed: Seq(0), count: 0, replay: Some(held) };
    let said = content_valid(config, View(2), &report, &[]).is_some();
    [kept, vec![said, proven(config, &constraint(), proof)]].concat()
}

#[test]
fn a_proof_is_what_the_cluster_says_and_of_a_quorum() {
    let (plain, threshold) = (config(Proofs::Certificate), config(Proofs::Threshold));
    let combined = {
        let body = VcProof { constraint: constraint(), proof: certificate(&threshold, &[1, 2, 4]) };
        signed(&threshold, 1, body).body().proof.clone()
    };
    assert!(matches!(combined, Proof::Threshold(_)));
    let (quorum, few) = (certificate(&plain, &[1, 2, 4]), certificate(&plain, &[1, 4]));
    assert_eq!(taken(&plain, &quorum), [true; 5]);
    assert_eq!(taken(&plain, &few), [false; 5]);
    assert_eq!(
        taken(&plain, &combined),
        [false; 5],
        "a signature where certificates are asked for"
    );
    assert_eq!(taken(&threshold, &combined), [true; 5]);
    assert_eq!(taken(&threshold, &certificate(&threshold, &[1, 4])), [false; 5], "too few shares");
    assert_eq!(taken(&threshold, &quorum), [false; 5], "a certificate where a signature is");
}

#[test]
fn a_partial_signature_has_a_share_where_proofs_are_threshold_signatures() {
    for proofs in BOTH {
        let config = config(proofs);
        let share = match proofs {
            Proofs::Certificate => Some(Point([1; 48])),
            Proofs::Threshold => None,
        };
        let id = ReplicaId(3);
        let signer = Signer::new(Context::from(&config), Arc::new(Stub(id.into())));
        let body = VcPartialSig { constraint: constraint(), share };
        let odd = signer.sign_all(id, vec![body]).remove(0);
        let (mut state, mut effects) = (changing(&config, 1), Effects::default());
        on_vc_partial_sig(&mut state, &config, &odd, &mut effects);
        let reason = Reject::Invalid;
        assert_eq!(effects.drain(), [Effect::Reject { from: Some(id), reason }]);
        assert!(state.rounds.is_empty(), "and nothing is remembered of it");
        // It may still sign properly.
        on_vc_partial_sig(&mut state, &config, &partial(&config, 3), &mut effects);
        assert_eq!(effects.drain(), []);
        assert_eq!(state.rounds[&View(1)].partials[&id].len(), 1);
    }
}

/// The core hands its host a certificate, and shares in it where the host is to combine them.
#[test]
fn a_quorum_of_partial_signatures_makes_a_proof_that_others_take() {
    for proofs in BOTH {
        let config = config(proofs);
        let (mut state, mut effects) = (changing(&config, 1), Effects::default());
        for id in [4, 1, 3] {
            make_vc_proof(&mut state, &config, &mut effects);
            assert_eq!(effects.drain(), [], "not yet");
            on_vc_partial_sig(&mut state, &config, &partial(&config, id), &mut effects);
        }
        make_vc_proof(&mut state, &config, &mut effects);
        let said = effects.drain();
        let [Effect::Send { body: Body::VcProof(made), .. }] = said.as_slice() else {
            panic!("{said:?}")
        };
        assert_eq!(made.proof, certificate(&config, &[1, 3, 4]), "ascending by signer");
        let sent = signed(&config, 1, made.clone());
        let mut other = changing(&config, 4);
        on_vc_proof(&mut other, &config, &sent, &mut effects);
        assert_eq!(effects.drain(), []);
        assert_eq!(other.rounds[&View(1)].proof.as_ref(), Some(sent.body()));
        // The leader chooses it as it came.
        let mut leader = changing(&config, 2);
        on_vc_proof(&mut leader, &config, &sent, &mut effects);
        view_change::make_replay(&mut leader, &config, &mut effects);
        let promised = leader.rounds[&View(1)].promised.clone().unwrap();
        assert_eq!(promised.proof, sent.body().proof);
    }
}

/// A member of the list may hand out its resolution once and say nothing any more: whoever signed still
/// has it after a restart.
#[test]
fn what_a_signed_list_rests_on_outlives_a_restart() {
    let config = config(Proofs::Certificate);
    let resolution = Resolution { base: Seq(3), entries: List::empty() };
    let digest = resolution.digest();
    let (view, base, start_seq) = (View(1), resolution.base, resolution.start_seq());
    let (mut state, mut effects) = (State::new(&config, ReplicaId(1)), Effects::default());
    state.enter(View(2));
    state.resolutions.insert(digest, resolution);
    let ids: Vec<ReplicaId> = (2..=4).map(ReplicaId).collect();
    let round = state.rounds.entry(View(2)).or_default();
    for id in &ids {
        let replay = Chosen { view, base, start_seq, resolution: digest };
        let statement = Statement { replay: Some(replay), ..Statement::default() };
        round.delivered.entry(*id).or_default().statement = Some(statement);
    }
    round.lists.insert(ReplicaId(2), List::new(ids).unwrap());
    make_partials(&mut state, &config, Seq(0), &mut effects);
    let made = effects.drain();
    assert!(matches!(made.last(), Some(Effect::Send { body: Body::VcPartialSig(_), .. })));
    let mut again = State::new(&config, ReplicaId(1));
    again.enter(View(2));
    for effect in &made[..made.len() - 1] {
        let Effect::Persist { record, .. } = effect else { panic!("{effect:?}") };
        view_change::recover(&mut again, &config, record);
    }
    assert!(again.holds(digest, Seq(0)));
}

#[test]
fn a_core_signs_no_share_itself() {
    for proofs in BOTH {
        let config = config(proofs);
        let (mut state, mut effects) = (changing(&config, 1), Effects::default());
        let round = state.rounds.entry(View(1)).or_default();
        round.lists.insert(ReplicaId(2), constraint().ids);
        for id in 1..=3 {
            let delivered = round.delivered.entry(ReplicaId(id)).or_default();
            delivered.statement = Some(Statement::default());
        }
        make_partials(&mut state, &config, Seq(0), &mut effects);
        let body = VcPartialSig { constraint: constraint(), share: None };
        let to = wire::To::All;
        assert_eq!(effects.drain(), [Effect::Send { to, body: body.into() }]);
    }
}

#[test]
fn a_replay_that_proves_nothing_leaves_nothing_behind() {
    let config = config(Proofs::Certificate);
    let before = changing(&config, 1);
    for view in [View(1), View(2)] {
        let proof = certificate(&config, &[1, 2]);
        let replay = Replay { constraint: Constraint { view, ..constraint() }, proof };
        let replay = signed(&config, config.leader_of(view).0, replay);
        let (mut state, mut effects) = (before.clone(), Effects::default());
        on_replay(&mut state, &config, &replay, &mut effects);
        let reject = Effect::Reject { from: Some(replay.signer()), reason: Reject::Invalid };
        assert_eq!(effects.drain(), [reject]);
        assert_eq!(state, before, "no round of {view:?} is made");
    }
}
