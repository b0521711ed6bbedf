//! What `recon.on_recon` must do.

use super::code::{MAX_BODY, depth, leaf, part_length};
use super::definitions::{Identifier, decoded, drop_parts, group, judge, slot_of, whole};
use crate::Finding;
use crate::expected::Expected;
use crate::pre_order::definitions::PreOrder;
use prime::pre_order::Content;
use prime::recon::State;
use wire::merkle::fold;
use wire::prime::{PoRequest, Prime, Recon};
use wire::{Config, Digest, Effect, Reject, ReplicaId, Verified};

/// Most parts of a sender, and most bytes of them, unless they are wanted.
const MAX_HELD: usize = 1024;
const MAX_HELD_BYTES: usize = 8 << 20;

/// One part of each sender is kept, and f+1 servers that say the same are believed.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    pre_order: &PreOrder,
    message: &Verified<Recon>,
    after: &State,
    effects: &[Effect<Prime>],
    got: &Option<Content>,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recon.on_recon", config, before);
    let content = match refused(config, before, pre_order, message) {
        Some(reason) => {
            expected.since(
                "rejects Invalid, Stale, BeyondWindow, Duplicate, Equivocation, Invalid, in this \
                 precedence",
            );
            expected.reject(message.signer(), reason);
            None
        }
        None => kept(&mut expected, pre_order, message),
    };
    judge(&expected, after, effects)?;
    let content = content.as_ref().map(|(digest, request)| (*digest, request));
    crate::answer(&expected.rule("answer"), &content, &got.as_ref().map(whole))
}

/// Whether the content of (o, s) is here.
fn settled(pre_order: &PreOrder, (o, s): Identifier) -> bool {
    s <= pre_order.columns[o.index()].aru
        || slot_of(pre_order, (o, s)).is_some_and(|slot| slot.certified.is_some())
}

/// Why the message is not even looked at for room.
fn refused(
    config: &Config,
    before: &State,
    pre_order: &PreOrder,
    message: &Verified<Recon>,
) -> Option<Reject> {
    let (body, signer) = (message.body(), message.signer());
    let identifier = (body.originator, body.seq);
    if !config.is_replica(body.originator) {
        return Some(Reject::Invalid);
    }
    let column = &pre_order.columns[body.originator.index()];
    let last = column.retired.0.saturating_add(config.windows.preorder);
    let first = before.parts[signer.index()].get(&identifier);
    match first {
        _ if settled(pre_order, identifier) => Some(Reject::Stale),
        _ if body.seq.0 > last => Some(Reject::BeyondWindow),
        Some(first) if first.digest() == message.digest() => Some(Reject::Duplicate),
        Some(_) => Some(Reject::Equivocation),
        None => (!well_formed(config, body, signer)).then_some(Reject::Invalid),
    }
}

/// The part is of the right length and in the tree at the sender's row.
fn well_formed(config: &Config, body: &Recon, signer: ReplicaId) -> bool {
    let Ok(length) = usize::try_from(body.length) else { return false };
    let row = u32::try_from(signer.index()).expect("a cluster has at most 64 rows");
    (1..=MAX_BODY).contains(&length)
        && body.part.len() == part_length(config, length)
        && body.path.len() == depth(config)
        && fold(leaf(&body.part), row, &body.path) == Some(body.root)
}

/// Whether the sender would have too much with this part.
fn too_much(state: &State, message: &Verified<Recon>) -> bool {
    let held = &state.parts[message.signer().index()];
    let bytes = held.values().map(|held| held.body().part.len()).sum::<usize>();
    held.len() + 1 > MAX_HELD || bytes + message.body().part.len() > MAX_HELD_BYTES
}

