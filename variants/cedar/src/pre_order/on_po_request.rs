//! A PO-Request is weighed against what its slot holds.

use prime::pre_order::{Content, Effects, PoSlot, State, advance_aru};
use wire::prime::{MAX_BATCH_BYTES, PoAck, PoRequest, PoRequestConflict};
use wire::{Config, Record, Reject, ReplicaId, To, Verified};

/// What becomes of a request.
enum Verdict {
    Refuse(Reject),
    First,
    Second { adopt: bool },
}

/// Names the verdict, then carries it out.
pub fn on_po_request(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequest>,
    effects: &mut Effects,
) {
    let originator = message.signer();
    match verdict(state, config, message) {
        Verdict::Refuse(reason) => effects.reject(originator, reason),
        Verdict::First => first(state, config, message, effects),
        Verdict::Second { adopt } => second(state, config, message, adopt, effects),
    }
}

fn verdict(state: &State, config: &Config, message: &Verified<PoRequest>) -> Verdict {
    let body = message.body();
    let column = &state.columns[message.signer().index()];
    let bytes = body.updates.iter().fold(0usize, |sum, update| sum + update.body.payload.len());
    let guards = [
        (body.updates.is_empty() || bytes > MAX_BATCH_BYTES, Reject::Invalid),
        (body.seq <= column.retired, Reject::Stale),
        (
            body.seq.0 > column.retired.0.saturating_add(config.windows.preorder),
            Reject::BeyondWindow,
        ),
    ];
    if let Some((_, reason)) = guards.into_iter().find(|(objects, _)| *objects) {
        return Verdict::Refuse(reason);
    }
    let Some(slot) = column.slots.get(&body.seq) else { return Verdict::First };
    let Some(held) = &slot.request else { return Verdict::First };
    let known = [Some(held.digest()), slot.adopted.as_ref().map(|content| content.digest)];
    if known.contains(&Some(message.digest())) {
        return Verdict::Refuse(Reject::Duplicate);
    }
    let free = slot.certified.is_none() && slot.adopted.is_none();
    let adopt = free && votes(slot, message) >= config.votes_beside_proposer();
    Verdict::Second { adopt }
}

fn votes(slot: &PoSlot, message: &Verified<PoRequest>) -> usize {
    let mut votes = 0;
    for (voter, digest) in &slot.acks {
        votes += usize::from(*voter != message.signer() && *digest == message.digest());
    }
    votes
}

fn place<'a>(
    state: &'a mut State,
    originator: ReplicaId,
    message: &Verified<PoRequest>,
) -> &'a mut PoSlot {
    state.columns[originator.index()].slots.entry(message.body().seq).or_default()
}

fn first(state: &mut State, config: &Config, message: &Verified<PoRequest>, effects: &mut Effects) {
    let originator = message.signer();
    place(state, originator, message).request = Some(message.clone());
    if originator != state.me {
        effects.persist(Record::Held(message.clone().into()));
        let (seq, digest) = (message.body().seq, message.digest());
        state.unsent_acks.push(PoAck { originator, seq, digest });
    }
    advance_aru(state, config, originator);
}

fn second(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequest>,
    adopt: bool,
    effects: &mut Effects,
) {
    let originator = message.signer();
    let accuse = state.equivocators.insert(originator);
    let slot = place(state, originator, message);
    if let (true, Some(held)) = (accuse, &slot.request) {
        let (first, second) = (held.signed().clone(), message.signed().clone());
        effects.send(To::All, PoRequestConflict { first, second });
    }
    if !adopt {
        return effects.reject(originator, Reject::Equivocation);
    }
    slot.adopted = Some(Content::of(message));
    effects.persist(Record::Held(message.clone().into()));
    advance_aru(state, config, originator);
}
