//! What `broadcast.advance` must do.

use super::definitions;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::broadcast::{State, Tag};
use wire::prime::Prime;
use wire::{Config, Effect};

/// A broadcast moves on as far as what is held allows (5.3, "Preliminaries").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    tag: Tag,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("broadcast.advance", config, before);
    expected.since("echoed, then readied, decided and delivered, as far as what is held allows");
    definitions::advance(&mut expected, tag);
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::broadcast::kit::{
        TAG, all_trip, at, config, echo, effects, init, ready, request, trips, votes, with,
    };
    use prime::broadcast::{Instance, State};
    use wire::prime::Prime;
    use wire::{Digest, Effect, Record, To, View};

    fn outcome(before: &Instance, after: &State, made: &[Effect<Prime>]) -> Result<(), Finding> {
        check(&config(), &with(before.clone()), TAG, after, made)
    }

    fn any() -> Digest {
        Digest::of("test", b"any")
    }

    #[test]
    fn everything_that_is_held_counts_at_once() {
        let (init, digest) = (init(0), init(0).digest());
        let before = Instance {
            init: Some(init.clone()),
            echoes: votes(&[2, 3, 4], digest),
            readies: votes(&[2, 3, 4], digest),
            ..Instance::default()
        };
        let mut after = with(before.clone());
        let known = at(&mut after, TAG);
        (known.echoed, known.readied, known.decided) = (Some(digest), Some(digest), Some(digest));
        known.delivered = true;
        after.fresh = vec![TAG];
        let made = effects(|e| {
            e.persist(Record::Held(init.into()));
            e.promise(To::All, echo(TAG, digest));
            e.promise(To::All, ready(TAG, digest));
        });
        all_trip(
            &after,
            |after| outcome(&before, after, &made),
            &[
                ("echoed", |s| at(s, TAG).echoed = None),
                ("readied", |s| at(s, TAG).readied = None),
                ("decided", |s| at(s, TAG).decided = None),
                ("delivered", |s| at(s, TAG).delivered = false),
                ("fresh", |s| s.fresh.clear()),
                ("fresh", |s| s.fresh.push(TAG)),
            ],
        );
        trips(outcome(&before, &after, &made[1..]), "effect 0");
        let mut late = made.clone();
        late.swap(1, 2);
        trips(outcome(&before, &after, &late), "effect 1");
        // Nothing is left to do, nor in another view.
        assert_eq!(check(&config(), &after, TAG, &after, &[]), Ok(()));
        let mut elsewhere = with(before);
        elsewhere.view = View(2);
        assert_eq!(check(&config(), &elsewhere, TAG, &elsewhere, &[]), Ok(()));
        trips(check(&config(), &elsewhere, TAG, &after, &made), "effect 0");
    }

    #[test]
    fn two_readys_bring_a_ready_three_decide() {
        let two = Instance { readies: votes(&[2, 3], any()), ..Instance::default() };
        let mut after = with(two.clone());
        at(&mut after, TAG).readied = Some(any());
        let made = effects(|e| e.promise(To::All, ready(TAG, any())));
        assert_eq!(outcome(&two, &after, &made), Ok(()));
        trips(outcome(&two, &with(two.clone()), &[]), "effects");
        at(&mut after, TAG).decided = Some(any());
        trips(outcome(&two, &after, &made), "decided");
        // Whoever lacks what is decided asks for it.
        let three = Instance { readies: votes(&[2, 3, 4], any()), ..two };
        at(&mut after, TAG).readies = votes(&[2, 3, 4], any());
        let made = effects(|e| {
            e.promise(To::All, ready(TAG, any()));
            e.send(To::Others, request(TAG, any()));
        });
        assert_eq!(outcome(&three, &after, &made), Ok(()));
        trips(outcome(&three, &after, &made[..2]), "effects");
        let one = Instance { readies: votes(&[2], any()), ..Instance::default() };
        assert_eq!(outcome(&one, &with(one.clone()), &[]), Ok(()));
    }

    #[test]
    fn the_lowest_digest_is_readied_and_what_was_not_echoed_is_logged() {
        let (low, high) = (init(0).digest().min(any()), init(0).digest().max(any()));
        let split = Instance {
            readies: votes(&[1, 2], high).into_iter().chain(votes(&[3, 4], low)).collect(),
            ..Instance::default()
        };
        let mut after = with(split.clone());
        at(&mut after, TAG).readied = Some(low);
        let said = |digest| effects(|e| e.promise(To::All, ready(TAG, digest)));
        assert_eq!(outcome(&split, &after, &said(low)), Ok(()));
        at(&mut after, TAG).readied = Some(high);
        trips(outcome(&split, &after, &said(high)), "effect 0");

        let digest = init(0).digest();
        let echoed_another = Instance {
            init: Some(init(0)),
            echoed: Some(any()),
            readied: Some(digest),
            decided: Some(digest),
            ..Instance::default()
        };
        let mut after = with(echoed_another.clone());
        at(&mut after, TAG).delivered = true;
        after.fresh = vec![TAG];
        let logged = effects(|e| e.persist(Record::Held(init(0).into())));
        assert_eq!(outcome(&echoed_another, &after, &logged), Ok(()));
        trips(outcome(&echoed_another, &after, &[]), "effects");
    }
}
