//! What `suspect.keep_sample` must do.

use super::definitions::keep_sample;
use crate::Finding;
use crate::expected::Expected;
use prime::suspect::State;
use wire::{Config, Monitoring, Time};

/// Remembered is the largest of the view, or what ended within the window (4.2, Figure 4, D2).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    tat: u64,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.keep_sample", config, before);
    expected.since("the largest alone, or all of the window but the oldest of the smallest");
    keep_sample(&mut expected, rules, now, tat);
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{config, report, rules, state, trips};
    use prime::suspect::State;
    use wire::Time;
    use wire::monitoring::MAX_SAMPLES;

    fn samples(of: &[(u64, u64)]) -> State {
        let mut state = state();
        state.samples = of.iter().map(|&(ended, tat)| (Time(ended), tat)).collect();
        state
    }

    #[test]
    fn in_report_mode_the_largest_stays_and_the_first_of_equals() {
        let config = config();
        for (held, tat, kept, wrong) in [
            (&[][..], 5, &[(20, 5)][..], &[][..]),
            (&[(10, 5)], 6, &[(20, 6)], &[(10, 5)]),
            (&[(10, 5)], 6, &[(20, 6)], &[(10, 5), (20, 6)]),
            (&[(10, 5)], 5, &[(10, 5)], &[(20, 5)]),
            (&[(10, 5)], 4, &[(10, 5)], &[(20, 4)]),
        ] {
            let judge =
                |after: &State| check(&config, &samples(held), &report(), Time(20), tat, after);
            assert_eq!(judge(&samples(kept)), Ok(()));
            trips(judge(&samples(wrong)), "[samples");
        }
    }

    #[test]
    fn in_robust_mode_what_is_older_than_the_window_goes() {
        let config = config();
        let before = samples(&[(499, 9), (500, 3), (900, 7)]);
        let judge = |after: &State| check(&config, &before, &rules(), Time(1_500), 2, after);
        assert_eq!(judge(&samples(&[(500, 3), (900, 7), (1_500, 2)])), Ok(()));
        for wrong in [
            &[(499, 9), (500, 3), (900, 7), (1_500, 2)][..],
            &[(900, 7), (1_500, 2)],
            &[(1_500, 2), (500, 3), (900, 7)],
            &[(500, 3), (900, 7)],
        ] {
            trips(judge(&samples(wrong)), "[samples");
        }
    }

    #[test]
    fn the_oldest_of_the_smallest_makes_room() {
        let (config, now) = (config(), Time(2_000));
        let mut full = vec![(1_500, 7); MAX_SAMPLES];
        (full[3].1, full[5].1) = (4, 4);
        for (tat, gone) in [(9, 3), (4, 3), (3, MAX_SAMPLES)] {
            let before = samples(&full);
            let mut kept = full.clone();
            kept.push((2_000, tat));
            let judge = |after: &State| check(&config, &before, &rules(), now, tat, after);
            trips(judge(&samples(&kept)), "[samples");
            for other in [0, 5, MAX_SAMPLES].into_iter().filter(|&other| other != gone) {
                let mut wrong = kept.clone();
                wrong.remove(other);
                trips(judge(&samples(&wrong)), "[samples");
            }
            kept.remove(gone);
            assert_eq!(judge(&samples(&kept)), Ok(()));
        }
    }
}
