//! Content comes back from the parts in the log.

use prime::pre_order::Content;
use prime::recon::State;
use wire::prime::{Incoming, Prime};
use wire::{Config, Record, ReplicaId};

/// Takes one record of the log; returns the content that it completes.
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
    if !config.is_replica(about.originator) {
        return None;
    }
    let row = usize::from(message.signer().0).checked_sub(1)?;
    let parts = state.parts.get_mut(row)?;
    if parts.contains_key(&identifier) {
        return None;
    }
    parts.insert(identifier, message.clone());

    let group = state.group(about);
    if group.len() != config.one_correct() {
        return None;
    }
    let bytes = prime::recon::part_bytes(&group);
    let content = prime::recon::decode(config, about, &bytes)?;
    state.drop_parts(identifier);
    Some((about.originator, content))
}
