//! A client's update is queued.

use prime::pre_order::{Effects, State};
use wire::{ClientId, ClientSeq, Config, Reject, ReplicaId, Update, Verified};

/// The part of the queue's bound that one client may have: one in so many.
const SHARES: u64 = 16;

/// What is to become of the update.
enum Fate {
    /// Dropped, and why.
    Drop(Reject),
    /// Queued.
    Queue,
}

/// Appends the update to those that wait for a PO-Request, unless this server sees to its number
/// already or the queue, or its client's share of it, is full.
pub fn on_update(
    state: &mut State,
    config: &Config,
    update: &Verified<Update>,
    effects: &mut Effects,
) {
    let key = (update.signer(), update.body().seq);
    match decide(state, config, key) {
        Fate::Drop(reason) => effects.reject(None::<ReplicaId>, reason),
        Fate::Queue => {
            state.preordered.insert(key);
            state.pending.push_back(update.clone());
        }
    }
}

fn decide(state: &State, config: &Config, key: (ClientId, ClientSeq)) -> Fate {
    if state.preordered.contains(&key) {
        return Fate::Drop(Reject::Duplicate);
    }
    let room = config.windows.pending;
    if state.pending.len() as u64 >= room {
        return Fate::Drop(Reject::Full);
    }
    let share = if room / SHARES > 1 { room / SHARES } else { 1 };
    let client = key.0;
    let mut used = 0;
    for _ in state.preordered.range((client, ClientSeq(0))..=(client, ClientSeq(u64::MAX))) {
        used += 1;
        if used >= share {
            return Fate::Drop(Reject::Full);
        }
    }
    Fate::Queue
}
