//! What `suspect.on_rtt_measure` must do.

use super::definitions::{heard, make_tat_ub, tat_if_leader_of};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::{Prime, RttMeasure};
use wire::{Config, Effect, Monitoring, Time, Verified};

/// What the signer would find of this server as the leader, if that is less than it was (4.2,
/// Figure 4, B9 to B12).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttMeasure>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_rtt_measure", config, before);
    let (signer, &RttMeasure { view, to, rtt }) = (message.signer(), message.body());
    let entitled = to == before.me && signer != before.me;
    if heard(&mut expected, rules, now, signer, view, entitled) {
        expected.since("a `tat_if_leader` below the signer's takes its place");
        let (tat, row) = (tat_if_leader_of(rules, rtt), signer.index());
        if tat < before.tats_if_leader[row] {
            expected.state.tats_if_leader[row] = tat;
            make_tat_ub(&mut expected);
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::{INFINITE, allowance};
    use crate::suspect::kit::{ME, config, each_trips, effects, reject, rules, sign, state, trips};
    use prime::suspect::State;
    use wire::prime::{Prime, RttMeasure, TatUb};
    use wire::{Effect, Reject, ReplicaId, Time, To, View};

    const NOW: Time = Time(50);

    fn measure(view: u64, to: u16, rtt: u64) -> RttMeasure {
        RttMeasure { view: View(view), to: ReplicaId(to), rtt }
    }

    fn known(tats: [u64; 4], announced: u64, taken: u32) -> State {
        let mut state = state();
        (state.tats_if_leader, state.announced) = (tats.to_vec(), announced);
        state.taken[2] = taken;
        state
    }

    fn announced(alpha: u64) -> Vec<Effect<Prime>> {
        effects(|e| e.send(To::All, TatUb { view: View(1), alpha }))
    }

    #[test]
    fn the_third_value_makes_a_bound() {
        // 20 * 2.5 + 25 = 75, 40 * 2.5 + 25 = 125.
        let (config, rules) = (config(), rules());
        let before = known([45, INFINITE, INFINITE, 75], INFINITE, 0);
        let (after, made) = (known([45, INFINITE, 125, 75], 125, 1), announced(125));
        let message = sign(3, measure(1, ME.0, 40));
        each_trips(
            &after,
            |after| check(&config, &before, &rules, NOW, &message, after, &made),
            &[
                ("tats_if_leader", |s| s.tats_if_leader[2] = INFINITE),
                ("tats_if_leader", |s| s.tats_if_leader[2] = 100),
                ("announced", |s| s.announced = INFINITE),
                ("taken", |s| s.taken[2] = 0),
            ],
        );
        for wrong in [
            announced(75),
            vec![],
            effects(|e| {
                e.send(To::Others, TatUb { view: View(1), alpha: 125 });
            }),
        ] {
            trips(check(&config, &before, &rules, NOW, &message, &after, &wrong), "effect");
        }
    }

    #[test]
    fn what_is_not_less_changes_nothing_and_what_moves_no_bound_is_not_announced() {
        let (config, rules) = (config(), rules());
        for (tats, rtt, then) in [
            ([45, INFINITE, 125, 75], 40, [45, INFINITE, 125, 75]),
            ([45, INFINITE, 125, 75], 41, [45, INFINITE, 125, 75]),
            ([45, 75, 125, 75], 36, [45, 75, 115, 75]),
        ] {
            let (before, after) = (known(tats, 75, 0), known(then, 75, 1));
            let message = sign(3, measure(1, ME.0, rtt));
            let check = |after: &State, made: &[_]| {
                check(&config, &before, &rules, NOW, &message, after, made)
            };
            assert_eq!(check(&after, &[]), Ok(()));
            trips(check(&after, &announced(75)), "effect 0");
            let mut raised = after.clone();
            raised.tats_if_leader[2] = 130;
            trips(check(&raised, &[]), "tats_if_leader");
        }
    }

    #[test]
    fn rejects_stand_in_their_order() {
        let (config, rules) = (config(), rules());
        let before = known([45, INFINITE, INFINITE, 75], INFINITE, allowance(&config));
        for (by, said, reason) in [
            (ME.0, measure(0, 4, 40), Reject::WrongView),
            (3, measure(1, 4, 40), Reject::NotEntitled),
            (ME.0, measure(1, ME.0, 40), Reject::NotEntitled),
            (3, measure(1, ME.0, 40), Reject::Full),
        ] {
            let message = sign(by, said);
            let check = |after: &State, made: &[_]| {
                check(&config, &before, &rules, NOW, &message, after, made)
            };
            assert_eq!(check(&before, &[reject(by, reason)]), Ok(()));
            trips(check(&before, &[reject(by, Reject::Invalid)]), "effect 0");
            trips(check(&before, &[]), "effects");
            let mut after = before.clone();
            after.tats_if_leader[usize::from(by) - 1] = 1;
            trips(check(&after, &[reject(by, reason)]), "tats_if_leader");
        }
    }
}
