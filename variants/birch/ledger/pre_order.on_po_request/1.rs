//! A PO-Request arrives.

use prime::pre_order::{Column, Content, Effects, PoSlot, State, advance_aru};
use wire::prime::{Incoming, MAX_BATCH_BYTES, PoAck, PoRequest, PoRequestConflict};
use wire::{Config, Record, Reject, To, Verified};

/// Takes the first request of an identifier as the one to acknowledge; of any later one only
/// what proves equivocation and, once certified by others, the content.
pub fn on_po_request(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequest>,
    effects: &mut Effects,
) {
    let originator = message.signer();
    let column = &state.columns[originator.index()];
    let first = fits(message.body())
        .and_then(|()| in_window(config, column, message.body()))
        .and_then(|()| fresh(column.slots.get(&message.body().seq), message));
    let taken = first.and_then(|first| match first {
        None => {
            take_first(state, message, effects);
            Ok(())
        }
        Some(first) => {
            accuse(state, &first, message, effects);
            take_second(state, config, message, effects)
        }
    });
    match taken {
        Ok(()) => advance_aru(state, config, originator),
        Err(reason) => effects.reject(originator, reason),
    }
}

/// Whether the batch is one that could be reconciled.
fn fits(request: &PoRequest) -> Result<(), Reject> {
    let bytes: usize = request.updates.iter().map(|update| update.body.payload.len()).sum();
    (!request.updates.is_empty() && bytes <= MAX_BATCH_BYTES).then_some(()).ok_or(Reject::Invalid)
}

/// Whether the number is one that is remembered.
fn in_window(config: &Config, column: &Column, request: &PoRequest) -> Result<(), Reject> {
    let end = column.retired.0.saturating_add(config.windows.preorder);
    Some(request.seq)
        .filter(|seq| *seq > column.retired)
        .ok_or(Reject::Stale)
        .and_then(|seq| (seq.0 <= end).then_some(()).ok_or(Reject::BeyondWindow))
}

/// The request that was seen before this one, unless this one is held already.
fn fresh(
    slot: Option<&PoSlot>,
    message: &Verified<PoRequest>,
) -> Result<Option<Verified<PoRequest>>, Reject> {
    let seen = slot.and_then(|slot| slot.request.as_ref().map(|request| (slot, request)));
    seen.map_or(Ok(None), |(slot, request)| {
        let adopted = slot.adopted.as_ref().map(|content| content.digest);
        (request.digest() != message.digest() && adopted != Some(message.digest()))
            .then(|| Some(request.clone()))
            .ok_or(Reject::Duplicate)
    })
}

/// Logs and acknowledges another server's request; gives any request its place.
fn take_first(state: &mut State, message: &Verified<PoRequest>, effects: &mut Effects) {
    let (originator, seq) = (message.signer(), message.body().seq);
    let column = &mut state.columns[originator.index()];
    column.slots.entry(seq).or_default().request = Some(message.clone());
    if originator != state.me {
        effects.persist(Record::Held(Incoming::from(message.clone())));
        state.unsent_acks.push(PoAck { originator, seq, digest: message.digest() });
    }
}

/// Tells all that the originator signed both, unless that is known of it.
fn accuse(
    state: &mut State,
    first: &Verified<PoRequest>,
    second: &Verified<PoRequest>,
    effects: &mut Effects,
) {
    if state.equivocators.insert(second.signer()) {
        let (first, second) = (first.signed().clone(), second.signed().clone());
        effects.send(To::All, PoRequestConflict { first, second });
    }
}

/// Adopts a second content that the others have certified.
fn take_second(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequest>,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let column = &mut state.columns[message.signer().index()];
    let slot = column
        .slots
        .get_mut(&message.body().seq)
        .filter(|slot| slot.certified.is_none() && slot.adopted.is_none())
        .filter(|slot| vouched(config, slot, message))
        .ok_or(Reject::Equivocation)?;
    slot.adopted = Some(Content::of(message));
    effects.persist(Record::Held(Incoming::from(message.clone())));
    Ok(())
}

/// Whether enough servers beside the originator acknowledge this very request.
fn vouched(config: &Config, slot: &PoSlot, message: &Verified<PoRequest>) -> bool {
    let (originator, digest) = (message.signer(), message.digest());
    let votes =
        slot.acks.iter().filter(|(sender, named)| **sender != originator && **named == digest);
    votes.count() >= config.votes_beside_proposer()
}
