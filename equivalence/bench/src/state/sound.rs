//! What a slot may rely on: the invariants that the state's documentation gives.

use prime::pre_order::{Column, State};
use wire::{Config, Digest, ReplicaId};

/// Whether `state` is one that a replica can be in, as far as its documentation says.
pub(crate) fn sound(config: &Config, state: &State) -> bool {
    let own = &state.columns[state.me.index()];
    oracles::invariants::check(config, state).is_ok()
        && own.slots.keys().all(|number| *number <= state.last_own)
}

/// Takes acknowledgements away from the first slot above `aru` until they no longer certify it:
/// where no handler is under way, votes that certify have done so.
pub(crate) fn settle(config: &Config, originator: ReplicaId, column: &mut Column) {
    let Some(slot) = column.slots.get_mut(&column.aru.next()) else { return };
    if slot.certified.is_some() {
        return;
    }
    let held = [
        slot.request.as_ref().map(|request| request.digest()),
        slot.adopted.as_ref().map(|content| content.digest),
    ];
    for digest in held.into_iter().flatten() {
        let votes = |(sender, named): (&ReplicaId, &Digest)| {
            (*sender != originator && *named == digest).then_some(*sender)
        };
        let voters: Vec<ReplicaId> = slot.acks.iter().filter_map(votes).collect();
        for voter in voters.iter().skip(config.votes_beside_proposer() - 1) {
            slot.acks.remove(voter);
        }
    }
}
