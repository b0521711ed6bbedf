//! What `broadcast.on_rb_ready` must do.

use super::definitions::{advance, outside};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::broadcast::{State, Tag};
use wire::prime::{Prime, RbReady};
use wire::{Config, Effect, Verified};

/// One Ready of each server is counted, the first (5.3, "Preliminaries").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<RbReady>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("broadcast.on_rb_ready", config, before);
    let RbReady { originator, view, seq, digest } = *message.body();
    let (tag, signer) = (Tag { view, originator, seq }, message.signer());

    let counted = before.instances.get(&tag).and_then(|known| known.readies.get(&signer));
    if let Some(reason) = outside(before, tag) {
        expected.since("rejects what `state.outside` says of its tag");
        expected.reject(signer, reason);
    } else if !expected.refuses_a_second(signer, counted.copied(), digest) {
        expected.since("its digest enters `readies` under its signer, and `advance` follows");
        let known = expected.state.instances.entry(tag).or_default();
        known.readies.insert(signer, digest);
        advance(&mut expected, tag);
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::broadcast::kit::{
        TAG, at, config, effects, init, ready, reject, request, sign, trips, votes, with,
    };
    use prime::broadcast::{Instance, Tag};
    use wire::{Digest, Reject, ReplicaId, To, View};

    /// Servers 2 and 3 are ready, and so is this one.
    fn known(digest: Digest) -> Instance {
        let readies = votes(&[2, 3], digest);
        Instance { readies, readied: Some(digest), ..Instance::default() }
    }

    #[test]
    fn the_third_ready_decides() {
        let digest = init(0).digest();
        let (mut held, message) = (known(digest), sign(4, ready(TAG, digest)));
        let mut after = with(held.clone());
        at(&mut after, TAG).readies = votes(&[2, 3, 4], digest);
        at(&mut after, TAG).decided = Some(digest);
        let asked = effects(|e| e.send(To::Others, request(TAG, digest)));
        let before = with(held.clone());
        assert_eq!(check(&config(), &before, &message, &after, &asked), Ok(()));
        trips(check(&config(), &before, &message, &after, &[]), "effects");
        at(&mut after, TAG).readies.remove(&ReplicaId(4));
        trips(check(&config(), &before, &message, &after, &asked), "readies");
        // With the Init, which was echoed, it is delivered.
        (held.init, held.echoed) = (Some(init(0)), Some(digest));
        let before = with(held);
        let mut after = before.clone();
        let new = at(&mut after, TAG);
        (new.readies, new.decided) = (votes(&[2, 3, 4], digest), Some(digest));
        new.delivered = true;
        after.fresh = vec![TAG];
        assert_eq!(check(&config(), &before, &message, &after, &[]), Ok(()));
        trips(check(&config(), &before, &message, &after, &asked), "effect 0");
        after.fresh.clear();
        trips(check(&config(), &before, &message, &after, &[]), "fresh");
    }

    #[test]
    fn old_far_repeated_and_contrary_ones_are_not_counted() {
        let digest = init(0).digest();
        let (before, other) = (with(known(digest)), Digest::of("test", b"other"));
        for (tag, named, reason) in [
            (Tag { view: View(0), ..TAG }, digest, Reject::Stale),
            (Tag { view: View(3), ..TAG }, digest, Reject::BeyondWindow),
            (Tag { seq: 65, ..TAG }, digest, Reject::BeyondWindow),
            (TAG, digest, Reject::Duplicate),
            (TAG, other, Reject::Equivocation),
        ] {
            let (message, refused) = (sign(3, ready(tag, named)), [reject(3, reason)]);
            assert_eq!(check(&config(), &before, &message, &before, &refused), Ok(()));
            trips(
                check(&config(), &before, &message, &before, &[reject(3, Reject::Full)]),
                "effect 0",
            );
            let mut counted = before.clone();
            at(&mut counted, tag).readies.insert(ReplicaId(4), named);
            trips(check(&config(), &before, &message, &counted, &refused), "instances");
        }
    }
}
