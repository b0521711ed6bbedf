//! `view_change.make_partials`: signs what complete states amount to.

use prime::view_change::{Effects, Round, State, Statement, complete, resolve};
use wire::prime::{Constraint, Ids, Resolution, VcPartialSig};
use wire::{Config, ReplicaId, Seq, To};

/// The lists announced that are not signed yet, ascending.
fn unsigned(round: &Round) -> Vec<&Ids> {
    let mut lists: Vec<&Ids> =
        round.lists.values().filter(|ids| !round.signed.contains_key(*ids)).collect();
    lists.sort_unstable();
    lists.dedup();
    lists
}

/// What the states of `ids` amount to, if all of them are among `complete`.
fn amount(
    state: &State,
    round: &Round,
    complete: &[ReplicaId],
    ids: &Ids,
) -> Option<(Constraint, Resolution)> {
    let members: Option<Vec<&Statement>> = ids
        .iter()
        .map(|id| {
            complete
                .binary_search(id)
                .ok()
                .and_then(|_| round.delivered.get(id)?.statement.as_ref())
        })
        .collect();
    let resolution = resolve(&members?, &state.resolutions)?;
    let constraint = Constraint {
        view: state.preinstalled,
        ids: ids.clone(),
        base: resolution.base,
        start_seq: resolution.start_seq(),
        resolution: resolution.digest(),
    };
    Some((constraint, resolution))
}

/// All that can be signed now.
fn signable(state: &State, executed: Seq) -> Vec<(Constraint, Resolution)> {
    let Some(round) = state.round() else {
        return Vec::new();
    };
    let lists = unsigned(round);
    let all: Vec<ReplicaId> = round
        .delivered
        .keys()
        .copied()
        .filter(|id| !lists.is_empty() && complete(state, *id, executed))
        .collect();
    lists.into_iter().filter_map(|ids| amount(state, round, &all, ids)).collect()
}

/// Signs every list whose members' states are all complete.
pub fn make_partials(state: &mut State, _config: &Config, executed: Seq, effects: &mut Effects) {
    for (constraint, resolution) in signable(state, executed) {
        state.resolutions.insert(constraint.resolution, resolution);
        if let Some(round) = state.rounds.get_mut(&constraint.view) {
            round.signed.insert(constraint.ids.clone(), constraint.clone());
        }
        effects.send(To::All, VcPartialSig { constraint, share: None });
    }
}
