//! What `suspect.on_peer_view` must do.

use super::definitions::passed;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::Prime;
use wire::{Config, Effect, Monitoring, ReplicaId, Time, To, View};

/// Whoever is seen in a lower view is shown why it is over, once in a period.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
#[expect(clippy::too_many_arguments, reason = "the slot's own, with its outcome")]
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    peer: ReplicaId,
    view: View,
    after: &State,
    effects: &[Effect<Prime>],
    got: &bool,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_peer_view", config, before);
    let shown = before.shown[peer.index()];
    let due = shown.is_none_or(|shown| passed(shown, now, rules.period));
    let needed = view < before.view && peer != before.me && due;
    let proof = before.proof.clone().filter(|_| needed);
    let shows = proof.is_some();
    if let Some(proof) = proof {
        expected.since("the proof goes to the peer alone, which is noted");
        expected.state.shown[peer.index()] = Some(now);
        expected.send(To::One(peer), proof);
    }
    expected.judge(after, Order::Fixed, effects)?;
    crate::answer("suspect.on_peer_view: true if the proof is shown", &shows, got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::suspect::kit::{ME, config, effects, proof, rules, state, trips};
    use prime::suspect::State;
    use wire::prime::Prime;
    use wire::{Effect, ReplicaId, Time, To, View};

    const NOW: Time = Time(500);

    fn shown(at: Option<u64>) -> State {
        let mut state = state();
        state.proof = Some(proof(1, &[1, 2, 3]));
        state.shown[2] = at.map(Time);
        state
    }

    fn shows(to: To) -> Vec<Effect<Prime>> {
        effects(|e| e.send(to, proof(1, &[1, 2, 3])))
    }

    fn judge(
        before: &State,
        (peer, view): (u16, u64),
        after: &State,
        made: &[Effect<Prime>],
        got: bool,
    ) -> Result<(), Finding> {
        let (peer, view) = (ReplicaId(peer), View(view));
        check(&config(), before, &rules(), NOW, peer, view, after, made, &got)
    }

    #[test]
    fn who_is_behind_is_shown_the_proof() {
        let (after, made) = (shown(Some(500)), shows(To::One(ReplicaId(3))));
        for at in [None, Some(400)] {
            let before = shown(at);
            assert_eq!(judge(&before, (3, 0), &after, &made, true), Ok(()));
            trips(judge(&before, (3, 0), &after, &made, false), "true if");
            trips(judge(&before, (3, 0), &before, &made, true), "[shown");
            for wrong in [shows(To::Others), shows(To::One(ReplicaId(2))), vec![]] {
                trips(judge(&before, (3, 0), &after, &wrong, true), "effect");
            }
        }
    }

    #[test]
    fn nobody_else_is() {
        let mut unproven = shown(None);
        unproven.proof = None;
        for (before, peer, view) in [
            (shown(None), 3, 1),
            (shown(None), 3, 2),
            (shown(None), ME.0, 0),
            (shown(Some(401)), 3, 0),
            (unproven, 3, 0),
        ] {
            assert_eq!(judge(&before, (peer, view), &before, &[], false), Ok(()));
            trips(judge(&before, (peer, view), &before, &[], true), "true if");
            let made = shows(To::One(ReplicaId(peer)));
            trips(judge(&before, (peer, view), &shown(Some(500)), &made, true), "effect 0");
        }
    }
}
