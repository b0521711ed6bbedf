//! What `broadcast.on_rb_init` must do.

use super::definitions::{advance, outside};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::broadcast::{State, Tag};
use wire::prime::{Prime, RbInit};
use wire::{Config, Effect, Reject, Verified};

/// The first Init of a tag is taken, and the one that was decided (5.3, "Preliminaries").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<RbInit>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("broadcast.on_rb_init", config, before);
    let (signer, digest) = (message.signer(), message.digest());
    let tag = Tag { view: message.body().view, originator: signer, seq: message.body().seq };

    let known = before.instances.get(&tag);
    let held = known.and_then(|known| known.init.as_ref()).map(Verified::digest);
    let decided = known.and_then(|known| known.decided);
    if let Some(reason) = outside(before, tag) {
        expected.since("rejects what `state.outside` says of its tag");
        expected.reject(signer, reason);
    } else if held == Some(digest) {
        expected.since("rejects `Duplicate` if the broadcast's `init` has the same digest");
        expected.reject(signer, Reject::Duplicate);
    } else if held.is_some() && decided != Some(digest) {
        expected.since("rejects `Equivocation` if it has another, unless this one's is decided");
        expected.reject(signer, Reject::Equivocation);
    } else {
        expected.since("it becomes the broadcast's `init`, and `advance` follows");
        expected.state.instances.entry(tag).or_default().init = Some(message.clone());
        advance(&mut expected, tag);
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::broadcast::kit::{
        TAG, at, config, echo, effects, init, init_of, reject, state, trips, with,
    };
    use prime::broadcast::{Instance, Tag};
    use wire::{Record, Reject, To, View};

    #[test]
    fn the_first_init_is_logged_and_echoed() {
        let (message, mut after) = (init(0), state());
        at(&mut after, TAG).init = Some(message.clone());
        at(&mut after, TAG).echoed = Some(message.digest());
        let made = effects(|e| {
            e.persist(Record::Held(message.clone().into()));
            e.promise(To::All, echo(TAG, message.digest()));
        });
        assert_eq!(check(&config(), &state(), &message, &after, &made), Ok(()));
        trips(check(&config(), &state(), &message, &after, &made[1..]), "effect 0");
        trips(check(&config(), &state(), &message, &state(), &made), "instances");
        at(&mut after, TAG).echoed = None;
        trips(check(&config(), &state(), &message, &after, &made), "echoed");
        // One of the next view is kept and not echoed.
        let next = init_of(Tag { view: View(2), ..TAG }, 0);
        let mut after = state();
        at(&mut after, Tag { view: View(2), ..TAG }).init = Some(next.clone());
        assert_eq!(check(&config(), &state(), &next, &after, &[]), Ok(()));
    }

    #[test]
    fn another_is_taken_only_if_it_was_decided() {
        let (first, other) = (init(0), init(1));
        let mut known = Instance {
            init: Some(first.clone()),
            echoed: Some(first.digest()),
            ..Instance::default()
        };
        let before = with(known.clone());
        for (message, reason) in [
            (&first, Reject::Duplicate),
            (&other, Reject::Equivocation),
            (&init_of(Tag { view: View(0), ..TAG }, 0), Reject::Stale),
            (&init_of(Tag { view: View(3), ..TAG }, 0), Reject::BeyondWindow),
            (&init_of(Tag { seq: 65, ..TAG }, 0), Reject::BeyondWindow),
        ] {
            let refused = [reject(2, reason)];
            assert_eq!(check(&config(), &before, message, &before, &refused), Ok(()));
            trips(check(&config(), &before, message, &before, &[]), "effects");
            trips(check(&config(), &before, message, &state(), &refused), "instances");
        }
        known.decided = Some(other.digest());
        known.readied = known.decided;
        let before = with(known);
        let mut after = before.clone();
        at(&mut after, TAG).init = Some(other.clone());
        at(&mut after, TAG).delivered = true;
        after.fresh = vec![TAG];
        let made = effects(|e| e.persist(Record::Held(other.clone().into())));
        assert_eq!(check(&config(), &before, &other, &after, &made), Ok(()));
        let refused = [reject(2, Reject::Equivocation)];
        trips(check(&config(), &before, &other, &before, &refused), "effect 0");
        trips(check(&config(), &before, &first, &before, &refused), "effect 0");
    }
}
