//! Asks for what is lacking.

use prime::view_change::{ASKED, Effects, State};
use wire::prime::{Body, Bound, ProposalRequest, ResolutionRequest};
use wire::{Config, Digest, Seq, Time, To};

/// Something that is lacking: a resolution, or the Pre-Prepare of a number.
type Key = (Digest, Seq, Option<Bound>);

/// Asks for each thing once in `timing.retransmit`.
pub fn make_requests(
    state: &mut State,
    config: &Config,
    now: Time,
    executed: Seq,
    effects: &mut Effects,
) {
    let again = Time(now.0.saturating_add(config.timing.retransmit));
    let due = lacking(state, config, executed);
    state.asked.retain(|key, _| due.contains(key));
    for key in due {
        let waits = state.asked.get(&key).is_some_and(|at| now < *at);
        if !waits {
            state.asked.insert(key, again);
            effects.send(To::Others, worded(key));
        }
    }
}

/// What is lacking: resolutions, and as many Pre-Prepares as may be asked for at a time.
fn lacking(state: &State, config: &Config, executed: Seq) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut room = ASKED;
    for digest in state.needed(config) {
        match state.lacks(digest, executed) {
            None => keys.push((digest, Seq(0), None)),
            Some(missing) => {
                for (seq, bound) in missing {
                    let key = (Digest::default(), seq, Some(bound));
                    if room == 0 {
                        break;
                    }
                    if !keys.contains(&key) {
                        room -= 1;
                        keys.push(key);
                    }
                }
            }
        }
    }
    keys
}

fn worded(key: Key) -> Body {
    match key {
        (digest, _, None) => Body::ResolutionRequest(ResolutionRequest { digest }),
        (_, seq, Some(bound)) => Body::ProposalRequest(ProposalRequest { seq, bound }),
    }
}
