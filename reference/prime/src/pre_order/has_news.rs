//! Whether the rows at hand make something eligible that was not yet proposed.

use crate::order::eligible;
use crate::pre_order::{State, last_matrix};
use slots::slot;
use wire::Config;
use wire::prime::Matrix;

/// Says whether `Last_PO_Aru` makes something eligible beyond `proposed`, the matrix of the last
/// valid Pre-Prepare.
///
/// True if, for some originator, the number that the rows held make eligible (the Q-th largest
/// entry of its column, null rows counting as zeros, see [`eligible`] with a prefix of zeros)
/// exceeds the number that the rows of `proposed` make eligible.
///
/// Invariant: false if `proposed` is the matrix of `Last_PO_Aru`.
/// Paper: 4.2, "Enforcing up-to-date Pre-Prepare messages". Deviation: Q = 2f+k+1.
#[slot(pre_order.has_news)]
pub fn has_news(state: &State, config: &Config, proposed: &Matrix) -> bool {
    let nothing = vec![wire::PoSeq(0); config.size()];
    let mine = eligible(config, &last_matrix(state), &nothing);
    let theirs = eligible(config, proposed, &nothing);
    mine.iter().zip(&theirs).any(|(mine, theirs)| mine > theirs)
}
