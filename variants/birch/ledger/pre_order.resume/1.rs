//! After the log was read, what still stands is said again.

use prime::pre_order::{Column, Effects, State, advance_aru};
use wire::prime::{PoAck, PoAru, PoRequest};
use wire::{Config, List, PoSeq, ReplicaId, To};

/// Certifies what the log allows, then acknowledges others' requests again, sends own ones that
/// have not come back, and repeats the last PO-ARU.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    config.replicas().for_each(|originator| advance_aru(state, config, originator));

    let others = config.replicas().zip(&state.columns).filter(|(id, _)| *id != state.me);
    state.unsent_acks.extend(others.flat_map(|(id, column)| acks(id, column)));

    unreturned(&state.columns[state.me.index()])
        .for_each(|request| effects.send(To::All, request.clone()));

    if state.sent_aru.iter().any(|entry| *entry != PoSeq(0)) {
        let vec = List::take(&mut state.sent_aru.iter().copied());
        effects.send(To::All, PoAru { vec });
    }
}

/// An acknowledgement of every request held in the column of `originator`, ascending.
fn acks(originator: ReplicaId, column: &Column) -> impl Iterator<Item = PoAck> {
    column.slots.iter().filter_map(move |(seq, slot)| {
        let digest = slot.request.as_ref().map(|request| request.digest());
        digest.map(|digest| PoAck { originator, seq: *seq, digest })
    })
}

/// Own requests that were promised but have not come back signed, ascending.
fn unreturned(column: &Column) -> impl Iterator<Item = &PoRequest> {
    column
        .slots
        .values()
        .filter(|slot| slot.request.is_none())
        .filter_map(|slot| slot.adopted.as_ref().map(|content| &*content.body))
}
