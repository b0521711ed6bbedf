//! What follows from the log is rebuilt, and what it promised is said again.

use std::ops::Bound;

use prime::order::{Effects, State};
use wire::prime::{Body, Commit, Prepare};
use wire::{Config, To};

/// Rebuilds what follows from the log's certificates, then says again what was promised.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    prime::order::recount(state, config);
    prime::order::accept(state, config, effects);
    if !state.votes() {
        return;
    }

    let leads = config.leader_of(state.view) == state.me;
    let mut words: Vec<Body> = Vec::new();
    for (seq, slot) in state.slots.range((Bound::Excluded(state.ordered), Bound::Unbounded)) {
        if *seq > state.accepted {
            break;
        }
        let Some(message) = &slot.pre_prepare else {
            continue;
        };
        let view = message.body().view;
        if view != state.view {
            continue;
        }
        let digest = message.digest();
        if !leads && !slot.committed {
            words.push(Prepare { view, seq: *seq, digest }.into());
        }
        if slot.prepared {
            words.push(Commit { view, seq: *seq, digest }.into());
        }
    }
    for (seq, proposal) in std::mem::take(&mut state.promised) {
        if seq > state.accepted {
            words.push(proposal.into());
        }
    }

    for word in words {
        effects.send(To::All, word);
    }
}
