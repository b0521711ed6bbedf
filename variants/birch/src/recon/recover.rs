//! One record of the log.

use prime::pre_order::Content;
use prime::recon::State;
use prime::recon::part_bytes;
use std::collections::btree_map::Entry;
use wire::Config;
use wire::Record;
use wire::ReplicaId;
use wire::prime::Incoming;
use wire::prime::Prime;

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(
    state: &mut State,
    config: &Config,
    record: &Record<Prime>,
) -> Option<(ReplicaId, Content)> {
    let Record::Held(Incoming::Recon(message)) = record else {
        return None;
    };
    let about = message.body();
    let identifier = (about.originator, about.seq);
    let row = usize::from(message.signer().0).checked_sub(1)?;
    let held = state
        .parts
        .get_mut(row)
        .filter(|_| config.is_replica(about.originator))?;
    match held.entry(identifier) {
        Entry::Occupied(_) => return None,
        Entry::Vacant(place) => place.insert(message.clone()),
    };
    let group = state.group(about);
    let content = Some(&group)
        .filter(|group| group.len() == config.one_correct())
        .and_then(|group| prime::recon::decode(config, about, &part_bytes(group)))?;
    state.drop_parts(identifier);
    Some((about.originator, content))
}
