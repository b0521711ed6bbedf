//! A server vouches for a state.

use crate::checkpoint::{Effects, MAX_VOTES, State, is_due};
use slots::slot;
use wire::prime::Checkpoint;
use wire::{Config, Reject, Verified};

/// Counts a Checkpoint of its signer. Returns whether it is the (f+1)-th held for its state.
///
/// Rejects (naming the signer, nothing changed, false returned), in this precedence:
/// Rejects: `Invalid` if its number is 0 or not a multiple of `windows.checkpoint` ([`is_due`]);
/// Rejects: `Stale` if its number is at or below `state.stable`, or below all of `MAX_VOTES` that
/// are held of this signer;
/// Rejects: `Duplicate` if one of this signer for the same state is held;
/// Rejects: `Equivocation` if one of this signer for another state under the same number is (the
/// first stays).
///
/// Otherwise it is held, and if that makes more than `MAX_VOTES` of this signer, the one with the
/// lowest number is dropped. A number may be as far ahead as it likes: that is how a server learns
/// that it is behind.
///
/// Invariant: one vote per signer and number; at most `MAX_VOTES` per signer.
/// Paper: none. Deviation: none.
#[slot(checkpoint.on_checkpoint)]
pub fn on_checkpoint(
    state: &mut State,
    config: &Config,
    message: &Verified<Checkpoint>,
    effects: &mut Effects,
) -> bool {
    let sender = message.signer();
    let name = message.body().state;
    let stable = state.stable;
    let held = &mut state.votes[sender.index()];
    let full = held.len() >= MAX_VOTES;
    let too_low = full && held.first_key_value().is_some_and(|(lowest, _)| name.seq < *lowest);
    let reason = match held.get(&name.seq) {
        _ if !is_due(config, name.seq) => Some(Reject::Invalid),
        _ if name.seq <= stable || too_low => Some(Reject::Stale),
        Some(vote) if vote.body().state == name => Some(Reject::Duplicate),
        Some(_) => Some(Reject::Equivocation),
        None => None,
    };
    if let Some(reason) = reason {
        effects.reject(sender, reason);
        return false;
    }
    if full {
        held.pop_first();
    }
    held.insert(name.seq, message.clone());
    let same = state.votes.iter().filter_map(|votes| votes.get(&name.seq));
    same.filter(|vote| vote.body().state == name).count() == config.one_correct()
}
