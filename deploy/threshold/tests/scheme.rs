//! The scheme alone: what is signed together verifies, and nothing else does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use threshold::{KeyError, Scheme, deal};
use wire::threshold::{Dealt, KEY, Point, PointClaim, ThresholdScheme};
use wire::{Digest, ReplicaId};

fn digest(text: &str) -> Digest {
    Digest::of("test", text.as_bytes())
}

fn scheme(dealt: &Dealt, quorum: usize, id: u16) -> Result<Scheme, KeyError> {
    let me = ReplicaId(id);
    Scheme::open(&dealt.keys, quorum, me, &dealt.secrets[&me])
}

/// A cluster's schemes, in order of their ids.
fn cluster(n: u16, quorum: usize) -> Vec<Scheme> {
    let dealt = deal(n, quorum).unwrap();
    (1..=n).map(|id| scheme(&dealt, quorum, id).unwrap()).collect()
}

/// The shares of these replicas.
fn shares(cluster: &[Scheme], digest: &Digest, ids: &[u16]) -> Vec<(ReplicaId, Point)> {
    let share = |id: &u16| (ReplicaId(*id), cluster[usize::from(*id) - 1].share(digest));
    ids.iter().map(share).collect()
}

fn whole(digest: Digest, point: Point) -> PointClaim {
    PointClaim { by: None, digest, point }
}

#[test]
fn any_quorum_makes_the_same_signature_and_fewer_make_none() {
    for (n, quorum) in [(1, 1), (4, 3), (6, 4), (7, 5), (13, 9)] {
        let (cluster, digest) = (cluster(n, quorum), digest("text"));
        let all: Vec<u16> = (1..=n).collect();
        let (first, last) = (&all[..quorum], &all[all.len() - quorum..]);
        let signature = cluster[0].combine(&digest, &shares(&cluster, &digest, first)).unwrap();
        for scheme in &cluster {
            assert!(scheme.verify(&whole(digest, signature)), "{n} replicas");
        }
        for ids in [last, &all] {
            let mut shares = shares(&cluster, &digest, ids);
            shares.reverse();
            assert_eq!(cluster[0].combine(&digest, &shares), Some(signature));
        }
        let fewer = shares(&cluster, &digest, &all[..quorum - 1]);
        assert_eq!(cluster[0].combine(&digest, &fewer), None);
        let twice = [fewer.as_slice(), fewer.get(..1).unwrap_or_default()].concat();
        assert_eq!(cluster[0].combine(&digest, &twice), None, "one of them twice");
        let stranger = [fewer, vec![(ReplicaId(n + 1), signature)]].concat();
        assert_eq!(cluster[0].combine(&digest, &stranger), None, "somebody else");
    }
}

#[test]
fn a_share_is_its_signers_and_of_one_digest() {
    let (cluster, digest) = (cluster(4, 3), digest("text"));
    let point = cluster[1].share(&digest);
    let verify = |by: u16, digest, point| {
        cluster[0].verify(&PointClaim { by: Some(ReplicaId(by)), digest, point })
    };
    assert!(verify(2, digest, point));
    assert!(!verify(3, digest, point), "another's");
    assert!(!verify(5, digest, point), "a stranger's");
    assert!(!verify(0, digest, point), "a stranger's");
    assert!(!verify(2, self::digest("other"), point), "of something else");
    assert!(!cluster[0].verify(&whole(digest, point)), "no signature of the cluster");
}

/// What fewer than a quorum can combine as if they were enough is no signature.
#[test]
fn a_signature_takes_a_quorum() {
    let dealt = deal(4, 3).unwrap();
    let cluster: Vec<Scheme> = (1..=4).map(|id| scheme(&dealt, 3, id).unwrap()).collect();
    let digest = digest("text");
    // Three places, but one share stands at two of them.
    let mut shares = shares(&cluster, &digest, &[1, 2]);
    shares.push((ReplicaId(3), shares[1].1));
    let forged = cluster[0].combine(&digest, &shares).unwrap();
    assert!(!cluster[3].verify(&whole(digest, forged)));
}

