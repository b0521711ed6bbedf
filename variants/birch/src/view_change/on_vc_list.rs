//! `view_change.on_vc_list`: one list of each server in a view.

use prime::view_change::{Effects, State};
use wire::prime::{Ids, VcList};
use wire::{Config, Reject, Verified};

/// Whether `ids` are exactly Q replicas, strictly ascending.
fn well_formed(config: &Config, ids: &Ids) -> bool {
    ids.len() == config.quorum()
        && ids.iter().all(|id| config.is_replica(*id))
        && ids.iter().zip(ids.iter().skip(1)).all(|(one, next)| one < next)
}

/// Whether the list is the first of its signer, and a list.
fn judge(state: &State, config: &Config, message: &Verified<VcList>) -> Result<(), Reject> {
    let list = message.body();
    state.outside(list.view).map_or(Ok(()), Err)?;
    let held = state.rounds.get(&list.view).and_then(|round| round.lists.get(&message.signer()));
    match held.map(|ids| *ids == list.ids) {
        _ if !well_formed(config, &list.ids) => Err(Reject::Invalid),
        None => Ok(()),
        Some(true) => Err(Reject::Duplicate),
        Some(false) => Err(Reject::Equivocation),
    }
}

/// Keeps a list.
pub fn on_vc_list(
    state: &mut State,
    config: &Config,
    message: &Verified<VcList>,
    effects: &mut Effects,
) {
    match judge(state, config, message) {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok(()) => {
            let round = state.rounds.entry(message.body().view).or_default();
            round.lists.insert(message.signer(), message.body().ids.clone());
        }
    }
}
