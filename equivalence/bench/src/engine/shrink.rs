//! Makes the input of a finding smaller as long as it shows the same.

use super::Voters;
use super::judge::{Fault, Judges};
use crate::case::Case;
use crate::world::Corpus;
use std::time::{Duration, Instant};

/// Inputs tried at most, and for how long.
const TRIES: usize = 4_000;
const TIME: Duration = Duration::from_secs(5);

/// A rule without its numbers: where it was broken may move.
fn gist(rule: &str) -> String {
    rule.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

/// The least case found on which `voter` shows a fault like `fault`, and that fault.
pub(super) fn shrink(
    corpus: &Corpus,
    voters: &Voters<'_>,
    voter: usize,
    found: (Case, Fault),
    judges: Judges,
) -> (Case, Fault) {
    let (mut case, mut fault) = found;
    let (mut tries, start) = (0, Instant::now());
    // Where the last success was: what was tried in vain before is tried again at the end only.
    let mut from = 0;
    loop {
        let mut success = None;
        let whole = case.clone();
        for (number, less) in voters.slot.cases().smaller(voters.slot, corpus, &whole, from) {
            tries += 1;
            if tries > TRIES || start.elapsed() > TIME {
                return (case, fault);
            }
            let mut faults = voters.judge(&less, judges);
            let same = faults.get_mut(voter).and_then(Option::take);
            let same =
                same.filter(|new| new.by == fault.by && gist(&new.rule) == gist(&fault.rule));
            if let Some(same) = same {
                success = Some((number, less, same));
                break;
            }
        }
        match success {
            Some((number, less, same)) => (from, case, fault) = (number, less, same),
            None if from == 0 => return (case, fault),
            None => from = 0,
        }
    }
}
