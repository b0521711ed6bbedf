//! What `order.refill` must do.

use crate::Finding;
use crate::expected::Expected;
use prime::order::State;
use wire::{Config, Time};

/// One token for each interval, to the bucket's brim.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(config: &Config, before: &State, now: Time, after: &State) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.refill", config, before);
    expected.since("one token comes in each whole interval of half `timing.pre_prepare`");
    let interval = (config.timing.pre_prepare / 2).max(1);
    let intervals = now.since(before.filled_at) / interval;
    let brim = config.windows.order;
    let tokens = before.tokens.saturating_add(intervals).min(brim);
    let part = before.filled_at.after(intervals * interval);
    let filled_at = if tokens == brim { now.max(before.filled_at) } else { part };
    (expected.state.tokens, expected.state.filled_at) = (tokens, filled_at);
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{config, state, trips};
    use prime::order::State;
    use wire::Time;

    fn holding(tokens: u64, filled_at: u64) -> State {
        let mut state = state();
        (state.tokens, state.filled_at) = (tokens, Time(filled_at));
        state
    }

    #[test]
    fn whole_intervals_bring_tokens_and_a_full_bucket_is_full_now() {
        let mut config = config();
        for (before, now, after, wrong) in [
            ((0, 0), 1700, (3, 1500), [(3, 1700), (1, 1000), (4, 1500)]),
            ((0, 200), 699, (0, 200), [(0, 699), (1, 699), (1, 200)]),
            ((62, 0), 1700, (64, 1700), [(65, 1500), (64, 1500), (64, 1000)]),
            ((63, 0), 500, (64, 500), [(63, 500), (64, 0), (63, 0)]),
            ((64, 300), 301, (64, 301), [(64, 300), (63, 301), (65, 301)]),
        ] {
            let before = holding(before.0, before.1);
            let check = |(tokens, at)| check(&config, &before, Time(now), &holding(tokens, at));
            assert_eq!(check(after), Ok(()));
            wrong.into_iter().for_each(|wrong| trips(check(wrong), "order.refill"));
        }
        config.timing.pre_prepare = 1;
        assert_eq!(check(&config, &holding(0, 0), Time(5), &holding(5, 5)), Ok(()));
    }
}
