//! What `suspect.make_tat_measure` must do.

use super::definitions::make_tat_measure;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::Prime;
use wire::{Config, Effect, Monitoring, Time};

/// Everybody is told how slow the leader is, but not by the leader (4.2, Figure 4, D1 to D3).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.make_tat_measure", config, before);
    expected.since("what is measured goes to all, unless it is 0 or this server leads");
    make_tat_measure(&mut expected, rules, now);
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{config, effects, leading, owes, report, rules, state, trips};
    use prime::suspect::State;
    use wire::prime::{Prime, TatMeasure};
    use wire::{Effect, Time, To, View};

    const NOW: Time = Time(100);

    fn owed(mut state: State) -> State {
        state.open = vec![owes(61, 1), owes(80, 2)];
        state
    }

    fn said(to: To, tat: u64) -> Vec<Effect<Prime>> {
        effects(|e| e.send(to, TatMeasure { view: View(1), tat }))
    }

    #[test]
    fn what_is_measured_goes_to_all() {
        let (config, before) = (config(), owed(state()));
        for (rules, tat) in [(report(), 39), (rules(), 19)] {
            let judge = |after: &State, made: &[Effect<Prime>]| {
                check(&config, &before, &rules, NOW, after, made)
            };
            assert_eq!(judge(&before, &said(To::All, tat)), Ok(()));
            for wrong in [said(To::Others, tat), said(To::All, tat + 1), vec![]] {
                trips(judge(&before, &wrong), "effect");
            }
            trips(judge(&state(), &said(To::All, tat)), "[open");
        }
    }

    #[test]
    fn nothing_is_said_of_nothing_nor_by_the_leader() {
        let (config, rules) = (config(), rules());
        for before in [state(), owed(leading())] {
            assert_eq!(check(&config, &before, &rules, NOW, &before, &[]), Ok(()));
            for tat in [0, 19] {
                let wrong = said(To::All, tat);
                trips(check(&config, &before, &rules, NOW, &before, &wrong), "effect 0");
            }
        }
    }
}
