//! `view_change.make_requests`: asks for what is needed and lacking.

use prime::view_change::{ASKED, Effects, State};
use wire::prime::{Body, Bound, ProposalRequest, ResolutionRequest};
use wire::{Config, Digest, Seq, Time, To};

/// How something asked for stands in `asked`.
type Key = (Digest, Seq, Option<Bound>);

/// What is due, in the order met.
fn due(state: &State, config: &Config, executed: Seq) -> Vec<Key> {
    let start: (Vec<Key>, usize) = (Vec::new(), 0);
    state
        .needed(config)
        .into_iter()
        .fold(start, |(mut due, mut proposals), resolution| {
            if !state.resolutions.contains_key(&resolution) {
                due.push((resolution, Seq(0), None));
            } else if proposals < ASKED {
                for (seq, bound) in state.lacks(resolution, executed).into_iter().flatten() {
                    let key = (Digest::default(), seq, Some(bound));
                    if proposals < ASKED && !due.contains(&key) {
                        due.push(key);
                        proposals += 1;
                    }
                }
            }
            (due, proposals)
        })
        .0
}

/// The question for a key.
fn question(key: &Key) -> Body {
    match *key {
        (digest, _, None) => Body::from(ResolutionRequest { digest }),
        (_, seq, Some(bound)) => Body::from(ProposalRequest { seq, bound }),
    }
}

/// Asks everybody.
pub fn make_requests(
    state: &mut State,
    config: &Config,
    now: Time,
    executed: Seq,
    effects: &mut Effects,
) {
    let before = std::mem::take(&mut state.asked);
    let due = due(state, config, executed);
    state.asked = due
        .into_iter()
        .map(|key| {
            let waits = before.get(&key).copied().filter(|again| *again > now);
            let again = waits.unwrap_or_else(|| {
                effects.send(To::Others, question(&key));
                now.after(config.timing.retransmit)
            });
            (key, again)
        })
        .collect();
}
