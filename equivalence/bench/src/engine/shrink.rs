//! Makes the input of a finding smaller as long as it shows the same.

use super::Voters;
use super::judge::{Fault, Judges};
use crate::case::Case;
use crate::slots::{Argument, Slot, Use};
use crate::state;
use crate::world::Corpus;

/// Inputs tried at most.
const TRIES: usize = 4_000;

/// A rule without its numbers: where it was broken may move.
fn gist(rule: &str) -> String {
    rule.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

/// The least case found on which `voter` shows a fault like `fault`, and that fault.
pub(super) fn shrink<S: Slot>(
    corpus: &Corpus,
    voters: &Voters<S>,
    voter: usize,
    found: (Case<S>, Fault),
    judges: Judges,
) -> (Case<S>, Fault) {
    let (mut case, mut fault) = found;
    let mut tries = 0;
    let mut still = |less: &Case<S>, fault: &Fault| {
        tries += 1;
        let mut faults = voters.judge(corpus, less, judges);
        let same = faults.get_mut(voter).and_then(Option::take);
        let same = same.filter(|new| new.by == fault.by && gist(&new.rule) == gist(&fault.rule));
        (same, tries < TRIES)
    };
    loop {
        let mut progress = false;
        for less in smaller(corpus, &case) {
            let (same, go_on) = still(&less, &fault);
            if let Some(same) = same {
                (case, fault, progress) = (less, same, go_on);
                break;
            }
            if !go_on {
                return (case, fault);
            }
        }
        if !progress {
            return (case, fault);
        }
    }
}

/// Cases with one thing less, the state's first.
fn smaller<S: Slot>(corpus: &Corpus, case: &Case<S>) -> Vec<Case<S>> {
    let world = &corpus.worlds[case.world];
    let mut all = Vec::new();
    if S::USE != Use::Ignores {
        let states = state::smaller(&world.config, &case.state);
        all.extend(states.map(|state| Case { state, ..case.clone() }));
    }
    let args = case.args.smaller(world).into_iter();
    all.extend(args.map(|args| Case { args, ..case.clone() }));
    all
}
