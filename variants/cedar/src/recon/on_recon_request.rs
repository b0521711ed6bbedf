//! First what is held and what was given, as facts; then guards tried in order.

use prime::pre_order::{self, Content};
use prime::recon::{
    Effects, Identifier, MAX_ANSWER_BYTES, MAX_ANSWERS, State, encode, part_length,
};
use std::collections::BTreeMap;
use wire::prime::ReconRequest;
use wire::{Config, Reject, ReplicaId, Time, To, Verified};

/// What the requester was given, and what more it would be.
struct Facts<'a> {
    given: &'a BTreeMap<Identifier, (Time, u64)>,
    identifier: Identifier,
    /// Length of the own part.
    more: u64,
}

/// A condition under which the request is refused, and the reason.
type Guard = (fn(&Facts<'_>) -> bool, Reject);

/// Tried in order.
const GUARDS: [Guard; 3] = [
    (|facts| facts.given.contains_key(&facts.identifier), Reject::Duplicate),
    (|facts| facts.given.len() >= MAX_ANSWERS, Reject::Full),
    (
        |facts| {
            facts
                .given
                .values()
                .try_fold(facts.more, |sum, (_, bytes)| sum.checked_add(*bytes))
                .is_none_or(|sum| sum > MAX_ANSWER_BYTES)
        },
        Reject::Full,
    ),
];

/// The row of a server in vectors that have one for each.
fn row(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

/// The content, certified in pre-ordering, or else from the archive.
fn find(state: &State, pre_order: &pre_order::State, identifier: Identifier) -> Option<Content> {
    let (originator, seq) = identifier;
    row(originator)
        .and_then(|row| pre_order.columns.get(row)?.slots.get(&seq))
        .and_then(pre_order::content)
        .or_else(|| state.archive.get(&identifier).cloned())
}

/// How long the encoding of the body is: number, count, and for each update signer, number, payload
/// with its count, signature, index, and path with its count.
fn body_length(content: &Content) -> usize {
    content
        .body
        .updates
        .iter()
        .map(|update| {
            4 + 8 + 4 + update.body.payload.len() + 64 + 4 + 4 + 32 * update.auth.path.len()
        })
        .fold(8 + 4, usize::saturating_add)
}

/// Answers a Recon-Request with this server's part, if it holds the content.
pub fn on_recon_request(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &pre_order::State,
    message: &Verified<ReconRequest>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let ReconRequest { originator, seq } = *message.body();
    let identifier = (originator, seq);
    if !config.is_replica(originator) {
        effects.reject(signer, Reject::Invalid);
        return;
    }
    let Some(content) = find(state, pre_order, identifier) else {
        effects.reject(None, Reject::Premature);
        return;
    };
    let me = state.me;
    let Some(given) = row(signer).and_then(|row| state.answered.get_mut(row)) else {
        return;
    };
    let period = config.timing.retransmit;
    given.retain(|_, (when, _)| when.0.checked_add(period).is_none_or(|end| end > now.0));
    let length = part_length(config, body_length(&content));
    let more = u64::try_from(length).unwrap_or(u64::MAX);
    let facts = Facts { given, identifier, more };
    if let Some((_, reason)) = GUARDS.iter().find(|(applies, _)| applies(&facts)) {
        effects.reject(signer, *reason);
        return;
    }
    given.insert(identifier, (now, more));
    let part = encode(config, &content).message(me, originator, &content);
    effects.send(To::One(signer), part);
}
