//! What `decode.message` must answer.

use super::grammar::MESSAGE;
use super::reader::{self, Fault};
use crate::Finding;
use wire::Reject;
use wire::codec::{MAX_MESSAGE, encode};
use wire::prime::Message;

/// Whether `bytes` are the canonical encoding of exactly one message. Takes no memory.
#[must_use]
pub fn well_formed(bytes: &[u8]) -> bool {
    fault(bytes).is_none()
}

/// Why `bytes` are not the canonical encoding of exactly one message.
fn fault(bytes: &[u8]) -> Option<Fault> {
    match bytes.get(MAX_MESSAGE..) {
        None | Some([]) => reader::exactly(&MESSAGE, bytes).err(),
        Some(more) => Some(Fault { left: more.len(), why: "MAX_MESSAGE" }),
    }
}

fn finding(rule: &str, expected: &str, got: impl Into<String>) -> Finding {
    Finding { rule: format!("decode.message: {rule}"), expected: expected.into(), got: got.into() }
}

fn encodes_to(message: &Message, bytes: &[u8]) -> Result<(), Finding> {
    let own = encode(message);
    if own == bytes {
        return Ok(());
    }
    let equal = own.iter().zip(bytes).take_while(|(one, other)| one == other).count();
    Err(finding(
        "what it accepts encodes to the same bytes again",
        "the message that the bytes encode",
        format!("another one, of {} bytes, of which the first {equal} are equal", own.len()),
    ))
}