/// What comes of a sound message.
fn kept(
    expected: &mut Expected<'_, State>,
    pre_order: &PreOrder,
    message: &Verified<Recon>,
) -> Option<(Digest, PoRequest)> {
    let (config, signer, body) = (expected.config, message.signer(), message.body());
    let identifier = (body.originator, body.seq);
    let bounded = !expected.state.want.contains_key(&identifier);
    if bounded && too_much(&expected.state, message) {
        drop_parts(&mut expected.state, |identifier| settled(pre_order, identifier));
        if too_much(&expected.state, message) {
            expected.since("rejects Full, once all parts of settled identifiers are dropped");
            expected.reject(signer, Reject::Full);
            return None;
        }
    }
    expected.since("the message is held under its sender");
    expected.state.parts[signer.index()].insert(identifier, message.clone());
    let members = group(&expected.state, body);
    if members.len() != config.one_correct() {
        return None;
    }
    let content = decoded(config, &members);
    if content.is_some() {
        expected.since("the group's f+1 members are logged, and all parts of (o, s) dropped");
        members.into_iter().for_each(|member| expected.hold(member));
        drop_parts(&mut expected.state, |of| of == identifier);
    } else {
        expected.since("rejects Invalid, naming no sender, if f+1 equal messages give no content");
        expected.reject(None, Reject::Invalid);
    }
    content
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::pre_order::definitions::PreOrder;
    use crate::recon::kit::{
        certified, config, content, effects, hold, id, part, reject, request, sign, signed_part,
        state, trips, unordered,
    };
    use prime::pre_order::Content;
    use prime::recon::State;
    use wire::prime::{Prime, Recon};
    use wire::{Blob, Digest, Effect, PoSeq, Record, Reject, ReplicaId, Time, Verified};

    fn outcome(
        before: &State,
        pre_order: &PreOrder,
        message: &Verified<Recon>,
        after: &State,
        made: &[Effect<Prime>],
    ) -> Result<(), Finding> {
        check(&config(), before, pre_order, message, after, made, &None)
    }

    /// All messages held.
    fn holding(messages: &[&Verified<Recon>]) -> State {
        let mut state = state();
        messages.iter().for_each(|message| hold(&mut state, message));
        state
    }

    fn logged(messages: &[&Verified<Recon>]) -> Vec<Effect<Prime>> {
        effects(|e| {
            messages.iter().for_each(|m| e.persist(Record::Held((*m).clone().into())));
        })
    }

    #[test]
    fn the_second_part_gives_the_content() {
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        let (third, fourth) = (signed_part(3, &a), signed_part(4, &a));
        let (contrary, elsewhere) = (signed_part(2, &b), signed_part(3, &request(2, 2, 1)));
        let mut before = holding(&[&fourth, &contrary, &elsewhere]);
        before.want.insert(id(2, 1), Time(1));
        let mut after = holding(&[&elsewhere]);
        after.want = before.want.clone();
        let made = logged(&[&third, &fourth]);
        let run = |after: &State, made: &[_], got: Option<Content>| {
            check(&config(), &before, &unordered(), &third, after, made, &got)
        };
        assert_eq!(run(&after, &made, Some(content(&a))), Ok(()));
        trips(run(&after, &made, None), "answer");
        trips(run(&after, &made, Some(content(&b))), "answer");
        trips(run(&after, &logged(&[&fourth, &third]), Some(content(&a))), "effect 0");
        trips(run(&after, &logged(&[&third]), Some(content(&a))), "effects");
        let mut left = after.clone();
        hold(&mut left, &contrary);
        trips(run(&left, &made, Some(content(&a))), "parts");
        let mut unwanted = after;
        unwanted.want.clear();
        trips(run(&unwanted, &made, Some(content(&a))), "want");
    }

    #[test]
    fn one_part_and_parts_of_two_kinds_give_nothing() {
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        let (message, contrary) = (signed_part(3, &a), signed_part(4, &b));
        let (before, after) = (holding(&[&contrary]), holding(&[&contrary, &message]));
        assert_eq!(outcome(&before, &unordered(), &message, &after, &[]), Ok(()));
        trips(outcome(&before, &unordered(), &message, &before, &[]), "parts");
        let made = logged(&[&message, &contrary]);
        trips(outcome(&before, &unordered(), &message, &after, &made), "effect 0");
        let run =
            check(&config(), &before, &unordered(), &message, &after, &[], &Some(content(&a)));
        trips(run, "answer");
    }

    #[test]
    fn equal_messages_that_are_of_no_request_are_rejected_once() {
        let bad = |i| {
            let wrong = Recon { digest: Digest::default(), ..part(i, &request(2, 1, 1)) };
            sign(i, wrong)
        };
        let (second, third, fourth) = (bad(2), bad(3), bad(4));
        let refused = [Effect::Reject { from: None, reason: Reject::Invalid }];
        let (before, after) = (holding(&[&second]), holding(&[&second, &third]));
        assert_eq!(outcome(&before, &unordered(), &third, &after, &refused), Ok(()));
        trips(
            outcome(&before, &unordered(), &third, &after, &[reject(3, Reject::Invalid)]),
            "effect 0",
        );
        trips(outcome(&before, &unordered(), &third, &state(), &refused), "parts");
        let third = holding(&[&second, &third, &fourth]);
        assert_eq!(outcome(&after, &unordered(), &fourth, &third, &[]), Ok(()));
        trips(outcome(&after, &unordered(), &fourth, &third, &refused), "effect 0");
    }

    #[test]
    fn old_far_repeated_contrary_and_misshapen_parts_are_rejected_in_this_order() {
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        let held = signed_part(3, &a);
        let before = holding(&[&held]);
        let is = |pre_order: &PreOrder, message: &Verified<Recon>, reason| {
            let refused = [reject(message.signer().0, reason)];
            assert_eq!(outcome(&before, pre_order, message, &before, &refused), Ok(()));
            trips(
                outcome(&before, pre_order, message, &before, &[reject(3, Reject::Full)]),
                "effect 0",
            );
            let mut grown = before.clone();
            grown.parts[3].insert(id(4, 4), held.clone());
            trips(outcome(&before, pre_order, message, &grown, &refused), "parts");
        };
        let mut ahead = unordered();
        ahead.columns[1].aru = PoSeq(1);
        let with = |change: fn(&mut Recon)| {
            let mut body = part(4, &a);
            change(&mut body);
            sign(4, body)
        };
        is(&ahead, &with(|r| r.originator = ReplicaId(5)), Reject::Invalid);
        is(&ahead, &held, Reject::Stale);
        is(&certified(&[&b]), &held, Reject::Stale);
        is(&unordered(), &with(|r| r.seq = PoSeq(0)), Reject::Stale);
        is(&unordered(), &with(|r| r.seq = PoSeq(257)), Reject::BeyondWindow);
        is(&unordered(), &held, Reject::Duplicate);
        is(&unordered(), &signed_part(3, &b), Reject::Equivocation);
        is(&unordered(), &with(|r| r.length = 0), Reject::Invalid);
        is(&unordered(), &with(|r| r.length += 2), Reject::Invalid);
        is(&unordered(), &with(|r| r.length = u32::MAX), Reject::Invalid);
        is(&unordered(), &with(|r| r.root = Digest::default()), Reject::Invalid);
        is(&unordered(), &with(|r| drop(std::mem::take(&mut r.path))), Reject::Invalid);
        // Another server's part.
        is(&unordered(), &sign(4, part(3, &a)), Reject::Invalid);
    }

    /// A sender that has as many parts as it may, of originator 3.
    fn full(settled: u64) -> State {
        let mut state = state();
        let template = signed_part(4, &request(2, 1, 1));
        for s in settled..settled + 1024 {
            state.parts[3].insert(id(3, s), template.clone());
        }
        state
    }

    #[test]
    fn a_sender_has_no_more_parts_than_it_may_unless_they_are_wanted() {
        let message = signed_part(4, &request(2, 1, 1));
        let refused = [reject(4, Reject::Full)];
        let before = full(1);
        assert_eq!(outcome(&before, &unordered(), &message, &before, &refused), Ok(()));
        let mut more = before.clone();
        hold(&mut more, &message);
        trips(outcome(&before, &unordered(), &message, &more, &[]), "effects");
        let (mut wanted, mut kept) = (before.clone(), more.clone());
        wanted.want.insert(id(2, 1), Time(1));
        kept.want.insert(id(2, 1), Time(1));
        assert_eq!(outcome(&wanted, &unordered(), &message, &kept, &[]), Ok(()));
        trips(outcome(&wanted, &unordered(), &message, &wanted, &refused), "effect 0");

        // What is settled makes room.
        let mut ahead = unordered();
        ahead.columns[2].aru = PoSeq(1);
        let mut after = more.clone();
        after.parts[3].remove(&id(3, 1));
        assert_eq!(outcome(&before, &ahead, &message, &after, &[]), Ok(()));
        trips(outcome(&before, &ahead, &message, &more, &[]), "parts");
        let mut one_less = before;
        one_less.parts[3].remove(&id(3, 1024));
        let mut kept = one_less.clone();
        hold(&mut kept, &message);
        assert_eq!(outcome(&one_less, &ahead, &message, &kept, &[]), Ok(()));
        kept.parts[3].remove(&id(3, 1));
        trips(outcome(&one_less, &ahead, &message, &kept, &[]), "parts");
    }

    #[test]
    fn bytes_are_bounded_too() {
        let message = signed_part(4, &request(2, 1, 1));
        let size = message.body().part.len();
        let large = |bytes: usize| {
            let body =
                Recon { part: Blob::new(vec![0; bytes]).unwrap(), ..part(4, &request(2, 1, 1)) };
            sign(4, body)
        };
        for (left, fits) in [(size, true), (size - 1, false)] {
            let mut before = state();
            for s in 1..=7 {
                before.parts[3].insert(id(3, s), large(1 << 20));
            }
            before.parts[3].insert(id(3, 8), large((1 << 20) - left));
            let mut after = before.clone();
            hold(&mut after, &message);
            let run = outcome(&before, &unordered(), &message, &after, &[]);
            assert_eq!(run.is_ok(), fits, "{left}");
            let refused = [reject(4, Reject::Full)];
            let run = outcome(&before, &unordered(), &message, &before, &refused);
            assert_eq!(run.is_ok(), !fits, "{left}");
        }
    }
}
