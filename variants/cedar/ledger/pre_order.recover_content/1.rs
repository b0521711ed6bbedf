//! Two entries of a slot, each under a condition of its own.

use prime::pre_order::{Content, PoSlot, State};
use wire::{Config, ReplicaId};

type Line = (fn(&PoSlot, &Content) -> bool, fn(&mut PoSlot, &Content));

/// Every line whose condition holds is carried out.
const TABLE: [Line; 2] = [
    (|_, _| true, |slot, content| slot.certified = Some(content.digest)),
    (
        |slot, content| slot.request.as_ref().map(|request| request.digest()) != Some(content.digest),
        |slot, content| slot.adopted = Some(content.clone()),
    ),
];

/// Binds an identifier to content that the log proves, unless it is over.
pub fn recover_content(
    state: &mut State,
    _config: &Config,
    originator: ReplicaId,
    content: &Content,
) {
    let seq = content.body.seq;
    let row = usize::from(originator.0).checked_sub(1);
    let column = row.and_then(|row| state.columns.get_mut(row));
    if let Some(column) = column.filter(|column| seq > column.retired) {
        let slot = column.slots.entry(seq).or_default();
        for (condition, action) in &TABLE {
            if condition(slot, content) {
                action(slot, content);
            }
        }
    }
}
