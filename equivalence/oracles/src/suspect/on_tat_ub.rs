//! What `suspect.on_tat_ub` must do.

use super::definitions::{evaluate, heard};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::{Prime, TatUb};
use wire::{Config, Effect, Monitoring, Time, Verified};

/// The lowest upper bound that a server announced of itself counts (4.2, Figure 4, C5 to C7).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatUb>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_tat_ub", config, before);
    let (signer, &TatUb { view, alpha }) = (message.signer(), message.body());
    if heard(&mut expected, rules, now, signer, view, true) {
        expected.since("an alpha below the signer's bound takes its place, and is evaluated");
        let row = signer.index();
        if alpha < before.bounds[row] {
            expected.state.bounds[row] = alpha;
            evaluate(&mut expected, rules, now);
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::{INFINITE, allowance};
    use crate::suspect::kit::{ME, config, each_trips, effects, reject, rules, sign, state, trips};
    use prime::suspect::{Reported, State};
    use wire::prime::{NewLeader, TatUb};
    use wire::{Reject, Time, To, Verified, View};

    const NOW: Time = Time(50);

    /// Bounds 10, 20 and 50, of server 3 `bound`; all but the leader find it to take 30.
    fn told(bound: u64, taken: u32) -> State {
        let mut state = state();
        state.bounds = vec![10, 20, bound, 50];
        let slow = Reported { tat: 30, heard: Time(10) };
        state.reported = vec![slow, Reported::default(), slow, slow];
        state.taken[2] = taken;
        state
    }

    fn bound(by: u16, view: u64, alpha: u64) -> Verified<TatUb> {
        sign(by, TatUb { view: View(view), alpha })
    }

    #[test]
    fn a_bound_that_falls_below_what_the_leader_takes_makes_a_vote() {
        let (config, rules, before) = (config(), rules(), told(INFINITE, 0));
        let made = effects(|e| e.send(To::All, NewLeader { view: View(2) }));
        let (message, mut after) = (bound(3, 1, 29), told(29, 1));
        after.suspects = true;
        each_trips(
            &after,
            |after| check(&config, &before, &rules, NOW, &message, after, &made),
            &[
                ("bounds", |s| s.bounds[2] = INFINITE),
                ("suspects", |s| s.suspects = false),
                ("taken", |s| s.taken[2] = 0),
            ],
        );
        trips(check(&config, &before, &rules, NOW, &message, &after, &[]), "effects");
        // As slow as is acceptable is acceptable.
        let (message, after) = (bound(3, 1, 30), told(30, 1));
        assert_eq!(check(&config, &before, &rules, NOW, &message, &after, &[]), Ok(()));
        trips(check(&config, &before, &rules, NOW, &message, &after, &made), "effect 0");
    }

    #[test]
    fn no_bound_rises() {
        let (config, rules, before) = (config(), rules(), told(40, 0));
        for alpha in [40, 41] {
            let (message, after) = (bound(3, 1, alpha), told(40, 1));
            assert_eq!(check(&config, &before, &rules, NOW, &message, &after, &[]), Ok(()));
            let risen = told(42, 1);
            trips(check(&config, &before, &rules, NOW, &message, &risen, &[]), "bounds");
        }
    }

    #[test]
    fn view_then_share_and_own_words_count() {
        let (config, rules) = (config(), rules());
        let before = told(40, allowance(&config));
        for (view, reason) in [(2, Reject::WrongView), (1, Reject::Full)] {
            let (message, refused) = (bound(3, view, 35), [reject(3, reason)]);
            let check = |after: &State, made: &[_]| {
                check(&config, &before, &rules, NOW, &message, after, made)
            };
            assert_eq!(check(&before, &refused), Ok(()));
            trips(check(&before, &[reject(3, Reject::NotEntitled)]), "effect 0");
            trips(check(&told(35, allowance(&config)), &refused), "bounds");
        }
        let (message, mut after) = (bound(ME.0, 1, 9), before.clone());
        (after.taken[0], after.bounds[0]) = (1, 9);
        assert_eq!(check(&config, &before, &rules, NOW, &message, &after, &[]), Ok(()));
        let wrong = [reject(ME.0, Reject::NotEntitled)];
        trips(check(&config, &before, &rules, NOW, &message, &before, &wrong), "effect 0");
    }
}
