//! A part comes in.

use std::collections::BTreeMap;

use prime::pre_order;
use prime::pre_order::Content;
use prime::recon::{
    Effects, Identifier, MAX_BODY, MAX_HELD, MAX_HELD_BYTES, State, part_leaf, part_length,
    path_length,
};
use wire::prime::Recon;
use wire::{Config, Record, Reject, ReplicaId, Verified};

/// Whether the identifier's content is here.
fn settled(pre_order: &pre_order::State, identifier: Identifier) -> bool {
    let (originator, seq) = identifier;
    let Some(at) = usize::from(originator.0).checked_sub(1) else {
        return false;
    };
    let Some(column) = pre_order.columns.get(at) else {
        return false;
    };
    if seq <= column.aru {
        return true;
    }
    if let Some(slot) = column.slots.get(&seq) {
        return slot.certified.is_some();
    }
    false
}

/// The highest number of the originator that pre-ordering would take.
fn horizon(config: &Config, pre_order: &pre_order::State, originator: ReplicaId) -> u64 {
    let mut retired = 0;
    if let Some(at) = usize::from(originator.0).checked_sub(1)
        && let Some(column) = pre_order.columns.get(at)
    {
        retired = column.retired.0;
    }
    retired.saturating_add(config.windows.preorder)
}

/// Whether length, part and path are what row `row` may send.
fn fits(config: &Config, row: usize, about: &Recon) -> bool {
    let Ok(length) = usize::try_from(about.length) else {
        return false;
    };
    if length == 0 || length > MAX_BODY {
        return false;
    }
    if about.part.len() != part_length(config, length) {
        return false;
    }
    if about.path.len() != path_length(config) {
        return false;
    }
    let Ok(index) = u32::try_from(row) else {
        return false;
    };
    wire::merkle::fold(part_leaf(&about.part), index, &about.path) == Some(about.root)
}

/// Whether a sender with these parts would have too much with one more of `size` bytes.
fn too_much(parts: &BTreeMap<Identifier, Verified<Recon>>, size: usize) -> bool {
    if parts.len() >= MAX_HELD {
        return true;
    }
    let mut sum = size;
    for (_, part) in parts {
        if sum > MAX_HELD_BYTES {
            return true;
        }
        sum += part.body().part.len();
    }
    sum > MAX_HELD_BYTES
}

/// Drops all parts of settled identifiers.
fn drop_settled(state: &mut State, pre_order: &pre_order::State) {
    for parts in &mut state.parts {
        let mut gone = Vec::new();
        for (identifier, _) in &*parts {
            if settled(pre_order, *identifier) {
                gone.push(*identifier);
            }
        }
        if gone.len() == parts.len() {
            parts.clear();
            continue;
        }
        for identifier in gone {
            parts.remove(&identifier);
        }
    }
}

/// Why the part is not kept, if so; settled parts may be dropped on the way.
fn refusal(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    row: usize,
    message: &Verified<Recon>,
) -> Option<Reject> {
    let about = message.body();
    let identifier = (about.originator, about.seq);
    if !config.is_replica(about.originator) {
        return Some(Reject::Invalid);
    }
    if settled(pre_order, identifier) {
        return Some(Reject::Stale);
    }
    if about.seq.0 > horizon(config, pre_order, about.originator) {
        return Some(Reject::BeyondWindow);
    }
    let Some(parts) = state.parts.get(row) else {
        return Some(Reject::Invalid);
    };
    if let Some(before) = parts.get(&identifier) {
        if before == message {
            return Some(Reject::Duplicate);
        }
        return Some(Reject::Equivocation);
    }
    if !fits(config, row, about) {
        return Some(Reject::Invalid);
    }
    if !state.want.contains_key(&identifier) && too_much(parts, about.part.len()) {
        drop_settled(state, pre_order);
        let Some(parts) = state.parts.get(row) else {
            return Some(Reject::Invalid);
        };
        if too_much(parts, about.part.len()) {
            return Some(Reject::Full);
        }
    }
    None
}

/// Keeps a part, and returns the content once f+1 servers say the same about it.
pub fn on_recon(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    message: &Verified<Recon>,
    effects: &mut Effects,
) -> Option<Content> {
    let sender = message.signer();
    let about = message.body();
    let identifier = (about.originator, about.seq);
    // Id 0, which nobody has, has a row that is never there.
    let row = usize::from(sender.0).wrapping_sub(1);
    if let Some(reason) = refusal(state, config, pre_order, row, message) {
        effects.reject(sender, reason);
        return None;
    }

    let parts = state.parts.get_mut(row)?;
    parts.insert(identifier, message.clone());
    let group = state.group(about);
    if group.len() != config.one_correct() {
        return None;
    }
    let bytes = prime::recon::part_bytes(&group);
    let Some(content) = prime::recon::decode(config, about, &bytes) else {
        effects.reject(None::<ReplicaId>, Reject::Invalid);
        return None;
    };
    for member in group {
        effects.persist(Record::Held(member.into()));
    }
    state.drop_parts(identifier);
    Some(content)
}
