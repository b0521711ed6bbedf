//! Proposals and votes that may have been lost are sent again, from state.

use crate::order::{Effects, State};
use slots::slot;
use wire::{Config, Effect, Time, To};

/// Most rows in the matrices that are sent again at a time, which bounds their bytes too.
const ROWS: usize = 256;

/// Sends again what this server said about the lowest unordered numbers, once every
/// `timing.retransmit`.
///
/// Nothing happens while `now < state.retransmit_at`; otherwise that becomes
/// `now + timing.retransmit`, and for each of the 256 / N lowest entries of `slots` above `ordered` (a
/// whole number; fewer if there are fewer; those that hold nothing to say again count among them),
/// ascending: if its number is at or below `accepted`, `Relay` of its Pre-Prepare, if it holds one, to
/// `To::Others`; then, where the slot holds them, `Relay` of the own Prepare and of the own Commit to
/// `To::Others`.
///
/// A matrix has N rows, so these proposals have 256 at most: with four servers all that is under way in
/// a window of 64. Whoever was restarted lacks up to a window of them, and everybody may need its votes.
///
/// Invariant: says nothing that was not said before.
/// Paper: none; the report assumes channels that do not lose. Deviation: none.
#[slot(order.retransmit)]
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = now.after(config.timing.retransmit);
    let open = state.slots.range(state.ordered.next()..);
    for (seq, slot) in open.take(ROWS / config.size()) {
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
