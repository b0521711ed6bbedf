//! Canonical, capped, versioned.

use proptest::prelude::*;
use wire::codec::{self, FORMAT, MAX_FRAME, MAX_MESSAGES, Malformed};
use wire::digest::Hasher;
use wire::prime::{Message, PoAcks};
use wire::{Blob, Config, ConfigError, Digest, List, Monitoring, ReplicaId, View};

#[test]
fn counts_above_the_cap_are_refused_before_anything_is_read() {
    let mut bytes = 5u32.to_le_bytes().to_vec();
    bytes.extend([0; 5]);
    assert!(codec::decode::<Blob<4>>(&bytes).is_err());
    assert!(codec::decode::<List<u8, 4>>(&bytes).is_err());
    assert!(codec::decode::<Blob<5>>(&bytes).is_ok());
    // A count within the cap, but no bytes behind it.
    let hollow = u32::to_le_bytes(1 << 20);
    assert!(codec::decode::<Blob<{ 1 << 20 }>>(&hollow).is_err());
    assert!(codec::decode::<List<Digest, { 1 << 20 }>>(&hollow).is_err());
}

#[test]
fn lists_and_blobs_are_capped_where_they_are_made() {
    assert!(List::<u8, 2>::new(vec![1, 2, 3]).is_err());
    assert!(Blob::<2>::new(vec![1, 2, 3]).is_err());
    let mut five = 0..5;
    assert_eq!(List::<i32, 3>::take(&mut five).len(), 3);
    assert_eq!(five.len(), 2);
}

#[test]
fn bytes_left_over_are_an_error() {
    let bytes = codec::encode(&View(3));
    assert_eq!(codec::decode::<View>(&bytes), Ok(View(3)));
    let longer = [&bytes[..], &[0]].concat();
    assert!(codec::decode::<View>(&longer).is_err());
}

#[test]
fn frames_split_by_count_and_size_and_lose_nothing() {
    let small: Vec<Vec<u8>> = (0..MAX_MESSAGES + 1).map(|i| i.to_le_bytes().to_vec()).collect();
    let large: Vec<Vec<u8>> = (0..5u8).map(|i| vec![i; codec::MAX_MESSAGE]).collect();
    for messages in [small, large] {
        let frames = codec::frames(messages.clone());
        assert!(frames.len() > 1);
        assert!(frames.iter().all(|frame| frame.len() <= MAX_FRAME));
        let back: Vec<_> = frames.iter().flat_map(|frame| codec::unframe(frame).unwrap()).collect();
        assert_eq!(back, messages);
    }
    assert!(codec::frames(Vec::new()).is_empty());
}

#[test]
fn frames_of_another_format_are_named_as_such() {
    let mut frame = codec::frames(vec![vec![1]]).remove(0);
    frame[0] = 99;
    assert_eq!(codec::unframe(&frame), Err(Malformed::Format(99)));
    assert_ne!(FORMAT, 99);
    let huge = vec![0; MAX_FRAME + 1];
    assert_eq!(codec::unframe(&huge), Err(Malformed::TooLarge(MAX_FRAME + 1, MAX_FRAME)));
}

#[test]
fn configurations_are_held_against_their_own_rules() {
    let good = Config::new(Digest::default(), 4, 1, 0);
    assert_eq!(good.check(), Ok(()));
    assert_eq!((good.quorum(), good.votes_beside_proposer(), good.one_correct()), (3, 2, 2));
    let recovering = Config::new(Digest::default(), 6, 1, 1);
    assert_eq!((recovering.quorum(), recovering.one_available()), (4, 3));
    assert_eq!(good.leader_of(View(0)), ReplicaId(1));
    assert_eq!(good.leader_of(View(7)), ReplicaId(4));
    let few = Config::new(Digest::default(), 3, 1, 0);
    assert!(matches!(few.check(), Err(ConfigError::Replicas { need: 4, .. })));
    let mut leaderless = good.clone();
    leaderless.leaders.pop();
    assert_eq!(leaderless.check(), Err(ConfigError::Leaders { n: 4 }));
    let mut blind = good.clone();
    blind.windows.order = 0;
    assert_eq!(blind.check(), Err(ConfigError::Window("order")));
    for rules in [Monitoring::report(), Monitoring::robust()] {
        assert_eq!(rules.check(&good.timing), Ok(()));
        let hasty = Monitoring { delta_pp: good.timing.pre_prepare - 1, ..rules };
        let unkept = Config { monitoring: Some(hasty), ..good.clone() };
        assert_eq!(unkept.check(), Err(ConfigError::Monitoring("delta_pp")));
    }
}

/// Two quorums must share f+1 replicas, one of them correct, even with k of them recovering.
#[test]
fn quorums_intersect_and_can_be_gathered() {
    for f in 0..6u16 {
        for k in 0..4u16 {
            let least = 3 * f + 2 * k + 1;
            for n in least..=least + 3 {
                let config = Config::new(Digest::default(), n, f, k);
                let (n, f, k) = (usize::from(n), usize::from(f), usize::from(k));
                assert!(2 * config.quorum() > n + f, "n = {n}, f = {f}, k = {k}");
                if n == usize::from(least) {
                    assert_eq!(config.quorum(), 2 * f + k + 1);
                    assert!(config.quorum() <= n - f - k);
                }
            }
        }
    }
}

/// The encoding is a format: a change here is a change of `FORMAT`.
#[test]
fn the_encoding_of_a_vote_is_what_it_was() {
    let bytes = codec::encode(&wire::prime::Body::Commit(wire::prime::Commit {
        view: View(1),
        seq: wire::Seq(2),
        digest: Digest([3; 32]),
    }));
    let mut expected = vec![8];
    expected.extend(1u64.to_le_bytes());
    expected.extend(2u64.to_le_bytes());
    expected.extend([3; 32]);
    assert_eq!(bytes, expected);
}

proptest! {
    #[test]
    fn whatever_decodes_encodes_to_the_same_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(message) = codec::decode::<Message>(&bytes) {
            prop_assert_eq!(codec::encode(&message), bytes.clone());
        }
        if let Ok(acks) = codec::decode::<PoAcks>(&bytes) {
            prop_assert_eq!(codec::encode(&acks), bytes.clone());
        }
        let _ = codec::unframe(&bytes);
    }
}

#[test]
fn a_digest_does_not_depend_on_the_pieces_in_which_its_bytes_come() {
    let bytes: Vec<u8> = (0..=255).cycle().take(2_000).collect();
    for length in [0, 1, 50, 249, 250, 251, 256, 257, 512, 2_000] {
        let whole = Digest::of("pieces", &bytes[..length]);
        for size in [1, 3, 64, 255, 256, 257, 600] {
            let mut hasher = Hasher::new("pieces");
            bytes[..length].chunks(size).for_each(|piece| hasher.put(piece));
            assert_eq!(hasher.finish(), whole, "{length} in pieces of {size}");
        }
    }
    let known = "ec7cc84c5dd29d2c0944fc8ba200b05352b5a5668f711a26e4510f4302c3c264";
    assert_eq!(Digest::of("pieces", &bytes[..300]).to_string(), known);
}
