//! A client asks this server to originate an update.

use crate::pre_order::{Effects, State};
use slots::slot;
use wire::{ClientSeq, Config, Reject, Update, Verified};

/// Queues a client's update for this server's next PO-Request.
///
/// On success the update is appended to `state.pending` and its (client, number) enters
/// `state.preordered`. No effects are emitted.
///
/// Rejects (with no sender, nothing else changed), in this precedence:
/// Rejects: `Duplicate` if (client, number) stands in `state.preordered`: this server is seeing to
/// it already;
/// Rejects: `Full` if `state.pending` holds `windows.pending` updates already, or if the client has
/// its share: `state.preordered` holds at least `windows.pending / 16` numbers of it (at least 1
/// is always allowed).
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
    let client = update.signer();
    let own = state.preordered.range((client, ClientSeq(0))..=(client, ClientSeq(u64::MAX)));
    let share = (config.windows.pending / 16).max(1);
    if state.pending.len() as u64 >= config.windows.pending || own.count() as u64 >= share {
        effects.reject(None, Reject::Full);
        return;
    }
    state.preordered.insert(key);
    state.pending.push_back(update.clone());
}
