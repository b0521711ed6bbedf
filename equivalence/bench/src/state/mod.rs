//! States of pre-ordering: changed at random, made smaller, shown to people, and held against
//! what a slot may rely on.

mod column;
mod mutate;
mod show;
mod smaller;
mod sound;

pub(crate) use column::{column, possible_content};
pub(crate) use mutate::{change_known, matrix_near, mutate, row_near, tidy};
pub(crate) use show::{changes, show, show_slot};
pub(crate) use smaller::{smaller, smaller_slot};
pub(crate) use sound::{settle, sound};

use crate::tree::Tree;
use prime::pre_order::State;

/// How much a state holds, in entries of its collections.
pub(crate) fn size(state: &State) -> usize {
    let slots = state.columns.iter().flat_map(|column| column.slots.values());
    let held = slots.map(|slot| 1 + slot.acks.len() + usize::from(slot.adopted.is_some()));
    held.sum::<usize>()
        + state.pending.len()
        + state.preordered.len()
        + state.blacklist.len()
        + state.equivocators.len()
        + state.unsent_acks.len()
        + state.columns.len()
        + state.rows.len()
        + state.sent_aru.len()
        + state.retransmit_known.iter().map(|row| 1 + row.len()).sum::<usize>()
}

/// Whether both states are the same, the bodies of adopted contents included: states compare those
/// by digest.
pub(crate) fn same(one: &State, other: &State) -> bool {
    let slots = |state: &State| {
        let slots = state.columns.iter().flat_map(|column| column.slots.values());
        slots.filter_map(|slot| slot.adopted.clone()).collect::<Vec<_>>()
    };
    let adopted = |state: &State| {
        state.columns.iter().any(|column| column.slots.values().any(|slot| slot.adopted.is_some()))
    };
    one == other && (!adopted(one) || slots(one).same(&slots(other)))
}
