//! Threshold signatures in messages: what a host endorses passes the gate, and nothing else does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wire::auth::{AuthError, Context, Gate};
use wire::prime::{
    Constraint, InstallCertificate, Payload, Proof, RbInit, Replay, ReplayCertificate,
    ReplayConflict, Report, Resolution, VcPartialSig, VcProof,
};
use wire::stub::{Stub, StubThreshold};
use wire::threshold::{Point, PointClaim, ThresholdScheme};
use wire::{Config, Digest, List, Proofs, ReplicaId, Seq, Signable, Signed, Signer, View};

fn config() -> Config {
    let config = Config::new(Digest::of("test", b"threshold"), 4, 1, 0);
    Config { proofs: Proofs::Threshold, ..config }
}

fn signer(config: &Config, id: u16) -> Signer {
    let id = ReplicaId(id);
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    signer.with_threshold(Arc::new(StubThreshold::new(config, id)))
}

fn gate(config: &Config) -> Gate {
    let gate = Gate::new(Context::from(config), Arc::new(Stub(ReplicaId(1).into())));
    gate.with_threshold(Arc::new(StubThreshold::new(config, ReplicaId(1))))
}

fn signed<T: Signable<Signer = ReplicaId>>(config: &Config, id: u16, body: T) -> Signed<T> {
    signer(config, id).sign_all(ReplicaId(id), vec![body]).remove(0).signed().clone()
}

fn constraint(view: u64) -> Constraint {
    let ids = List::new((1..=3).map(ReplicaId).collect()).unwrap();
    let (base, start_seq) = (Seq(0), Seq(1));
    let resolution = Resolution::default().digest();
    Constraint { view: View(view), ids, base, start_seq, resolution }
}

fn partial(config: &Config, id: u16, view: u64) -> Signed<VcPartialSig> {
    signed(config, id, VcPartialSig { constraint: constraint(view), share: None })
}

fn proof(config: &Config, ids: &[u16], view: u64) -> Proof {
    let partials = ids.iter().map(|id| partial(config, *id, view)).collect();
    Proof::Certificate(List::new(partials).unwrap())
}

#[test]
fn what_a_host_signs_has_its_share() {
    let config = config();
    let two = partial(&config, 2, 1);
    assert!(two.body.share.is_some());
    assert!(gate(&config).verify(two).is_ok());
    let bare = Signer::new(Context::from(&config), Arc::new(Stub(ReplicaId(2).into())));
    let body = VcPartialSig { constraint: constraint(1), share: None };
    let unendorsed = bare.sign_all(ReplicaId(2), vec![body]).remove(0);
    assert_eq!(unendorsed.body().share, None, "a cluster of certificates has none");
}

#[test]
fn a_forged_share_is_its_signers_fault_and_holds_up_nobody() {
    let config = config();
    let gate = gate(&config);
    let with = |share| {
        let body = VcPartialSig { constraint: constraint(1), share: Some(share) };
        gate.verify(signed(&config, 4, body)).err()
    };
    let share = |id, view| partial(&config, id, view).body.share.unwrap();
    assert_eq!(with(share(4, 1)), None, "its own");
    assert_eq!(with(Point([7; 48])), Some(AuthError::Point), "nobody's");
    assert_eq!(with(share(3, 1)), Some(AuthError::Point), "another's");
    assert_eq!(with(share(4, 2)), Some(AuthError::Point), "of another view");
    // The three others' are enough.
    let body = VcProof { constraint: constraint(1), proof: proof(&config, &[1, 2, 3], 1) };
    let whole = signed(&config, 1, body);
    assert!(matches!(whole.body.proof, Proof::Threshold(_)));
    assert!(gate.verify(whole).is_ok());
}

#[test]
fn a_quorum_of_shares_is_combined_when_it_is_sent_and_fewer_are_not() {
    let config = config();
    let made = |ids: &[u16], view| {
        let body = Replay { constraint: constraint(1), proof: proof(&config, ids, view) };
        signed(&config, 2, body)
    };
    let (one, other) = (made(&[1, 2, 3], 1), made(&[1, 2, 3, 4], 1));
    assert!(matches!(one.body.proof, Proof::Threshold(_)));
    assert_eq!(one.body, other.body, "whichever shares they are");
    assert!(matches!(made(&[1, 2], 1).body.proof, Proof::Certificate(_)), "too few");
    assert!(matches!(made(&[1, 2, 3], 2).body.proof, Proof::Certificate(_)), "of another view");
    let again = signed(&config, 3, one.body.clone());
    assert_eq!(again.body, one.body, "what is combined stays");
}

