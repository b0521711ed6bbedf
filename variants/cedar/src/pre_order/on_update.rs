//! A client's update joins the queue.

use prime::pre_order::{Effects, State};
use wire::{ClientSeq, Config, Reject, Update, Verified};

/// Tries the guards in order; the first that objects decides.
pub fn on_update(
    state: &mut State,
    config: &Config,
    update: &Verified<Update>,
    effects: &mut Effects,
) {
    let (client, seq) = (update.signer(), update.body().seq);
    let limit = config.windows.pending;
    let numbers = (client, ClientSeq(0))..=(client, ClientSeq(u64::MAX));
    let share = usize::try_from((limit / 16).max(1)).unwrap_or(usize::MAX);
    let guards = [
        (state.preordered.contains(&(client, seq)), Reject::Duplicate),
        (state.pending.len() as u64 >= limit, Reject::Full),
        (state.preordered.range(numbers).nth(share - 1).is_some(), Reject::Full),
    ];
    match guards.into_iter().find(|(objects, _)| *objects) {
        Some((_, reason)) => effects.reject(None, reason),
        None => {
            state.pending.push_back(update.clone());
            state.preordered.insert((client, seq));
        }
    }
}
