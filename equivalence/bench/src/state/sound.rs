//! What a slot may rely on: the invariants that the state's documentation gives.

use prime::pre_order::{Column, PoSlot, State};
use wire::{Config, Digest, ReplicaId};

/// Whether a slot holds content with this digest.
fn holds(slot: &PoSlot, digest: Digest) -> bool {
    slot.request.as_ref().is_some_and(|request| request.digest() == digest)
        || slot.adopted.as_ref().is_some_and(|content| content.digest == digest)
}

fn slot_is_sound(originator: ReplicaId, number: u64, slot: &PoSlot) -> bool {
    let request = slot.request.as_ref();
    request.is_none_or(|r| r.signer() == originator && r.body().seq.0 == number)
        && slot.adopted.as_ref().is_none_or(|content| content.body.seq.0 == number)
        && !slot.acks.contains_key(&originator)
        && slot.certified.is_none_or(|digest| holds(slot, digest))
}

fn column_is_sound(config: &Config, originator: ReplicaId, column: &Column) -> bool {
    let edge = column.retired.0.saturating_add(config.windows.preorder);
    let certified = |number: u64| {
        let slot = column.slots.get(&wire::PoSeq(number));
        slot.is_some_and(|slot| slot.certified.is_some())
    };
    column.retired <= column.aru
        && column.slots.keys().all(|number| *number > column.retired && number.0 <= edge)
        && column.slots.iter().all(|(number, slot)| slot_is_sound(originator, number.0, slot))
        && (column.retired.0 + 1..=column.aru.0).all(certified)
}

/// Whether `state` is one that a replica can be in, as far as its documentation says.
pub(crate) fn sound(config: &Config, state: &State) -> bool {
    let n = config.size();
    let mut columns = config.replicas().zip(&state.columns);
    let mut rows = config.replicas().zip(&state.rows);
    state.columns.len() == n
        && state.sent_aru.len() == n
        && state.rows.len() == n
        && state.proof_matrices.len() == n
        && columns.all(|(o, column)| column_is_sound(config, o, column))
        && rows.all(|(id, row)| {
            row.as_ref().is_none_or(|row| row.signer() == id && row.body().vec.len() == n)
        })
        && state.pending.len() as u64 <= config.windows.pending
        && state
            .pending
            .iter()
            .all(|update| state.preordered.contains(&(update.signer(), update.body().seq)))
        && state.columns[state.me.index()].slots.keys().all(|number| *number <= state.last_own)
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
