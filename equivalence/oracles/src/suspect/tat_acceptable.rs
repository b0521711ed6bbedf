//! What `suspect.tat_acceptable` must answer.

use super::definitions::quorum_lowest;
use crate::Finding;
use wire::Config;

/// What some correct server rightly says of itself, at most (4.2, Figure 4, E2 and E3).
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(config: &Config, bounds: &[u64], got: &u64) -> Result<(), Finding> {
    crate::answer(
        "suspect.tat_acceptable: the Q-th lowest of `bounds`",
        &quorum_lowest(config, bounds),
        got,
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::INFINITE;
    use crate::suspect::kit::trips;
    use wire::{Config, Digest};

    #[test]
    fn the_fourth_lowest_of_six_that_may_recover() {
        let config = Config::new(Digest::default(), 6, 1, 1);
        for (bounds, right, wrong) in [
            ([30, 10, 20, INFINITE, 40, INFINITE], 40, [30, INFINITE]),
            ([30, 10, 20, INFINITE, INFINITE, INFINITE], INFINITE, [30, 20]),
            ([30, 30, 30, 30, 40, 40], 30, [40, 10]),
        ] {
            assert_eq!(check(&config, &bounds, &right), Ok(()));
            for wrong in wrong {
                trips(check(&config, &bounds, &wrong), "tat_acceptable");
            }
        }
    }
}