#[test]
fn a_signature_is_of_one_cluster_and_one_digest() {
    let (ours, theirs) = (cluster(4, 3), cluster(4, 3));
    let digest = digest("text");
    let signature = ours[0].combine(&digest, &shares(&ours, &digest, &[1, 2, 4])).unwrap();
    assert!(ours[2].verify(&whole(digest, signature)));
    assert!(!theirs[2].verify(&whole(digest, signature)), "under another key");
    assert!(!ours[2].verify(&whole(self::digest("other"), signature)));
}

/// The identity, a point outside the subgroup, one that is none, one written otherwise.
#[test]
fn points_that_are_none_verify_nothing() {
    let (cluster, digest) = (cluster(4, 3), digest("text"));
    let good = cluster[1].share(&digest);
    let mut identity = [0; 48];
    identity[0] = 0xc0;
    let mut outside = [0; 48];
    // x = 4 is on the curve, and its point in no subgroup of order r.
    (outside[0], outside[47]) = (0x80, 4);
    let mut flipped = good.0;
    flipped[0] ^= 0x20;
    let mut plain = good.0;
    plain[0] &= 0x7f;
    for bytes in [identity, outside, flipped, plain, [0; 48], [0xff; 48], [0x80; 48]] {
        let point = Point(bytes);
        let by = Some(ReplicaId(2));
        assert!(!cluster[0].verify(&PointClaim { by, digest, point }), "{bytes:02x?}");
        assert!(!cluster[0].verify(&whole(digest, point)), "{bytes:02x?}");
        let mut shares = shares(&cluster, &digest, &[1, 3]);
        shares.push((ReplicaId(2), point));
        let combined = cluster[0].combine(&digest, &shares);
        assert!(combined.is_none_or(|point| !cluster[0].verify(&whole(digest, point))));
    }
}

#[test]
fn keys_that_do_not_belong_together_are_refused() {
    let (dealt, other) = (deal(7, 5).unwrap(), deal(7, 5).unwrap());
    assert!(scheme(&dealt, 5, 1).is_ok());
    let refused = |quorum, bend: &dyn Fn(&mut Dealt)| {
        let mut bent = dealt.clone();
        bend(&mut bent);
        scheme(&bent, quorum, 1).err()
    };
    let (second, last) = (ReplicaId(2), ReplicaId(7));
    let foreign = Some(KeyError::Foreign);
    assert_eq!(refused(5, &|dealt| dealt.keys.group = other.keys.group), foreign);
    for id in [second, last] {
        let key = other.keys.shares[&id];
        assert_eq!(refused(5, &|dealt| dealt.keys.shares.extend([(id, key)])), foreign);
    }
    assert_eq!(refused(4, &|_| {}), foreign, "dealt for more");
    assert_eq!(refused(6, &|_| {}), None, "more than were dealt for");
    assert_eq!(refused(8, &|_| {}), Some(KeyError::Replicas));
    assert_eq!(refused(0, &|_| {}), Some(KeyError::Replicas));
    let missing = refused(5, &|dealt| dealt.keys.shares.retain(|id, _| *id != second));
    assert_eq!(missing, Some(KeyError::Replicas));
    let mut identity = [0; KEY];
    identity[0] = 0xc0;
    for none in [identity, [0; KEY], [0xff; KEY]] {
        assert_eq!(refused(5, &|dealt| dealt.keys.group = none), Some(KeyError::Group));
        let insert = |dealt: &mut Dealt| dealt.keys.shares.extend([(last, none)]);
        assert_eq!(refused(5, &insert), Some(KeyError::Share(last)));
    }
    let (one, two) = (ReplicaId(1), dealt.secrets[&second]);
    for secret in [two, [0; 32], [0xff; 32]] {
        let insert = |dealt: &mut Dealt| dealt.secrets.extend([(one, secret)]);
        assert_eq!(refused(5, &insert), Some(KeyError::Secret));
    }
}

#[test]
fn what_is_dealt_can_be_written_and_read() {
    let dealt = deal(4, 3).unwrap();
    let text = dealt.to_text();
    assert_eq!(Dealt::from_text(&text), Some(dealt.clone()));
    for wrong in ["", "0", "zz", &text[2..], &format!("{text}00"), &text[..text.len() - 1]] {
        assert_eq!(Dealt::from_text(wrong), None);
    }
    let secret = &dealt.secrets[&ReplicaId(1)];
    assert!(!format!("{dealt:?}").contains(&format!("{secret:?}")), "secrets are not shown");
    assert_ne!(deal(4, 3).unwrap().keys, dealt.keys);
}