/// Whether `bytes` were accepted if and only if they encode one message, and as that one.
///
/// # Errors
/// The first sentence of the contract that the answer breaks.
pub fn check(bytes: &[u8], result: &Result<Message, Reject>) -> Result<(), Finding> {
    match (result, fault(bytes)) {
        (Ok(message), None) => encodes_to(message, bytes),
        (Ok(_), Some(fault)) => Err(finding(
            "bytes are the canonical encoding of exactly one message, of at most MAX_MESSAGE bytes",
            &format!("Err(Malformed) for {fault}"),
            "a message",
        )),
        (Err(Reject::Malformed), Some(_)) => Ok(()),
        (Err(reject), Some(fault)) => Err(finding(
            "Malformed for anything else",
            &format!("Err(Malformed) for {fault}"),
            format!("Err({reject:?})"),
        )),
        (Err(reject), None) => Err(finding(
            "the canonical encoding of one message is decoded",
            "a message",
            format!("Err({reject:?})"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{check, well_formed};
    use crate::decode::grammar::MESSAGE;
    use crate::decode::kit::{Dice, corpus, hostile, message};
    use crate::decode::{grown, mutants};
    use crate::pre_order::kit::trips;
    use std::collections::BTreeSet;
    use wire::codec::{self, MAX_MESSAGE, encode};
    use wire::prime::Message;
    use wire::{Blob, Digest, List, Reject};

    /// Whether the bytes are a message, which the `wire` crate must find as well.
    #[track_caller]
    fn agreed(bytes: &[u8]) -> bool {
        let decoded = codec::decode::<Message>(bytes);
        let expected = decoded.is_ok() && bytes.len() <= MAX_MESSAGE;
        assert_eq!(well_formed(bytes), expected, "{decoded:?} is what wire makes of {bytes:?}");
        expected
    }

    #[test]
    fn the_corpus_has_every_message() {
        let (hostile, good): (Vec<_>, Vec<_>) =
            corpus().into_iter().partition(|(name, _)| hostile(name));
        assert!(good.iter().all(|(_, bytes)| agreed(bytes)));
        assert!(!hostile.iter().any(|(_, bytes)| agreed(bytes)));
        let tags: BTreeSet<u8> = good.iter().map(|(_, bytes)| bytes[0]).collect();
        assert!(tags.into_iter().eq(0..40));
    }

    #[test]
    fn every_tag_before_every_content_is_judged_as_by_the_wire_crate() {
        for (_, mut bytes) in corpus() {
            for tag in 0..=255 {
                bytes.iter_mut().take(1).for_each(|byte| *byte = tag);
                agreed(&bytes);
            }
        }
    }

    #[test]
    fn no_beginning_of_a_message_is_one() {
        for (name, bytes) in corpus().iter().filter(|(name, _)| !hostile(name)) {
            assert!((0..bytes.len()).all(|end| !agreed(&bytes[..end])), "{name}");
        }
    }

    #[test]
    fn damaged_copies_are_judged_as_by_the_wire_crate() {
        let (corpus, mut dice) = (corpus(), Dice(1));
        let mut accepted = 0;
        for (_, bytes) in &corpus {
            for _ in 0..1000 {
                let donor = &corpus[dice.below(corpus.len())].1;
                accepted += u32::from(agreed(&mutants::mutant(bytes, donor, &mut dice)));
            }
        }
        assert!((5_000..39_000).contains(&accepted), "{accepted} of 48,000 are messages");
    }

    #[test]
    fn messages_of_any_make_and_damaged_copies_are_judged_as_by_the_wire_crate() {
        let mut dice = Dice(2);
        for _ in 0..1000 {
            let (bytes, donor) = (grown::any(&MESSAGE, &mut dice), grown::any(&MESSAGE, &mut dice));
            assert!(agreed(&bytes));
            for _ in 0..4 {
                agreed(&mutants::mutant(&bytes, &donor, &mut dice));
            }
        }
    }

    /// Makes each list of each message in turn as long as `length` says of its cap. How many
    /// lists there were; whether that made messages of all of them is the same for all.
    fn widest(length: impl Fn(usize) -> usize, good: bool) -> usize {
        let each = |bits: usize| [bits & 1, bits >> 1 & 1, bits >> 2];
        let alternatives: [[usize; 3]; 8] = std::array::from_fn(each);
        let kinds = (0..40).flat_map(|tag| alternatives.map(|[a, b, rest]| [tag, a, b, rest]));
        let mut lists = 0;
        for choices in kinds {
            for wide in 0.. {
                let (bytes, found) = grown::widened(&MESSAGE, &choices, wide, &length);
                if !found {
                    break;
                }
                assert_eq!(agreed(&bytes), good, "{choices:?}, list {wide}");
                lists += 1;
            }
        }
        lists
    }

    #[test]
    fn every_list_may_be_as_long_as_its_cap_and_no_longer() {
        let lists = widest(|cap| cap, true);
        assert!(lists > 4 * 40, "{lists}");
        assert_eq!(widest(|cap| cap + 1, false), lists);
        widest(|_| 0, true);
    }

    /// A PO-Request that is encoded in that many bytes.
    fn long(length: usize) -> Vec<u8> {
        let Message::PoRequest(mut request) = message("PoRequest") else { panic!() };
        let mut update = request.body.updates[0].clone();
        update.body.payload = Blob::new(vec![0; 60_000]).unwrap();
        request.body.updates = List::new(vec![update; 35]).unwrap();
        let over = encode(&Message::PoRequest(request.clone())).len();
        let last = &mut request.body.updates[34].body.payload;
        *last = Blob::new(vec![0; last.len() + length - over]).unwrap();
        encode(&Message::PoRequest(request))
    }

    #[test]
    fn a_message_may_be_as_long_as_the_cap_and_no_longer() {
        let (longest, more) = (long(MAX_MESSAGE), long(MAX_MESSAGE + 1));
        assert_eq!((longest.len(), more.len()), (MAX_MESSAGE, MAX_MESSAGE + 1));
        assert!(agreed(&longest));
        assert!(!agreed(&more));
        let decoded = codec::decode(&more).map_err(|_| Reject::Malformed);
        trips(check(&more, &decoded), "at most MAX_MESSAGE");
    }

    #[test]
    fn right_answers_pass() {
        for (_, bytes) in corpus() {
            let answer = codec::decode(&bytes).map_err(|_| Reject::Malformed);
            assert_eq!(check(&bytes, &answer), Ok(()));
        }
    }

    #[test]
    fn another_message_than_the_bytes_encode_is_found() {
        let bytes = encode(&message("PoAcks"));
        let Message::PoAcks(mut other) = message("PoAcks") else { panic!() };
        other.body.acks[0].digest = Digest::default();
        trips(check(&bytes, &Ok(Message::PoAcks(other))), "same bytes again");
        trips(check(&bytes, &Ok(message("RbEcho"))), "same bytes again");
    }

    #[test]
    fn what_is_accepted_with_bytes_left_over_or_missing_is_found() {
        let mut bytes = encode(&message("PoAcks"));
        bytes.push(0);
        trips(check(&bytes, &Ok(message("PoAcks"))), "canonical encoding of exactly one");
        bytes.truncate(bytes.len() - 2);
        trips(check(&bytes, &Ok(message("PoAcks"))), "canonical encoding of exactly one");
    }

    #[test]
    fn a_message_refused_is_found() {
        for (_, bytes) in corpus().iter().filter(|(name, _)| !hostile(name)) {
            trips(check(bytes, &Err(Reject::Malformed)), "is decoded");
        }
    }

    #[test]
    fn another_reject_is_found() {
        trips(check(b"nonsense", &Err(Reject::Invalid)), "Malformed for anything else");
        let bytes = encode(&message("PoAcks"));
        trips(check(&bytes, &Err(Reject::Invalid)), "is decoded");
    }
}
