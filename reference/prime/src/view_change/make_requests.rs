//! What is lacking is asked for.

use crate::view_change::{ASKED, Effects, State};
use slots::slot;
use std::collections::BTreeSet;
use wire::prime::{Bound, ProposalRequest, ResolutionRequest};
use wire::{Config, Digest, Seq, Time, To};

/// Asks everybody for resolutions that are needed and Pre-Prepares that they name.
///
/// For each of `state.needed`, ascending: if it is not in `state.resolutions`, a ResolutionRequest for it
/// is due; otherwise a ProposalRequest for each Pre-Prepare that it lacks ([`State::lacks`] for
/// `executed`), ascending. At most [`ASKED`] ProposalRequests are due in all, those met first, each
/// once although several resolutions lack it; of ResolutionRequests there is no such limit. Entries of
/// `state.asked` for anything that is not due are dropped. Then each that is due, in the order met,
/// unless `asked` has a time for it that lies after `now`, is emitted as `Send` to `To::Others` and its
/// time becomes `now + timing.retransmit`.
///
/// Its key in `asked` is (R, 0, none) for a resolution, (the zero digest, number, what it is bound to)
/// for a Pre-Prepare.
///
/// Invariant: the same is asked for at most once in `timing.retransmit`.
/// Paper: none. Deviation: the report's certificates travel with broadcasts alone.
#[slot(view_change.make_requests)]
pub fn make_requests(
    state: &mut State,
    config: &Config,
    now: Time,
    executed: Seq,
    effects: &mut Effects,
) {
    let mut due: Vec<(Digest, Seq, Option<Bound>)> = Vec::new();
    let mut proposals = BTreeSet::new();
    for digest in state.needed(config) {
        match state.lacks(digest, executed) {
            None => due.push((digest, Seq(0), None)),
            Some(lacking) => {
                for (seq, bound) in lacking {
                    if proposals.len() < ASKED && proposals.insert((seq, bound)) {
                        due.push((Digest::default(), seq, Some(bound)));
                    }
                }
            }
        }
    }
    state.asked.retain(|key, _| due.contains(key));
    for key in due {
        if state.asked.get(&key).is_some_and(|again| now < *again) {
            continue;
        }
        state.asked.insert(key, now.after(config.timing.retransmit));
        match key {
            (_, seq, Some(bound)) => effects.send(To::Others, ProposalRequest { seq, bound }),
            (digest, _, None) => effects.send(To::Others, ResolutionRequest { digest }),
        }
    }
}
