//! What `broadcast.retransmit` must do.

use super::definitions::{current, said};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::broadcast::{State, Tag};
use wire::prime::Prime;
use wire::prime::RbRequest;
use wire::{Config, Effect, Time, To, Verified};

/// Entries taken at a time.
const TAKEN: usize = 128;

/// What this server said and others may lack is said again, some broadcasts at a time.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("broadcast.retransmit", config, before);
    if now >= before.retransmit_at {
        expected
            .since("up to 128 entries after the cursor, then from the first on, are said again");
        expected.state.retransmit_at = now.after(config.timing.retransmit);
        let (done, rest): (Vec<Tag>, Vec<Tag>) =
            current(before, before.view).partition(|tag| before.cursor >= Some(*tag));
        let taken: Vec<Tag> = rest.into_iter().chain(done).take(TAKEN).collect();
        taken.iter().for_each(|&tag| say(&mut expected, tag));
        expected.state.cursor = taken.last().copied().or(before.cursor);
    }
    expected.judge(after, Order::Fixed, effects)
}

/// What of one broadcast is said again.
fn say(expected: &mut Expected<'_, State>, tag: Tag) {
    let Some(known) = expected.state.instances.get(&tag).cloned() else { return };
    let (config, me) = (expected.config, expected.state.me);
    let others = || config.replicas().filter(move |&i| i != me);
    if let Some(init) = known.init.as_ref().filter(|_| tag.originator == me) {
        for i in others().filter(|i| !known.echoes.contains_key(i)) {
            expected.relay(To::One(i), init.clone());
        }
    }
    let (echo, ready) = said(&expected.state, tag);
    if let Some(echo) = echo.filter(|_| others().any(|i| !known.readies.contains_key(&i))) {
        expected.send(To::Others, echo);
    }
    ready.into_iter().for_each(|ready| expected.send(To::Others, ready));
    let held = known.init.as_ref().map(Verified::digest);
    if let Some(digest) = known.decided.filter(|&decided| held != Some(decided)) {
        let Tag { view, originator, seq } = tag;
        expected.send(To::Others, RbRequest { originator, view, seq, digest });
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::broadcast::kit::{
        TAG, at, config, echo, effects, init_of, ready, request, state, trips, votes,
    };
    use prime::broadcast::{State, Tag};
    use wire::prime::Prime;
    use wire::{Digest, Effect, ReplicaId, Time, To, View};

    const OWN: Tag = Tag { originator: ReplicaId(1), ..TAG };

    fn outcome(before: &State, after: &State, made: &[Effect<Prime>]) -> Result<(), Finding> {
        check(&config(), before, Time(50), after, made)
    }

    fn any() -> Digest {
        Digest::of("test", b"any")
    }

    /// `before`, done up to `tag`.
    fn done(before: &State, tag: Tag) -> State {
        let retransmit_at = Time(50 + config().timing.retransmit);
        State { cursor: Some(tag), retransmit_at, ..before.clone() }
    }

    #[test]
    fn everything_said_is_said_again_to_those_who_may_lack_it() {
        let mut before = state();
        before.retransmit_at = Time(50);
        let (init, digest) = (init_of(OWN, 0), init_of(OWN, 0).digest());
        let own = at(&mut before, OWN);
        (own.init, own.echoed) = (Some(init.clone()), Some(digest));
        own.echoes = votes(&[1, 3], any());
        own.readies = votes(&[1, 2, 3], digest);
        let other = at(&mut before, TAG);
        (other.echoed, other.readied, other.decided) = (Some(digest), Some(any()), Some(any()));
        other.readies = votes(&[2, 3, 4], any());
        at(&mut before, Tag { view: View(2), ..TAG }).echoed = Some(digest);
        let made = effects(|e| {
            for i in [2, 4] {
                e.push(Effect::Relay { to: To::One(ReplicaId(i)), message: init.clone().into() });
            }
            e.send(To::Others, echo(OWN, digest));
            e.send(To::Others, ready(TAG, any()));
            e.send(To::Others, request(TAG, any()));
        });
        let after = done(&before, TAG);
        assert_eq!(outcome(&before, &after, &made), Ok(()));
        for place in 0..made.len() {
            let mut lost = made.clone();
            lost.remove(place);
            trips(outcome(&before, &after, &lost), "effect");
        }
        let more = effects(|e| e.send(To::Others, echo(TAG, digest)));
        trips(outcome(&before, &after, &[&made[..3], &more, &made[3..]].concat()), "effect 3");
        trips(outcome(&before, &done(&before, OWN), &made), "cursor");
        trips(outcome(&before, &before, &made), "retransmit_at");
        assert_eq!(check(&config(), &before, Time(49), &before, &[]), Ok(()));
        trips(check(&config(), &before, Time(49), &after, &made), "effect 0");
        // From the cursor on, then from the first.
        let mut turned = before.clone();
        turned.cursor = Some(OWN);
        let made = [&made[3..], &made[..3]].concat();
        assert_eq!(outcome(&turned, &done(&before, OWN), &made), Ok(()));
        trips(outcome(&turned, &done(&before, TAG), &made), "cursor");
    }

    #[test]
    fn no_more_than_128_are_taken() {
        let mut before = state();
        let tag = |seq| Tag { seq, ..TAG };
        for seq in 0..130 {
            at(&mut before, tag(seq)).readied = Some(any());
        }
        let said = |of: &[u32]| {
            effects(|e| of.iter().for_each(|&n| e.send(To::Others, ready(tag(n), any()))))
        };
        let first: Vec<u32> = (0..128).collect();
        assert_eq!(outcome(&before, &done(&before, tag(127)), &said(&first)), Ok(()));
        let more: Vec<u32> = (0..129).collect();
        trips(outcome(&before, &done(&before, tag(128)), &said(&more)), "effect 128");
        before.cursor = Some(tag(127));
        let next: Vec<u32> = (128..130).chain(0..126).collect();
        assert_eq!(outcome(&before, &done(&before, tag(125)), &said(&next)), Ok(()));
        // Nothing is there to say: the time moves on.
        let empty = State { cursor: Some(OWN), ..state() };
        let after = done(&empty, OWN);
        assert_eq!(outcome(&empty, &after, &[]), Ok(()));
        trips(outcome(&empty, &State { cursor: None, ..after }, &[]), "cursor");
    }
}
