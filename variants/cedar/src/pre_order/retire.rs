//! What was executed is forgotten.

use prime::pre_order::{Content, PoSlot, State, advance_aru, content};
use std::collections::BTreeSet;
use wire::{ClientId, ClientSeq, Config, PoSeq, ReplicaId};

/// Pops slots from the front of every column, then clears the queue and closes gaps.
pub fn retire(state: &mut State, config: &Config, executed: &[PoSeq]) {
    let mut done = BTreeSet::new();
    let mut risen: Vec<ReplicaId> = Vec::new();
    for (index, upto) in executed.iter().enumerate() {
        let originator = ReplicaId::from_index(index);
        let own = originator == state.me;
        let column = &mut state.columns[index];
        while let Some(entry) = column.slots.first_entry() {
            if entry.key() > upto {
                break;
            }
            note(&entry.remove(), own, &mut done);
        }
        if column.aru < *upto {
            column.aru = *upto;
            risen.push(originator);
        }
        column.retired = column.retired.max(*upto);
    }
    for key in &done {
        state.preordered.remove(key);
    }
    if !done.is_empty() {
        state.pending.retain(|waiting| !done.contains(&(waiting.signer(), waiting.body().seq)));
    }
    risen.into_iter().for_each(|originator| advance_aru(state, config, originator));
}

fn note(slot: &PoSlot, own: bool, done: &mut BTreeSet<(ClientId, ClientSeq)>) {
    let mut held = content(slot);
    if own && held.is_none() {
        held = slot.adopted.clone();
        if held.is_none() {
            held = slot.request.as_ref().map(Content::of);
        }
    }
    if let Some(held) = held {
        for update in held.body.updates.iter() {
            done.insert((update.signer, update.body.seq));
        }
    }
}
