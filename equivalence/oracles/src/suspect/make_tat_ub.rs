//! What `suspect.make_tat_ub` must do.

use super::definitions::make_tat_ub;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::Prime;
use wire::{Config, Effect};

/// The own upper bound is announced when it falls (4.2, Figure 4, C1 to C4).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.make_tat_ub", config, before);
    make_tat_ub(&mut expected);
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::INFINITE;
    use crate::suspect::kit::{config, each_trips, effects, state, trips};
    use prime::suspect::State;
    use wire::prime::{Prime, TatUb};
    use wire::{Effect, To, View};

    fn known(tats: [u64; 4], announced: u64) -> State {
        let mut state = state();
        (state.tats_if_leader, state.announced) = (tats.to_vec(), announced);
        state
    }

    fn said(to: To, alpha: u64) -> Vec<Effect<Prime>> {
        effects(|e| e.send(to, TatUb { view: View(1), alpha }))
    }

    #[test]
    fn a_bound_below_the_one_announced_goes_to_all() {
        let (config, tats) = (config(), [9, 5, INFINITE, 7]);
        for announced in [INFINITE, 10] {
            let (before, after, made) = (known(tats, announced), known(tats, 9), said(To::All, 9));
            each_trips(
                &after,
                |after| check(&config, &before, after, &made),
                &[
                    ("announced", |s| s.announced = 10),
                    ("tats_if_leader", |s| s.tats_if_leader.sort_unstable()),
                ],
            );
            for wrong in [said(To::Others, 9), said(To::All, 7), vec![]] {
                trips(check(&config, &before, &after, &wrong), "effect");
            }
        }
    }

    #[test]
    fn what_did_not_fall_is_not_announced() {
        let config = config();
        for (tats, announced) in [
            ([9, 5, INFINITE, 7], 9),
            ([9, 5, INFINITE, 7], 8),
            ([9, 5, INFINITE, INFINITE], INFINITE),
        ] {
            let before = known(tats, announced);
            assert_eq!(check(&config, &before, &before, &[]), Ok(()));
            let wrong = known(tats, 9);
            trips(check(&config, &before, &wrong, &said(To::All, 9)), "effect 0");
        }
    }
}
