//! A client asks.

use prime::pre_order::{Effects, State};
use wire::{ClientId, ClientSeq, Config, Reject, ReplicaId, Update, Verified};

/// Queues the update unless it is being seen to already or there is no room for it, at all or
/// for its client.
pub fn on_update(
    state: &mut State,
    config: &Config,
    update: &Verified<Update>,
    effects: &mut Effects,
) {
    let key = (update.signer(), update.body().seq);
    match unknown(state, key).and_then(|()| room(state, config, key.0)) {
        Ok(()) => {
            state.preordered.insert(key);
            state.pending.push_back(update.clone());
        }
        Err(reason) => effects.reject(None::<ReplicaId>, reason),
    }
}

/// Whether this server does not see to it yet.
fn unknown(state: &State, key: (ClientId, ClientSeq)) -> Result<(), Reject> {
    (!state.preordered.contains(&key)).then_some(()).ok_or(Reject::Duplicate)
}

/// Whether the queue has room, and the client not yet its share.
fn room(state: &State, config: &Config, client: ClientId) -> Result<(), Reject> {
    let bound = usize::try_from(config.windows.pending).unwrap_or(usize::MAX);
    let share = (bound / 16).max(1);
    let all = (client, ClientSeq(0))..=(client, ClientSeq(u64::MAX));
    Some(state)
        .filter(|state| state.pending.len() < bound)
        .filter(|state| state.preordered.range(all).nth(share - 1).is_none())
        .map(drop)
        .ok_or(Reject::Full)
}
