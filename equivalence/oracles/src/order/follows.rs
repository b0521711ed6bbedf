//! What `order.follows` must answer.

use super::definitions::follows;
use crate::Finding;
use wire::Config;
use wire::prime::Matrix;

/// Neighbouring proposals only grow, and are never the same (4.1).
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    config: &Config,
    preceding: &Matrix,
    matrix: &Matrix,
    got: &bool,
) -> Result<(), Finding> {
    let rule =
        "order.follows: N proper rows, none behind that of `preceding`, and some row differs";
    crate::answer(rule, &follows(config, preceding, matrix), got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{config, matrix, trips};
    use crate::pre_order::kit::aru;
    use wire::List;
    use wire::prime::Matrix;

    #[test]
    fn every_row_is_as_up_to_date_and_some_row_differs() {
        let config = config();
        let old = matrix(&[&[1, 0, 0, 0], &[], &[0, 0, 0, 0], &[]]);
        let zeros = matrix(&[&[1, 0, 0, 0], &[0, 0, 0, 0], &[0, 0, 0, 0], &[]]);
        let newer = matrix(&[&[1, 1, 0, 0], &[], &[0, 0, 0, 0], &[]]);
        let mut foreign: Vec<_> = newer.rows.to_vec();
        foreign[1] = Some(aru(3, &[1, 0, 0, 0]).signed().clone());
        let foreign = Matrix { rows: List::new(foreign).unwrap() };
        for (preceding, matrix, may) in [
            (&old, &newer, true),
            (&old, &zeros, true),
            (&old, &old, false),
            (&zeros, &old, false),
            (&newer, &zeros, false),
            (&old, &foreign, false),
            (&old, &matrix(&[&[0, 2, 0, 0], &[], &[0, 0, 0, 0], &[]]), false),
            (&old, &matrix(&[&[2, 0, 0], &[], &[0, 0, 0, 0], &[]]), false),
            (&old, &matrix(&[&[2, 0, 0, 0], &[], &[0, 0, 0, 0]]), false),
            (&old, &matrix(&[&[2, 0, 0, 0], &[], &[], &[]]), false),
            (&old, &matrix(&[&[2, 0, 0, 0], &[], &[0, 0, 0, 0], &[], &[]]), false),
        ] {
            assert_eq!(check(&config, preceding, matrix, &may), Ok(()), "{matrix:?}");
            trips(check(&config, preceding, matrix, &!may), "order.follows");
        }
    }
}
