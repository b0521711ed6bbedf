//! Somebody announces a list.

use prime::view_change::{Effects, State};
use wire::prime::VcList;
use wire::{Config, Reject, ReplicaId, Verified};

/// Whether `ids` are exactly Q replicas, strictly ascending.
fn valid(config: &Config, ids: &[ReplicaId]) -> bool {
    if ids.len() != config.quorum() {
        return false;
    }
    // Replicas begin with 1, so the first is held against 0.
    let mut last = 0u16;
    for id in ids {
        if id.0 <= last || id.0 > config.n {
            return false;
        }
        last = id.0;
    }
    true
}

/// Keeps the first list of its signer.
pub fn on_vc_list(
    state: &mut State,
    config: &Config,
    message: &Verified<VcList>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let list = message.body();
    if let Some(reason) = state.outside(list.view) {
        effects.reject(signer, reason);
        return;
    }
    if !valid(config, &list.ids) {
        effects.reject(signer, Reject::Invalid);
        return;
    }
    if let Some(round) = state.rounds.get(&list.view) {
        if let Some(held) = round.lists.get(&signer) {
            let reason =
                if *held == list.ids { Reject::Duplicate } else { Reject::Equivocation };
            effects.reject(signer, reason);
            return;
        }
    }

    state.rounds.entry(list.view).or_default().lists.insert(signer, list.ids.clone());
}
