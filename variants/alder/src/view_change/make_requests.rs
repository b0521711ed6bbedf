//! What is lacking is asked for.

use prime::view_change::{ASKED, Effects, State};
use std::collections::BTreeSet;
use std::mem;
use wire::prime::{Bound, ProposalRequest, ResolutionRequest};
use wire::{Config, Digest, Seq, Time, To};

/// What `State::asked` goes by.
type Key = (Digest, Seq, Option<Bound>);

/// What is due, in the order met, each once.
fn due(state: &State, config: &Config, executed: Seq) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    let mut proposals: BTreeSet<(Seq, Bound)> = BTreeSet::new();
    for named in state.needed(config) {
        if !state.resolutions.contains_key(&named) {
            keys.push((named, Seq(0), None));
            continue;
        }
        if proposals.len() >= ASKED {
            continue;
        }
        let Some(lacking) = state.lacks(named, executed) else {
            continue;
        };
        for (seq, bound) in lacking {
            if proposals.len() >= ASKED {
                break;
            }
            if proposals.insert((seq, bound)) {
                keys.push((Digest([0; 32]), seq, Some(bound)));
            }
        }
    }
    keys
}

/// Asks everybody for resolutions that are needed and Pre-Prepares that they name.
pub fn make_requests(
    state: &mut State,
    config: &Config,
    now: Time,
    executed: Seq,
    effects: &mut Effects,
) {
    let keys = due(state, config, executed);
    let again_at = Time(now.0.saturating_add(config.timing.retransmit));

    let asked = mem::take(&mut state.asked);
    for key in keys {
        let mut at = again_at;
        let mut asks = true;
        if let Some(&before) = asked.get(&key) {
            if before > now {
                at = before;
                asks = false;
            }
        }
        state.asked.insert(key, at);
        if !asks {
            continue;
        }
        let (digest, seq, what) = key;
        match what {
            None => effects.send(To::Others, ResolutionRequest { digest }),
            Some(bound) => effects.send(To::Others, ProposalRequest { seq, bound }),
        }
    }
}
