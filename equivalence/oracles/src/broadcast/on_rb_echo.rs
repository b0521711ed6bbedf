//! What `broadcast.on_rb_echo` must do.

use super::definitions::{advance, outside};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::broadcast::{State, Tag};
use wire::prime::{Prime, RbEcho};
use wire::{Config, Effect, Verified};

/// One Echo of each server is counted, the first (5.3, "Preliminaries").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<RbEcho>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("broadcast.on_rb_echo", config, before);
    let RbEcho { originator, view, seq, digest } = *message.body();
    let (tag, signer) = (Tag { view, originator, seq }, message.signer());

    let counted = before.instances.get(&tag).and_then(|held| held.echoes.get(&signer));
    if let Some(reason) = outside(before, tag) {
        expected.since("rejects what `state.outside` says of its tag");
        expected.reject(signer, reason);
    } else if !expected.refuses_a_second(signer, counted.copied(), digest) {
        expected.since("its digest enters `echoes` under its signer, and `advance` follows");
        let instance = expected.state.instances.entry(tag).or_default();
        instance.echoes.insert(signer, digest);
        advance(&mut expected, tag);
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::kit::{ME, config, effects, reject, sign, trips};
    use prime::broadcast::{Instance, State, Tag};
    use wire::prime::{Payload, RbEcho, RbInit, RbReady, Report};
    use wire::{Digest, Record, Reject, ReplicaId, Seq, To, Verified, View};

    const TAG: Tag = Tag { view: View(1), originator: ReplicaId(2), seq: 0 };

    /// View 1 is preinstalled.
    fn state() -> State {
        let mut state = State::new(&config(), ME);
        state.view = TAG.view;
        state
    }

    fn init(count: u32) -> Verified<RbInit> {
        let report = Report { executed: Seq(0), count, replay: None };
        sign(2, RbInit { view: TAG.view, seq: TAG.seq, payload: Payload::Report(report) })
    }

    fn echo(tag: Tag, digest: Digest) -> RbEcho {
        RbEcho { originator: tag.originator, view: tag.view, seq: tag.seq, digest }
    }

    fn instance(state: &mut State) -> &mut Instance {
        state.instances.entry(TAG).or_default()
    }

    /// Two others' Echos of the Init that this server echoed too.
    fn one_short(init: &Verified<RbInit>) -> State {
        let mut before = state();
        let held = instance(&mut before);
        (held.init, held.echoed) = (Some(init.clone()), Some(init.digest()));
        held.echoes = [1, 2].map(|i| (ReplicaId(i), init.digest())).into();
        before
    }

    #[test]
    fn the_echo_that_makes_a_quorum_brings_a_ready() {
        let (config, init) = (config(), init(0));
        let (before, digest) = (one_short(&init), init.digest());
        let message = sign(3, echo(TAG, digest));
        let mut after = before.clone();
        instance(&mut after).echoes.insert(ReplicaId(3), digest);
        instance(&mut after).readied = Some(digest);
        let Tag { view, originator, seq } = TAG;
        let ready = RbReady { originator, view, seq, digest };
        let promised = effects(|e| e.promise(To::All, ready.clone()));
        assert_eq!(check(&config, &before, &message, &after, &promised), Ok(()));

        // Sent without being logged; sent to some; not sent at all.
        let sent = effects(|e| e.send(To::All, ready.clone()));
        trips(check(&config, &before, &message, &after, &sent), "effect 0");
        let some = effects(|e| e.promise(To::Others, ready));
        trips(check(&config, &before, &message, &after, &some), "effect 1");
        trips(check(&config, &before, &message, &after, &[]), "effects");
        instance(&mut after).echoes.remove(&ReplicaId(3));
        trips(check(&config, &before, &message, &after, &promised), "echoes");
    }

    #[test]
    fn a_ready_one_echo_early_is_found() {
        let (config, init) = (config(), init(0));
        let (mut before, digest) = (one_short(&init), init.digest());
        instance(&mut before).echoes.remove(&ReplicaId(2));
        let message = sign(3, echo(TAG, digest));
        let mut after = before.clone();
        instance(&mut after).echoes.insert(ReplicaId(3), digest);
        assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
        instance(&mut after).readied = Some(digest);
        let Tag { view, originator, seq } = TAG;
        let early = effects(|e| e.promise(To::All, RbReady { originator, view, seq, digest }));
        trips(check(&config, &before, &message, &after, &early), "effect 0");
        trips(check(&config, &before, &message, &after, &[]), "readied");
    }

    #[test]
    fn the_first_echo_of_a_signer_stays() {
        let (config, init) = (config(), init(0));
        let (before, other) = (one_short(&init), Digest::of("test", b"other"));
        let twice = sign(2, echo(TAG, init.digest()));
        let duplicate = [reject(2, Reject::Duplicate)];
        assert_eq!(check(&config, &before, &twice, &before, &duplicate), Ok(()));
        let contrary = sign(2, echo(TAG, other));
        let equivocation = [reject(2, Reject::Equivocation)];
        assert_eq!(check(&config, &before, &contrary, &before, &equivocation), Ok(()));
        trips(check(&config, &before, &contrary, &before, &duplicate), "effect 0");
        let mut after = before.clone();
        instance(&mut after).echoes.insert(ReplicaId(2), other);
        trips(check(&config, &before, &contrary, &after, &equivocation), "echoes.r2");
    }

    #[test]
    fn a_foreign_view_or_a_number_nobody_announced_is_not_remembered() {
        let (config, digest) = (config(), Digest::of("test", b"any"));
        let mut before = state();
        instance(&mut before).init = Some(init(70));
        for (view, seq, reason) in [
            (0, 0, Reject::Stale),
            (3, 0, Reject::BeyondWindow),
            (2, 65, Reject::BeyondWindow),
            (1, 71, Reject::BeyondWindow),
        ] {
            let tag = Tag { view: View(view), seq, ..TAG };
            let message = sign(3, echo(tag, digest));
            let refused = [reject(3, reason)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            let mut grown = before.clone();
            grown.instances.entry(tag).or_default().echoes.insert(ReplicaId(3), digest);
            trips(check(&config, &before, &message, &grown, &refused), "instances");
        }
        // What is announced, and what is of the next view, is counted and not looked at.
        for (view, seq) in [(1, 70), (2, 64)] {
            let tag = Tag { view: View(view), seq, ..TAG };
            let mut after = before.clone();
            after.instances.entry(tag).or_default().echoes.insert(ReplicaId(3), digest);
            let message = sign(3, echo(tag, digest));
            assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
        }
    }

    #[test]
    fn an_init_that_came_early_is_echoed_first() {
        let (config, init) = (config(), init(0));
        let mut before = state();
        instance(&mut before).init = Some(init.clone());
        let message = sign(3, echo(TAG, init.digest()));
        let mut after = before.clone();
        instance(&mut after).echoes.insert(ReplicaId(3), init.digest());
        instance(&mut after).echoed = Some(init.digest());
        let mut made = effects(|e| {
            e.persist(Record::Held(init.clone().into()));
            e.promise(To::All, echo(TAG, init.digest()));
        });
        assert_eq!(check(&config, &before, &message, &after, &made), Ok(()));
        made.swap(0, 1);
        trips(check(&config, &before, &message, &after, &made), "effect 0");
    }
}
