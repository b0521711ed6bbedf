//! What the log says about reconciliation.

use crate::pre_order::Content;
use crate::recon::{State, decode, part_bytes};
use slots::slot;
use wire::prime::{Incoming, Prime};
use wire::{Config, Record, ReplicaId};

/// Takes one record of the log, in the order written, before the server starts.
///
/// A `Held` Recon whose originator is a replica: if its sender has a part of (o, s) already, nothing
/// happens, however many are held. Otherwise it is held; if the messages held with equal o, s, digest, root and length are then exactly f+1
/// and [`decode`] gives content, all parts of (o, s) are dropped and the content is returned with
/// its originator, for the caller to give back to pre-ordering. In all other cases, and for every
/// other record, returns `None`; a record that is no Recon changes nothing.
///
/// No window or cap applies: the log holds only what was let in. What was logged is f+1 parts in a
/// row for each content, so that little is held at any moment. After the last record the caller
/// may leave what is still held; it is of no other kind than what arrives later.
///
/// Invariant: records persisted by `on_recon` for a content give the same content again.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(recon.recover)]
pub fn recover(
    state: &mut State,
    config: &Config,
    record: &Record<Prime>,
) -> Option<(ReplicaId, Content)> {
    let Record::Held(Incoming::Recon(message)) = record else { return None };
    let body = message.body();
    if !config.is_replica(body.originator) {
        return None;
    }
    let identifier = (body.originator, body.seq);
    let parts = &mut state.parts[message.signer().index()];
    if parts.contains_key(&identifier) {
        return None;
    }
    parts.insert(identifier, message.clone());
    let group = state.group(body);
    if group.len() != config.one_correct() {
        return None;
    }
    let content = decode(config, body, &part_bytes(&group))?;
    state.drop_parts(identifier);
    Some((body.originator, content))
}
