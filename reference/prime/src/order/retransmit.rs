//! Proposals and votes that may have been lost are sent again, from state.

use crate::order::{Effects, State};
use slots::slot;
use wire::{Config, Effect, Time, To};

/// Most numbers sent again at a time.
const NUMBERS: usize = 4;

/// Sends again what this server said about the lowest unordered numbers, once every
/// `timing.retransmit`.
///
/// Nothing happens while `now < state.retransmit_at`; otherwise that becomes
/// `now + timing.retransmit`, and for each of the 4 lowest entries of `slots` above `ordered` (or fewer;
/// those that hold nothing to say again count among the 4), ascending: if its number is at or below
/// `accepted`, `Relay` of its Pre-Prepare, if it holds one, to `To::Others`;
/// then, where the slot holds them, `Relay` of the own Prepare and of the own Commit to
/// `To::Others`.
///
/// Invariant: says nothing that was not said before.
/// Paper: none; the report assumes channels that do not lose. Deviation: none.
#[slot(order.retransmit)]
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = now.after(config.timing.retransmit);
    for (seq, slot) in state.slots.range(state.ordered.next()..).take(NUMBERS) {
        let mut again = |message| effects.push(Effect::Relay { to: To::Others, message });
        if let Some(proposal) = slot.pre_prepare.as_ref().filter(|_| *seq <= state.accepted) {
            again(proposal.clone().into());
        }
        if let Some(vote) = slot.prepares.get(&state.me) {
            again(vote.clone().into());
        }
        if let Some(vote) = slot.commits.get(&state.me) {
            again(vote.clone().into());
        }
    }
}
