//! Waiting acknowledgements go out.

use prime::pre_order::{Effects, State};
use wire::prime::{MAX_ACKS, PoAck, PoAcks};
use wire::{Config, List, To};

/// Sends all acknowledgements that wait, in order, `MAX_ACKS` to a message.
pub fn make_po_acks(state: &mut State, _config: &Config, effects: &mut Effects) {
    let waiting = std::mem::take(&mut state.unsent_acks);
    if waiting.len() <= MAX_ACKS {
        if !waiting.is_empty() {
            emit(waiting, effects);
        }
        return;
    }
    let mut start = 0;
    while start < waiting.len() {
        let left = waiting.len() - start;
        let end = if left > MAX_ACKS { start + MAX_ACKS } else { waiting.len() };
        emit(waiting[start..end].to_vec(), effects);
        start = end;
    }
}

fn emit(acks: Vec<PoAck>, effects: &mut Effects) {
    match List::new(acks) {
        Ok(acks) => effects.send(To::All, PoAcks { acks }),
        Err(_) => unreachable!("cut to MAX_ACKS before"),
    }
}
