//! What was executed is dropped.

use prime::pre_order::{PoSlot, State, advance_aru, content};
use wire::prime::PoRequest;
use wire::{ClientId, ClientSeq, Config, PoSeq, ReplicaId};

/// Drops all slots up to what was executed of each originator, forgets their updates here, and
/// lets the prefixes that this moved grow further.
pub fn retire(state: &mut State, config: &Config, executed: &[PoSeq]) {
    let mut raised = 0u64;
    let mut gone = Vec::new();
    let mut o = 0;
    while o < state.columns.len() && o < executed.len() {
        if drop_slots(state, o, executed[o], &mut gone) {
            raised |= 1 << o;
        }
        o += 1;
    }
    if !gone.is_empty() {
        gone.sort_unstable();
        for key in gone.iter() {
            state.preordered.remove(key);
        }
        drop_pending(state, &gone);
    }
    while raised != 0 {
        let lowest = raised.trailing_zeros() as usize;
        raised &= raised - 1;
        advance_aru(state, config, ReplicaId::from_index(lowest));
    }
}

/// Drops the slots of one column, notes the numbers of their updates, and says whether `aru` grew.
fn drop_slots(
    state: &mut State,
    o: usize,
    limit: PoSeq,
    gone: &mut Vec<(ClientId, ClientSeq)>,
) -> bool {
    let own = ReplicaId::from_index(o) == state.me;
    let column = &mut state.columns[o];
    while let Some(entry) = column.slots.first_entry() {
        if *entry.key() > limit {
            break;
        }
        note(&entry.remove(), own, gone);
    }
    if column.retired < limit {
        column.retired = limit;
    }
    let grew = column.aru < limit;
    if grew {
        column.aru = limit;
    }
    grew
}

/// Notes the updates of one slot.
fn note(slot: &PoSlot, own: bool, gone: &mut Vec<(ClientId, ClientSeq)>) {
    match content(slot) {
        Some(certified) => {
            note_request(&certified.body, gone);
            return;
        }
        None => {}
    }
    if !own {
        return;
    }
    match (&slot.adopted, &slot.request) {
        (Some(adopted), _) => note_request(&adopted.body, gone),
        (None, Some(request)) => note_request(request.body(), gone),
        (None, None) => {}
    }
}

fn note_request(request: &PoRequest, gone: &mut Vec<(ClientId, ClientSeq)>) {
    for update in request.updates.iter() {
        gone.push((update.signer, update.body.seq));
    }
}

/// Takes the updates whose numbers are gone out of the queue; `gone` is sorted.
fn drop_pending(state: &mut State, gone: &[(ClientId, ClientSeq)]) {
    let pending = &mut state.pending;
    let mut kept = 0;
    for i in 0..pending.len() {
        let key = (pending[i].signer(), pending[i].body().seq);
        match gone.binary_search(&key) {
            Ok(_) => {}
            Err(_) => {
                if kept != i {
                    pending.swap(kept, i);
                }
                kept += 1;
            }
        }
    }
    pending.truncate(kept);
}
