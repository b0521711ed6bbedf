//! A part from the log is kept like one from the network, but asked nothing.

use prime::pre_order::Content;
use prime::recon::{State, decode, part_bytes};
use std::collections::btree_map::Entry;
use wire::prime::{Incoming, Prime};
use wire::{Config, Record, ReplicaId};

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(
    state: &mut State,
    config: &Config,
    record: &Record<Prime>,
) -> Option<(ReplicaId, Content)> {
    let Record::Held(Incoming::Recon(part)) = record else {
        return None;
    };
    let about = part.body();
    let identifier = (about.originator, about.seq);
    if !config.is_replica(about.originator) {
        return None;
    }
    let row = usize::from(part.signer().0).checked_sub(1)?;
    match state.parts.get_mut(row)?.entry(identifier) {
        Entry::Occupied(_) => return None,
        Entry::Vacant(place) => {
            place.insert(part.clone());
        }
    }
    let group = state.group(about);
    if group.len() != config.one_correct() {
        return None;
    }
    let content = decode(config, about, &part_bytes(&group))?;
    state.drop_parts(identifier);
    Some((about.originator, content))
}