/// A Replay that proves nothing, in every message in which one can stand.
#[test]
fn a_wrong_threshold_signature_spoils_whatever_holds_it() {
    let config = config();
    let gate = gate(&config);
    let whole = |view| {
        let body =
            VcProof { constraint: constraint(view), proof: proof(&config, &[1, 3, 4], view) };
        signed(&config, 1, body).body.proof
    };
    let wrong = Some(AuthError::Point);
    for (proof, expected) in [
        (whole(1), None),
        (whole(2), wrong),
        (Proof::Threshold(partial(&config, 2, 1).body.share.unwrap()), wrong),
        (Proof::Threshold(Point([0; 48])), wrong),
    ] {
        let replay =
            || signed(&config, 2, Replay { constraint: constraint(1), proof: proof.clone() });
        let good = signed(&config, 2, Replay { constraint: constraint(1), proof: whole(1) });
        assert_eq!(gate.verify(replay()).err(), expected);
        let body = VcProof { constraint: constraint(1), proof: proof.clone() };
        assert_eq!(gate.verify(signed(&config, 3, body)).err(), expected);
        let body = ReplayConflict { first: good, second: replay() };
        assert_eq!(gate.verify(signed(&config, 3, body)).err(), expected);
        let (commits, resolution) = (List::empty(), Resolution::default());
        let body = InstallCertificate { replay: replay(), commits, resolution };
        assert_eq!(gate.verify(signed(&config, 3, body)).err(), expected);
        let held = ReplayCertificate { replay: replay(), prepares: List::empty() };
        let report = Report { executed: Seq(0), count: 0, replay: Some(held) };
        let body = RbInit { view: View(2), seq: 0, payload: Payload::Report(report) };
        assert_eq!(gate.verify(signed(&config, 3, body)).err(), expected);
    }
}

#[test]
fn a_signature_binds_the_cluster_and_its_epoch() {
    let config = config();
    let context = Context::from(&config);
    let digest = constraint(1).digest(&context);
    for context in
        [Context { epoch: 2, ..context.clone() }, Context { cluster: Digest::default(), ..context }]
    {
        assert_ne!(constraint(1).digest(&context), digest);
    }
    assert_ne!(constraint(2).digest(&context), digest);
}

#[test]
fn a_cluster_of_certificates_lets_no_threshold_signature_through() {
    let config = config();
    let gate = Gate::new(Context::from(&config), Arc::new(Stub(ReplicaId(1).into())));
    let wrong = Some(AuthError::Point);
    assert_eq!(gate.verify(partial(&config, 2, 1)).err(), wrong);
    let body = VcProof { constraint: constraint(1), proof: proof(&config, &[1, 2, 3], 1) };
    assert_eq!(gate.verify(signed(&config, 2, body)).err(), wrong);
}

/// Counts what it has to verify.
struct Counted(StubThreshold, AtomicUsize);

impl ThresholdScheme for Counted {
    fn share(&self, digest: &Digest) -> Point {
        self.0.share(digest)
    }

    fn combine(&self, digest: &Digest, shares: &[(ReplicaId, Point)]) -> Option<Point> {
        self.0.combine(digest, shares)
    }

    fn verify(&self, claim: &PointClaim) -> bool {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.verify(claim)
    }
}

#[test]
fn a_signature_met_again_is_not_verified_again_and_none_is_where_another_fails() {
    let config = config();
    let scheme = Arc::new(Counted(StubThreshold::new(&config, ReplicaId(1)), AtomicUsize::new(0)));
    let gate = Gate::new(Context::from(&config), Arc::new(Stub(ReplicaId(1).into())));
    let gate = gate.with_threshold(scheme.clone());
    let replay = Replay { constraint: constraint(1), proof: proof(&config, &[1, 2, 3], 1) };
    let mut forged = signed(&config, 2, replay.clone());
    forged.auth.signature.0[0] ^= 1;
    assert_eq!(gate.verify(forged).err(), Some(AuthError::Signature));
    assert_eq!(scheme.1.load(Ordering::Relaxed), 0, "the cheaper check comes first");
    for id in 1..=4 {
        assert!(gate.verify(signed(&config, id, replay.clone())).is_ok());
    }
    assert_eq!(scheme.1.load(Ordering::Relaxed), 1);
}
