//! Signs lists.

use std::collections::BTreeSet;

use prime::view_change::{Effects, Statement, State, complete, resolve};
use wire::prime::{Constraint, Ids, Resolution, VcPartialSig};
use wire::{Config, Seq, To};

/// Signs every list announced whose members' states are complete.
pub fn make_partials(state: &mut State, _config: &Config, executed: Seq, effects: &mut Effects) {
    for (constraint, resolution) in signable(state, executed) {
        let view = constraint.view;
        state.resolutions.entry(constraint.resolution).or_insert(resolution);
        if let Some(round) = state.rounds.get_mut(&view) {
            round.signed.insert(constraint.ids.clone(), constraint.clone());
        }
        effects.send(To::All, VcPartialSig { constraint, share: None });
    }
}

/// What is to be signed, in the order of who announced it first.
fn signable(state: &State, executed: Seq) -> Vec<(Constraint, Resolution)> {
    let Some(round) = state.round() else {
        return Vec::new();
    };
    let mut seen: BTreeSet<&Ids> = round.signed.keys().collect();
    round
        .lists
        .values()
        .filter(|ids| seen.insert(ids))
        .filter_map(|ids| {
            let resolution = resolve(&statements(state, ids, executed)?, &state.resolutions)?;
            let constraint = Constraint {
                view: state.preinstalled,
                ids: ids.clone(),
                base: resolution.base,
                start_seq: resolution.start_seq(),
                resolution: resolution.digest(),
            };
            Some((constraint, resolution))
        })
        .collect()
}

/// The members' statements, if all are complete.
fn statements<'a>(state: &'a State, ids: &Ids, executed: Seq) -> Option<Vec<&'a Statement>> {
    let round = state.round()?;
    ids.iter()
        .map(|member| {
            let statement = round.delivered.get(member)?.statement.as_ref()?;
            complete(state, *member, executed).then_some(statement)
        })
        .collect()
}
