//! What is lacking is asked for.

use crate::view_change::{ASKED, Effects, State};
use slots::slot;
use wire::prime::{Bound, ProposalRequest, ResolutionRequest};
use wire::{Config, Digest, Seq, Time, To};

/// Asks everybody for resolutions that are needed and Pre-Prepares that they name.
///
/// For each of `state.needed`, ascending: if the resolution is not held, a ResolutionRequest for it
/// is due; otherwise a ProposalRequest for each Pre-Prepare that it lacks ([`State::lacks`] for
/// `executed`), ascending; at most 64 of these in all, each once. What is due is emitted as `Send` to `To::Others`,
/// unless `state.asked` has a time for it that lies after `now`; that time then becomes
/// `now + timing.retransmit`. Entries of `asked` for anything that is not due are dropped.
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
    let mut proposals = 0;
    for digest in state.needed(config) {
        match state.lacks(digest, executed) {
            None => due.push((digest, Seq(0), None)),
            Some(lacking) => {
                for (seq, bound) in lacking.into_iter().take(ASKED - proposals) {
                    let key = (Digest::default(), seq, Some(bound));
                    if !due.contains(&key) {
                        due.push(key);
                        proposals += 1;
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
