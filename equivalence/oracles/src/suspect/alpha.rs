//! What `suspect.alpha` must answer.

use super::definitions::quorum_lowest;
use crate::Finding;
use wire::Config;

/// No correct server would find this server to be slower if it led (4.2, Figure 4, C2 and C3).
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(config: &Config, tats_if_leader: &[u64], got: &u64) -> Result<(), Finding> {
    crate::answer(
        "suspect.alpha: the Q-th lowest of `tats_if_leader`",
        &quorum_lowest(config, tats_if_leader),
        got,
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::INFINITE;
    use crate::suspect::kit::{config, trips};

    #[test]
    fn the_third_lowest_of_four() {
        for (tats, right, wrong) in [
            ([9, 5, INFINITE, 7], 9, [7, INFINITE]),
            ([9, 9, 9, 7], 9, [7, 10]),
            ([9, INFINITE, INFINITE, 7], INFINITE, [9, 7]),
        ] {
            assert_eq!(check(&config(), &tats, &right), Ok(()));
            for wrong in wrong {
                trips(check(&config(), &tats, &wrong), "alpha");
            }
        }
    }
}
