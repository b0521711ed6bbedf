//! A client asks this server to originate an update.

use crate::pre_order::{Effects, State};
use slots::slot;
use wire::{Config, Reject, Update, Verified};

/// Queues a client's update for this server's next PO-Request.
///
/// On success the update is appended to `state.pending` and its (client, number) enters
/// `state.preordered`. No effects are emitted.
///
/// Rejects (with no sender, nothing else changed), in this precedence:
/// Rejects: `Duplicate` if (client, number) stands in `state.preordered`: it is pending here, or in
/// a certified slot that was not yet executed, so it will be executed without our help;
/// Rejects: `Full` if `state.pending` holds `windows.pending` updates already.
/// Invariant: every update in `state.pending` has its (client, number) in `state.preordered`.
/// Paper: 4.1, "Preordering Phase". Deviation: updates wait to be sent in batches.
#[slot(pre_order.on_update)]
pub fn on_update(
    state: &mut State,
    config: &Config,
    update: &Verified<Update>,
    effects: &mut Effects,
) {
    let key = (update.signer(), update.body().seq);
    if state.preordered.contains(&key) {
        effects.reject(None, Reject::Duplicate);
        return;
    }
    if state.pending.len() as u64 >= config.windows.pending {
        effects.reject(None, Reject::Full);
        return;
    }
    state.preordered.insert(key);
    state.pending.push_back(update.clone());
}
