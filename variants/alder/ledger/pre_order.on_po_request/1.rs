//! A PO-Request of its originator.

use prime::pre_order::{Content, Effects, PoSlot, State, advance_aru};
use wire::config::MAX_REPLICAS;
use wire::prime::{Incoming, MAX_BATCH_BYTES, PoAck, PoRequest, PoRequestConflict};
use wire::{Config, Record, Reject, ReplicaId, To, Verified};

/// What is to become of the request.
enum Fate {
    /// Dropped, and why.
    Drop(Reject),
    /// The first under its number.
    First,
    /// Another than the first: the originator has equivocated.
    Second {
        /// The proof, if the originator is not known for it yet.
        proof: Option<PoRequestConflict>,
        /// Whether enough servers acknowledged this one.
        adopt: bool,
    },
}

/// Keeps and acknowledges the first request under an identifier; a different second one exposes
/// its originator and is kept only if the acknowledgements held certify it.
pub fn on_po_request(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequest>,
    effects: &mut Effects,
) {
    let originator = message.signer();
    match decide(state, config, message) {
        Fate::Drop(reason) => effects.reject(originator, reason),
        Fate::First => {
            let seq = message.body().seq;
            let column = &mut state.columns[originator.index()];
            column.slots.entry(seq).or_default().request = Some(message.clone());
            if originator != state.me {
                effects.persist(Record::Held(Incoming::PoRequest(message.clone())));
                state.unsent_acks.push(PoAck { originator, seq, digest: message.digest() });
            }
            advance_aru(state, config, originator);
        }
        Fate::Second { proof, adopt } => {
            match proof {
                Some(proof) => {
                    state.equivocators.insert(originator);
                    effects.send(To::All, proof);
                }
                None => {}
            }
            if adopt {
                effects.persist(Record::Held(Incoming::PoRequest(message.clone())));
                let column = &mut state.columns[originator.index()];
                let slot = column.slots.entry(message.body().seq).or_default();
                slot.adopted = Some(Content::of(message));
                advance_aru(state, config, originator);
            } else {
                effects.reject(originator, Reject::Equivocation);
            }
        }
    }
}

fn decide(state: &State, config: &Config, message: &Verified<PoRequest>) -> Fate {
    let originator = message.signer();
    if !config.is_replica(originator) || !well_sized(message.body()) {
        return Fate::Drop(Reject::Invalid);
    }
    let column = &state.columns[originator.index()];
    let seq = message.body().seq;
    if seq <= column.retired {
        return Fate::Drop(Reject::Stale);
    }
    if seq.0 > column.retired.0.saturating_add(config.windows.preorder) {
        return Fate::Drop(Reject::BeyondWindow);
    }
    let slot = match column.slots.get(&seq) {
        None => return Fate::First,
        Some(slot) => slot,
    };
    let first = match &slot.request {
        None => return Fate::First,
        Some(first) => first,
    };
    let known_beside = match &slot.adopted {
        Some(adopted) => adopted.digest == message.digest(),
        None => false,
    };
    if known_beside || first.digest() == message.digest() {
        return Fate::Drop(Reject::Duplicate);
    }
    let proof = if state.equivocators.contains(&originator) {
        None
    } else {
        let second = message.signed().clone();
        Some(PoRequestConflict { first: first.signed().clone(), second })
    };
    let room = matches!((&slot.certified, &slot.adopted), (None, None));
    let adopt = room && acknowledged(config, originator, slot, message);
    Fate::Second { proof, adopt }
}

/// Whether there is an update, and the payloads are not too large together.
fn well_sized(request: &PoRequest) -> bool {
    let mut bytes = 0;
    for update in request.updates.iter() {
        bytes += update.body.payload.len();
        if bytes > MAX_BATCH_BYTES {
            return false;
        }
    }
    !request.updates.is_empty()
}

/// Whether enough servers other than the originator acknowledged this very request.
fn acknowledged(
    config: &Config,
    originator: ReplicaId,
    slot: &PoSlot,
    message: &Verified<PoRequest>,
) -> bool {
    let mut votes = [false; MAX_REPLICAS];
    for (&sender, digest) in slot.acks.iter() {
        if sender == originator || !config.is_replica(sender) || sender.index() >= MAX_REPLICAS {
            continue;
        }
        votes[sender.index()] = *digest == message.digest();
    }
    let mut count = 0;
    for vote in votes {
        count += usize::from(vote);
    }
    count >= config.votes_beside_proposer()
}
