//! A list of servers whose states are complete.

use prime::view_change::{Effects, State};
use wire::prime::{Ids, VcList};
use wire::{Config, ReplicaId, Seq, To};

/// Announces a list, once the states of Q servers are complete.
pub fn make_vc_list(state: &mut State, config: &Config, executed: Seq, effects: &mut Effects) {
    let quorum = config.quorum();
    {
        let Some(round) = state.round() else {
            return;
        };
        if round.listed.is_some() || round.delivered.len() < quorum {
            return;
        }
    }
    let mut found: Vec<ReplicaId> = Vec::with_capacity(quorum);
    for number in 1..=config.n {
        if found.len() >= quorum {
            break;
        }
        let id = ReplicaId(number);
        if prime::view_change::complete(state, id, executed) {
            found.push(id);
        }
    }
    if found.len() < quorum {
        return;
    }
    let Ok(ids) = Ids::new(found) else {
        return;
    };

    let view = state.preinstalled;
    if let Some(round) = state.rounds.get_mut(&view) {
        round.listed = Some(ids.clone());
    }
    effects.promise(To::All, VcList { view, ids });
}
