//! What `broadcast.resume` must do.

use super::definitions::{advance, current, said};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::broadcast::State;
use wire::prime::Prime;
use wire::{Config, Effect, To};

/// What the log promised is said again, and what it ends before is made up for.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("broadcast.resume", config, before);
    expected.since("Inits promised, then each Echo and Ready, to all; then `advance` for all");
    let promised = std::mem::take(&mut expected.state.promised);
    promised.into_values().for_each(|init| expected.send(To::All, init));
    for tag in current(before, before.view) {
        let (echo, ready) = said(before, tag);
        echo.into_iter().for_each(|echo| expected.send(To::All, echo));
        ready.into_iter().for_each(|ready| expected.send(To::All, ready));
    }
    current(before, before.view).for_each(|tag| advance(&mut expected, tag));
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::broadcast::kit::{
        TAG, at, config, echo, effects, init, init_of, ready, state, trips,
    };
    use prime::broadcast::Tag;
    use wire::{Record, ReplicaId, To, View};

    #[test]
    fn what_was_promised_is_said_again_and_what_is_missing_made_up_for() {
        let own = Tag { originator: ReplicaId(1), ..TAG };
        let (second, later) = (Tag { seq: 1, ..TAG }, Tag { view: View(2), ..TAG });
        let mut before = state();
        for seq in [1, 0] {
            let init = init_of(Tag { seq, ..own }, 0);
            before.promised.insert(seq, init.body().clone());
        }
        let digest = init(0).digest();
        at(&mut before, TAG).init = Some(init(0));
        (at(&mut before, TAG).echoed, at(&mut before, TAG).readied) = (Some(digest), Some(digest));
        at(&mut before, second).init = Some(init_of(second, 0));
        at(&mut before, later).init = Some(init_of(later, 0));
        let mut after = before.clone();
        after.promised.clear();
        at(&mut after, second).echoed = Some(init_of(second, 0).digest());
        let made = effects(|e| {
            for seq in [0, 1] {
                e.send(To::All, init_of(Tag { seq, ..own }, 0).body().clone());
            }
            e.send(To::All, echo(TAG, digest));
            e.send(To::All, ready(TAG, digest));
            e.persist(Record::Held(init_of(second, 0).into()));
            e.promise(To::All, echo(second, init_of(second, 0).digest()));
        });
        let run = |after: &_, made: &[_]| check(&config(), &before, after, made);
        assert_eq!(run(&after, &made), Ok(()));
        trips(run(&before, &made), "instances");
        trips(run(&after, &made[..4]), "effects");
        trips(run(&after, &made[1..]), "effect 0");
        let mut swapped = made.clone();
        swapped.swap(2, 3);
        trips(run(&after, &swapped), "effect 2");
        let mut kept = after.clone();
        kept.promised = before.promised.clone();
        trips(run(&kept, &made), "promised");
        let mut eager = after;
        at(&mut eager, later).echoed = Some(digest);
        trips(run(&eager, &made), "echoed");
    }
}
