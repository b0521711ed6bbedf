//! What `suspect.on_tat_measure` must do.

use super::definitions::{counts_for, evaluate, heard};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::{Reported, State};
use wire::prime::{Prime, TatMeasure};
use wire::{Config, Effect, Monitoring, Time, Verified};

/// What a server reports of the leader counts unless it said more (4.2, Figure 4, D4 to D6).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatMeasure>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_tat_measure", config, before);
    let (signer, &TatMeasure { view, tat }) = (message.signer(), message.body());
    if heard(&mut expected, rules, now, signer, view, true) {
        expected.since("a value that is at least what counts takes its place, and is evaluated");
        let row = signer.index();
        if tat >= counts_for(rules, &before.reported[row], now) {
            expected.state.reported[row] = Reported { tat, heard: now };
            evaluate(&mut expected, rules, now);
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::allowance;
    use crate::suspect::kit::{
        ME, config, each_trips, effects, reject, report, rules, sign, state, trips,
    };
    use prime::suspect::{Reported, State};
    use wire::prime::{NewLeader, TatMeasure};
    use wire::{Reject, Time, To, View};

    const NOW: Time = Time(1_500);

    /// Bounds 10, 20, 30, 40: 30 is acceptable. Server 3 said `tat` at `heard`, 4 says 50.
    fn told(tat: u64, heard: u64) -> State {
        let mut state = state();
        state.counted_from = Time(1_450);
        state.bounds = vec![10, 20, 30, 40];
        state.reported[2] = Reported { tat, heard: Time(heard) };
        state.reported[3] = Reported { tat: 50, heard: Time(1_400) };
        state
    }

    fn measure(by: u16, view: u64, tat: u64) -> wire::Verified<TatMeasure> {
        sign(by, TatMeasure { view: View(view), tat })
    }

    #[test]
    fn more_than_is_acceptable_at_two_servers_makes_a_vote() {
        let (config, rules, before, message) =
            (config(), rules(), told(7, 1_400), measure(3, 1, 31));
        let vote = |to| effects(|e| e.send(to, NewLeader { view: View(2) }));
        let mut after = told(31, 1_500);
        // Servers 1 and 2 say 0: two of four say more, and the second lowest is 0.
        after.taken[2] = 1;
        assert_eq!(check(&config, &before, &rules, NOW, &message, &after, &[]), Ok(()));
        trips(check(&config, &before, &rules, NOW, &message, &after, &vote(To::All)), "effect 0");
        // With a third the second lowest is 31.
        let mut before = before;
        before.reported[0] = Reported { tat: 31, heard: Time(500) };
        after.reported[0] = before.reported[0];
        after.suspects = true;
        let made = vote(To::All);
        each_trips(
            &after,
            |after| check(&config, &before, &rules, NOW, &message, after, &made),
            &[
                ("reported", |s| s.reported[2].tat = 30),
                ("reported", |s| s.reported[2].heard = Time(1_400)),
                ("suspects", |s| s.suspects = false),
                ("taken", |s| s.taken[2] = 0),
            ],
        );
        trips(check(&config, &before, &rules, NOW, &message, &after, &vote(To::Others)), "effect");
        trips(check(&config, &before, &rules, NOW, &message, &after, &[]), "effects");
        // What server 1 said is forgotten a moment later.
        let later = Time(1_501);
        (after.suspects, after.reported[2].heard) = (false, later);
        assert_eq!(check(&config, &before, &rules, later, &message, &after, &[]), Ok(()));
        trips(check(&config, &before, &rules, later, &message, &after, &made), "effect 0");
    }

    #[test]
    fn a_lower_value_counts_only_when_the_higher_is_forgotten() {
        let config = config();
        for (rules, heard, tat, kept) in [
            (rules(), 500, 6, true),
            (rules(), 500, 7, false),
            (rules(), 499, 6, false),
            (report(), 499, 6, true),
        ] {
            let (before, message) = (told(7, heard), measure(3, 1, tat));
            let mut stays = before.clone();
            stays.taken[2] = 1;
            let mut comes = stays.clone();
            comes.reported[2] = Reported { tat, heard: NOW };
            let (right, wrong) = if kept { (stays, comes) } else { (comes, stays) };
            assert_eq!(check(&config, &before, &rules, NOW, &message, &right, &[]), Ok(()));
            trips(check(&config, &before, &rules, NOW, &message, &wrong, &[]), "reported");
        }
    }

    #[test]
    fn view_then_share_and_own_words_count() {
        let (config, rules, mut before) = (config(), rules(), told(7, 500));
        before.taken[2] = allowance(&config);
        for (view, reason) in [(2, Reject::WrongView), (1, Reject::Full)] {
            let (message, refused) = (measure(3, view, 60), [reject(3, reason)]);
            assert_eq!(check(&config, &before, &rules, NOW, &message, &before, &refused), Ok(()));
            let wrong = [reject(3, Reject::NotEntitled)];
            trips(check(&config, &before, &rules, NOW, &message, &before, &wrong), "effect 0");
            trips(
                check(&config, &before, &rules, NOW, &message, &told(60, 1_500), &refused),
                "[reported",
            );
        }
        let message = measure(ME.0, 1, 5);
        let mut after = before.clone();
        (after.taken[0], after.reported[0]) = (1, Reported { tat: 5, heard: NOW });
        assert_eq!(check(&config, &before, &rules, NOW, &message, &after, &[]), Ok(()));
        let wrong = [reject(ME.0, Reject::NotEntitled)];
        trips(check(&config, &before, &rules, NOW, &message, &before, &wrong), "effect 0");
    }
}
