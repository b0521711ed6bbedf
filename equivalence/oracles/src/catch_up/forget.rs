//! What `catch_up.forget` must do.

use crate::Finding;
use crate::expected::Expected;
use prime::catch_up::State;
use wire::{Config, Seq};

/// What a stable checkpoint covers is dropped.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(config: &Config, before: &State, floor: Seq, after: &State) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("catch_up.forget", config, before);
    expected.since("drops the certificates of all numbers at or below `floor`");
    expected.state.archive.retain(|seq, _| *seq > floor);
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{ME, config, proposal, trips};
    use prime::catch_up::{Certificate, State};
    use wire::Seq;

    fn holding(numbers: &[u64]) -> State {
        let mut state = State::new(&config(), ME);
        let certificate = |n| Certificate { pre_prepare: proposal(n), commits: Vec::new() };
        state.archive = numbers.iter().map(|&n| (Seq(n), certificate(n))).collect();
        state
    }

    #[test]
    fn numbers_up_to_the_floor_are_dropped() {
        let (config, before) = (config(), holding(&[2, 3, 5]));
        for (floor, left, wrong) in [
            (1, &[2, 3, 5][..], &[3, 5][..]),
            (3, &[5], &[3, 5]),
            (3, &[5], &[]),
            (4, &[5], &[2, 3, 5]),
            (9, &[], &[5]),
        ] {
            assert_eq!(check(&config, &before, Seq(floor), &holding(left)), Ok(()));
            trips(check(&config, &before, Seq(floor), &holding(wrong)), "[archive");
        }
        let mut answered = holding(&[5]);
        answered.answered[2].count = 1;
        trips(check(&config, &before, Seq(3), &answered), "[answered");
    }
}
