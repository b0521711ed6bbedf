//! What `suspect.tat_leader` must answer.

use super::definitions::tat_leader_of;
use crate::Finding;
use wire::Config;

/// What some correct server that is not recovering reports, at least (4.2, Figure 4, E4 and E5).
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(config: &Config, reported: &[u64], got: &u64) -> Result<(), Finding> {
    crate::answer(
        "suspect.tat_leader: the (f+k+1)-th lowest of `reported`",
        &tat_leader_of(config, reported),
        got,
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{config, trips};
    use wire::{Config, Digest};

    #[test]
    fn the_third_lowest_of_six_and_the_second_of_four() {
        let six = Config::new(Digest::default(), 6, 1, 1);
        let reported = [0, 50, 0, 40, 60, 70];
        assert_eq!(check(&six, &reported, &40), Ok(()));
        for wrong in [0, 50] {
            trips(check(&six, &reported, &wrong), "tat_leader");
        }
        let four = config();
        for (reported, right, wrong) in
            [([60, 50, 0, 40], 40, 50), ([60, 0, 0, 40], 0, 40), ([9, 9, 9, 7], 9, 7)]
        {
            assert_eq!(check(&four, &reported, &right), Ok(()));
            trips(check(&four, &reported, &wrong), "tat_leader");
        }
    }
}
