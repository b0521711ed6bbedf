//! PO-Requests and updates.

use super::number;
use crate::rng::Rng;
use crate::slots::Draw;
use crate::state::possible_content;
use crate::world::World;
use prime::pre_order::State;
use wire::prime::{Incoming, PoRequest};
use wire::{ClientId, ClientSeq, Input, Time, Update, Verified};

/// What was recorded, or a request about the open numbers of an originator.
pub(crate) fn request(draw: &mut Draw<'_>) -> Verified<PoRequest> {
    if let Input::Message(Incoming::PoRequest(request)) = draw.input
        && draw.rng.percent(25)
    {
        return request.clone();
    }
    if draw.rng.percent(1)
        && let Some(extreme) = draw.rng.pick(&draw.world.extremes)
    {
        return extreme.clone();
    }
    let originator = draw.world.anyone(draw.rng);
    let column = &draw.state.columns[originator.index()];
    let open = column.slots.iter().filter(|(_, slot)| slot.request.is_none());
    let open: Vec<_> = open.map(|(seq, _)| *seq).collect();
    let seq = match draw.rng.pick(&open).copied() {
        Some(seq) if draw.rng.percent(45) => seq,
        _ => number(draw, originator),
    };
    // The content that the most acknowledgements name is worth more tries than the others.
    let slot = draw.state.slot(originator, seq);
    let named = slot.and_then(|slot| slot.acks.values().next());
    let pool = draw.world.contents(originator, seq);
    let wanted = named.and_then(|digest| pool.iter().find(|r| r.digest() == *digest));
    if let Some(wanted) = wanted
        && originator != draw.state.me
        && draw.rng.percent(50)
    {
        return wanted.clone();
    }
    let possible = possible_content(draw.rng, draw.world, draw.state, originator, seq);
    possible.unwrap_or_else(|| {
        let count = 1 + draw.rng.index(3);
        draw.world.request(draw.rng, originator, seq, count)
    })
}

/// An update: new, pending, or preordered already.
pub(crate) fn update(draw: &mut Draw<'_>) -> Verified<Update> {
    let recorded = match draw.input {
        Input::Update(update) => Some(update),
        _ => None,
    };
    match (recorded, draw.rng.below(10)) {
        (Some(update), 0..2) => update.clone(),
        (_, 2) if !draw.state.pending.is_empty() => {
            draw.state.pending[draw.rng.index(draw.state.pending.len())].clone()
        }
        (_, 3) => {
            let client = ClientId(1 + u32::try_from(draw.rng.below(4)).unwrap_or_default());
            let seq = draw.rng.choose([0, 1, 9, 1_000, u64::MAX]);
            draw.world.update(client, seq, b"c")
        }
        _ => {
            let tries: [_; 6] = std::array::from_fn(|_| draw.rng.pick(&draw.world.updates));
            let fresh = |update: &&&Verified<Update>| {
                !draw.state.preordered.contains(&(update.signer(), update.body().seq))
            };
            let fresh = tries.iter().flatten().find(fresh).copied();
            fresh.or(tries[0]).expect("a world has updates").clone()
        }
    }
}

/// Gives one client its share of the numbers, or nearly, from the lowest that there is to the
/// highest.
fn crowd_one_client(rng: &mut Rng, world: &World, state: &mut State) {
    let client = ClientId(1 + u32::try_from(rng.below(4)).unwrap_or_default());
    state.pending.retain(|update| update.signer() != client);
    state.preordered.retain(|(other, _)| *other != client);
    let amount = rng.near((world.config.windows.pending / 16).max(1));
    let numbers = [0, u64::MAX].into_iter().chain(1_000..);
    let amount = usize::try_from(amount).unwrap_or_default();
    state.preordered.extend(numbers.take(amount).map(|number| (client, ClientSeq(number))));
}

/// Often enough fills the queue to its end, or just below, or one client's share of it.
pub(crate) fn with_crowded_queue(rng: &mut Rng, world: &World, state: &mut State, _now: Time) {
    if rng.percent(10) {
        return crowd_one_client(rng, world, state);
    }
    let most = usize::try_from(world.config.windows.pending).unwrap_or(usize::MAX);
    let wanted = match rng.below(40) {
        0 => most,
        1 => most.saturating_sub(1),
        2..20 => rng.index(4),
        _ => return,
    };
    if rng.percent(50) {
        state.preordered.clear();
        state.pending.clear();
    }
    state.pending.truncate(wanted);
    let start = rng.index(world.updates.len());
    let turn = world.updates[start..].iter().chain(&world.updates[..start]);
    for update in turn {
        if state.pending.len() >= wanted {
            return;
        }
        if state.preordered.insert((update.signer(), update.body().seq)) {
            state.pending.push_back(update.clone());
        }
    }
}
