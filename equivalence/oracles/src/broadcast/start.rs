//! What `broadcast.start` must do.

use super::definitions::{advance, current, enter};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::broadcast::State;
use wire::prime::{Payload, Prime, RbInit};
use wire::{Config, Effect, To, View};

/// The broadcasts of a view begin with one's own (5.3, "State Dissemination Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    view: View,
    payloads: Vec<Payload>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("broadcast.start", config, before);
    expected.since("each payload is promised to all, numbered from 0; then `advance` for all");
    enter(&mut expected.state, view);
    for (seq, payload) in (0..).zip(payloads) {
        expected.promise(To::All, RbInit { view, seq, payload });
    }
    current(before, view).for_each(|tag| advance(&mut expected, tag));
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::broadcast::kit::{
        TAG, all_trip, at, config, echo, effects, init_of, payload, state, trips,
    };
    use prime::broadcast::{State, Tag};
    use wire::prime::{Prime, RbInit};
    use wire::{Effect, Record, To, View};

    const NEXT: View = View(2);

    fn outcome(before: &State, after: &State, made: &[Effect<Prime>]) -> Result<(), Finding> {
        check(&config(), before, NEXT, vec![payload(1), payload(2)], after, made)
    }

    #[test]
    fn own_inits_go_out_and_what_came_early_is_echoed() {
        let early = [0, 1].map(|seq| Tag { view: NEXT, seq, ..TAG });
        let mut before = state();
        at(&mut before, TAG).init = Some(init_of(TAG, 0));
        for tag in early {
            at(&mut before, tag).init = Some(init_of(tag, 0));
        }
        (before.fresh, before.cursor) = (vec![TAG], Some(TAG));
        before.promised.insert(0, init_of(TAG, 0).body().clone());
        let mut after = before.clone();
        after.view = NEXT;
        after.instances.remove(&TAG);
        after.fresh.clear();
        after.promised.clear();
        after.cursor = None;
        for tag in early {
            at(&mut after, tag).echoed = Some(init_of(tag, 0).digest());
        }
        let opened = |seq, count| RbInit { view: NEXT, seq, payload: payload(count) };
        let made = effects(|e| {
            e.promise(To::All, opened(0, 1));
            e.promise(To::All, opened(1, 2));
            for tag in early {
                e.persist(Record::Held(init_of(tag, 0).into()));
                e.promise(To::All, echo(tag, init_of(tag, 0).digest()));
            }
        });
        all_trip(
            &after,
            |after| outcome(&before, after, &made),
            &[
                ("view", |s| s.view = TAG.view),
                ("instances", |s| at(s, TAG).init = Some(init_of(TAG, 0))),
                ("fresh", |s| s.fresh = vec![TAG]),
                ("cursor", |s| s.cursor = Some(TAG)),
                ("promised", |s| drop(s.promised.insert(0, init_of(TAG, 0).body().clone()))),
                ("retransmit_at", |s| s.retransmit_at.0 += 1),
            ],
        );
        trips(outcome(&before, &after, &made[..4]), "effects");
        let mut late = made.clone();
        late.rotate_left(4);
        trips(outcome(&before, &after, &late), "effect 0");
        let mut backwards = made;
        backwards[..4].rotate_left(2);
        trips(outcome(&before, &after, &backwards), "effect 0");
    }
}
