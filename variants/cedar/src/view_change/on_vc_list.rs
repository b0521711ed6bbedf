//! Takes a list.

use prime::view_change::{Effects, State};
use wire::prime::VcList;
use wire::{Config, Reject, ReplicaId, Verified};

/// Keeps the first list of its signer.
pub fn on_vc_list(
    state: &mut State,
    config: &Config,
    message: &Verified<VcList>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let VcList { view, ids } = message.body();
    let held = state.rounds.get(view).and_then(|round| round.lists.get(&signer));
    let against = state
        .outside(*view)
        .or_else(|| (!proper(config, ids)).then_some(Reject::Invalid))
        .or(match held {
            None => None,
            Some(list) if list == ids => Some(Reject::Duplicate),
            Some(_) => Some(Reject::Equivocation),
        });
    match against {
        Some(reason) => effects.reject(signer, reason),
        None => {
            state.rounds.entry(*view).or_default().lists.insert(signer, ids.clone());
        }
    }
}

/// Whether these are Q replicas, strictly ascending.
fn proper(config: &Config, ids: &[ReplicaId]) -> bool {
    ids.len() == config.quorum()
        && ids.iter().all(|id| config.is_replica(*id))
        && ids.iter().zip(ids.iter().skip(1)).all(|(low, high)| low < high)
}
