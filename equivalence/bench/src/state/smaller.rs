//! States with less in them, for shrinking.

use prime::pre_order::{Column, PoSlot, State};
use wire::{Config, PoSeq, Time};

type Change = Box<dyn Fn(&mut State)>;

/// Slots with one thing less.
pub(crate) fn smaller_slot(slot: &PoSlot) -> Vec<PoSlot> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut PoSlot)| {
        let mut less = slot.clone();
        change(&mut less);
        all.push(less);
    };
    if slot.request.is_some() {
        with(&|slot| slot.request = None);
    }
    if slot.adopted.is_some() {
        with(&|slot| slot.adopted = None);
    }
    if slot.certified.is_some() {
        with(&|slot| slot.certified = None);
    }
    for voter in slot.acks.keys() {
        with(&|slot| {
            slot.acks.remove(voter);
        });
    }
    all
}

fn column_changes(index: usize, column: &Column, changes: &mut Vec<Change>) {
    if *column == Column::default() {
        return;
    }
    changes.push(Box::new(move |state| state.columns[index] = Column::default()));
    for seq in column.slots.keys().copied().rev() {
        changes.push(Box::new(move |state| {
            state.columns[index].slots.remove(&seq);
        }));
        changes.push(Box::new(move |state| {
            let column = &mut state.columns[index];
            column.slots.remove(&seq);
            column.aru = column.aru.min(PoSeq(seq.0.saturating_sub(1)));
        }));
    }
    if column.retired < column.aru {
        changes.push(Box::new(move |state| {
            let column = &mut state.columns[index];
            column.retired = column.aru;
            column.slots = column.slots.split_off(&column.aru.next());
        }));
    }
    for (seq, slot) in &column.slots {
        for less in smaller_slot(slot) {
            let seq = *seq;
            changes.push(Box::new(move |state| {
                state.columns[index].slots.insert(seq, less.clone());
            }));
        }
    }
}

fn list_changes(state: &State, changes: &mut Vec<Change>) {
    for at in (0..state.pending.len()).rev() {
        changes.push(Box::new(move |state| {
            state.pending.remove(at);
        }));
    }
    for &key in &state.preordered {
        changes.push(Box::new(move |state| {
            state.preordered.remove(&key);
        }));
    }
    for &id in state.blacklist.union(&state.equivocators) {
        changes.push(Box::new(move |state| {
            state.blacklist.remove(&id);
        }));
        changes.push(Box::new(move |state| {
            state.equivocators.remove(&id);
        }));
    }
    for at in (0..state.unsent_acks.len()).rev() {
        changes.push(Box::new(move |state| {
            state.unsent_acks.remove(at);
        }));
    }
    for at in 0..state.rows.len() {
        changes.push(Box::new(move |state| state.rows[at] = None));
        changes.push(Box::new(move |state| state.proof_matrices[at] = None));
        changes.push(Box::new(move |state| state.sent_aru[at] = PoSeq(0)));
    }
}

fn whole_changes(changes: &mut Vec<Change>) {
    changes.push(Box::new(|state| state.columns.fill(Column::default())));
    changes.push(Box::new(|state| state.rows.fill(None)));
    changes.push(Box::new(|state| state.proof_matrices.fill(None)));
    changes.push(Box::new(|state| state.pending.clear()));
    changes.push(Box::new(|state| state.preordered.clear()));
    changes.push(Box::new(|state| {
        state.unsent_acks.truncate(state.unsent_acks.len() / 2);
    }));
    changes.push(Box::new(|state| {
        state.pending.truncate(state.pending.len() / 2);
    }));
    changes.push(Box::new(|state| state.sent_aru.fill(PoSeq(0))));
    changes.push(Box::new(|state| {
        state.retransmit_known.iter_mut().for_each(|row| row.fill(PoSeq(0)));
    }));
    changes.push(Box::new(|state| state.last_own = PoSeq(0)));
    changes.push(Box::new(|state| {
        state.last_own = PoSeq(state.last_own.0.saturating_sub(1));
    }));
    changes.push(Box::new(|state| state.next_request_at = Time(0)));
    changes.push(Box::new(|state| state.next_aru_at = Time(0)));
    changes.push(Box::new(|state| state.retransmit_at = Time(0)));
    changes.push(Box::new(|state| state.proof_matrix_at = None));
}

/// States with one thing less, the boldest first; only those that a replica can be in.
pub(crate) fn smaller(config: &Config, state: &State) -> impl Iterator<Item = State> {
    let mut changes: Vec<Change> = Vec::new();
    whole_changes(&mut changes);
    for (index, column) in state.columns.iter().enumerate() {
        column_changes(index, column, &mut changes);
    }
    list_changes(state, &mut changes);
    let mut config = config.clone();
    if !super::sound(&config, state) {
        // While the log is read no window applies.
        config.windows.preorder = u64::MAX;
    }
    changes.into_iter().filter_map(move |change| {
        let mut less = state.clone();
        change(&mut less);
        (less != *state && super::sound(&config, &less)).then_some(less)
    })
}
