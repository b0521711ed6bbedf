//! What `checkpoint.make_checkpoint` must do.

use super::definitions::judge;
use crate::Finding;
use crate::expected::Expected;
use prime::checkpoint::State;
use wire::prime::{Checkpoint, Prime};
use wire::{Config, Effect, Time, To};

/// The newest state is vouched for again, while it is not stable.
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
    let mut expected = Expected::unchanged("checkpoint.make_checkpoint", config, before);
    let newest = before.marks.last_key_value().filter(|&(&seq, _)| seq > before.stable);
    if let Some((_, mark)) = newest.filter(|_| now >= before.retransmit_at) {
        expected
            .since("the Checkpoint for the newest mark goes to the others, and is next due then");
        expected.state.retransmit_at = now.after(config.timing.retransmit);
        expected.send(To::Others, Checkpoint { state: mark.state });
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{config, effects, name, trips, with_marks};
    use prime::checkpoint::State;
    use wire::prime::{Checkpoint, Prime};
    use wire::{Effect, Seq, Time, To};

    fn said(number: u64, to: To) -> Vec<Effect<Prime>> {
        effects(|e| e.send(to, Checkpoint { state: name(number) }))
    }

    #[test]
    fn the_newest_mark_is_said_again_while_it_is_not_stable() {
        let mut before = with_marks(&[1, 2]);
        (before.retransmit_at, before.stable) = (Time(50), Seq(10));
        let mut after = before.clone();
        after.retransmit_at = Time(50 + config().timing.retransmit);
        let run = |now, before: &State, after: &State, made: &[_]| -> Result<(), Finding> {
            check(&config(), before, Time(now), after, made)
        };
        let made = said(2, To::Others);
        assert_eq!(run(50, &before, &after, &made), Ok(()));
        trips(run(50, &before, &after, &said(1, To::Others)), "effect 0");
        trips(run(50, &before, &after, &said(2, To::All)), "effect 0");
        trips(run(50, &before, &after, &[]), "effects");
        trips(run(50, &before, &before, &made), "retransmit_at");
        assert_eq!(run(49, &before, &before, &[]), Ok(()));
        trips(run(49, &before, &before, &made), "effect 0");
        before.stable = Seq(20);
        assert_eq!(run(50, &before, &before, &[]), Ok(()));
        trips(run(50, &before, &before, &made), "effect 0");
    }
}
