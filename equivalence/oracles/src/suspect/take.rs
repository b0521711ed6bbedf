//! What `suspect.take` must do.

use super::definitions::take;
use crate::Finding;
use crate::expected::Expected;
use prime::suspect::State;
use wire::{Config, Monitoring, ReplicaId, Time};

/// No server is heard more than its allowance in a period.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    sender: ReplicaId,
    after: &State,
    got: &bool,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.take", config, before);
    expected.since("counts begin anew with each period, and below `allowance` one more is counted");
    let room = take(&mut expected, rules, now, sender);
    expected.judge_state(after)?;
    crate::answer("suspect.take: true if `taken` is below `allowance`", &room, got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::suspect::kit::{config, rules, state, trips};
    use prime::suspect::State;
    use wire::{ReplicaId, Time};

    /// Four times five and four.
    const MOST: u32 = 36;

    fn counted(from: u64, taken: [u32; 4]) -> State {
        let mut state = state();
        (state.counted_from, state.taken) = (Time(from), taken.to_vec());
        state
    }

    fn judge(before: &State, now: u64, after: &State, got: bool) -> Result<(), Finding> {
        check(&config(), before, &rules(), Time(now), ReplicaId(3), after, &got)
    }

    #[test]
    fn one_more_is_counted_up_to_the_allowance() {
        for (taken, now) in [(0, 40), (MOST - 1, 139)] {
            let (before, after) =
                (counted(40, [9, 9, taken, 9]), counted(40, [9, 9, taken + 1, 9]));
            assert_eq!(judge(&before, now, &after, true), Ok(()));
            trips(judge(&before, now, &after, false), "true if");
            trips(judge(&before, now, &before, true), "[taken");
            trips(judge(&before, now, &counted(now + 1, [9, 9, taken + 1, 9]), true), "[counted_");
        }
        let full = counted(40, [9, 9, MOST, 9]);
        assert_eq!(judge(&full, 139, &full, false), Ok(()));
        trips(judge(&full, 139, &counted(40, [9, 9, MOST + 1, 9]), false), "[taken");
        trips(judge(&full, 139, &full, true), "true if");
    }

    #[test]
    fn everybody_begins_anew_after_a_period() {
        let (full, anew) = (counted(40, [9, 9, MOST, 9]), counted(140, [0, 0, 1, 0]));
        assert_eq!(judge(&full, 140, &anew, true), Ok(()));
        trips(judge(&full, 139, &anew, true), "[taken");
        trips(judge(&full, 140, &counted(140, [9, 9, 1, 9]), true), "[taken");
        trips(judge(&full, 140, &counted(40, [0, 0, 1, 0]), true), "[counted_from");
    }
}
