//! A part arrives.

use crate::pre_order::{self, Content};
use crate::recon::{
    Effects, Identifier, MAX_BODY, MAX_HELD, MAX_HELD_BYTES, State, decode, part_bytes, part_leaf,
    part_length, path_length,
};
use slots::slot;
use wire::prime::Recon;
use wire::{Config, Record, Reject, Verified, merkle};

/// Keeps a part, and returns the content once f+1 servers say the same about it.
///
/// An identifier (o, s) is *settled* if s is at or below `aru` of column o of pre-ordering or its slot
/// there is certified: then its content is here.
///
/// Rejects (naming the sender, nothing changed unless said), in this precedence:
/// Rejects: `Invalid` if o is not a replica of this cluster;
/// Rejects: `Stale` if (o, s) is settled;
/// Rejects: `BeyondWindow` if s exceeds the column's `retired + windows.preorder` (what
/// `pre_order.adopt` would refuse);
/// Rejects: `Duplicate` if an equal message of this sender is held for (o, s), whatever its
/// authenticator (`Verified` compares by digest);
/// Rejects: `Equivocation` if a different one is (the first stays);
/// Rejects: `Invalid` if the length is not 1 to `MAX_BODY`, the part has not
/// `part_length(config, length)` bytes, the path has not `path_length(config)` nodes, or the
/// part's leaf does not fold along the path to the root at the index of the sender's row;
/// Rejects: `Full` if (o, s) is not in `state.want` and with this part the sender would have more
/// than `MAX_HELD` parts or more than `MAX_HELD_BYTES` bytes of part held. Before that is decided,
/// and only if it would be so, all parts of settled identifiers are dropped, of every sender; they stay
/// dropped if `Full` is given after all.
///
/// Otherwise the message is held under its sender. A *group* is the messages held with equal o, s,
/// digest, root and length. If the message's group now has exactly f+1 members, they are decoded
/// ([`decode`]):
/// - content: emits `Persist` of each member as `Held`, ascending by sender, so that a restart can
///   decode again ([`recover`](super::recover)); drops all parts of (o, s), of any group; returns
///   the content, for the caller to give to pre-ordering. `state.want` stays.
/// - none (more than f faulty servers): Rejects: `Invalid`, naming no sender. All parts stay, so
///   that this group is not decoded a second time.
///
/// In all other cases returns `None`. Emits nothing else.
///
/// Invariant: one part per sender and identifier, the first.
/// Invariant: at most one decoding per group, and a sender is in at most one group of an
/// identifier: N messages cause at most N / (f+1) decodings.
/// Paper: 4.1, "Reconciliation". Deviation: groups by (digest, root, length) instead of any f+1
/// parts; bounds.
///
/// Invariant: a sender has at most one part of an identifier here; the one held is not replaced by
/// another.
/// Invariant: content is returned only when f+1 servers say the same of it, and it has the digest
/// that they name.
/// Invariant: the parts that content was rebuilt from are logged as `Held` before it is handed on.
#[slot(recon.on_recon)]
pub fn on_recon(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    message: &Verified<Recon>,
    effects: &mut Effects,
) -> Option<Content> {
    let sender = message.signer();
    let identifier = (message.body().originator, message.body().seq);
    assert!(config.is_replica(sender));
    assert_eq!(state.parts.len(), config.size());
    if let Some(reason) = fault(state, config, pre_order, message) {
        effects.reject(sender, reason);
        return None;
    }
    if !state.want.contains_key(&identifier) && !fits(state, message) {
        for parts in &mut state.parts {
            parts.retain(|identifier, _| !is_settled(pre_order, *identifier));
        }
        if !fits(state, message) {
            effects.reject(sender, Reject::Full);
            return None;
        }
    }

    state.parts[sender.index()].insert(identifier, message.clone());
    let group = state.group(message.body());
    if group.len() != config.one_correct() {
        return None;
    }
    let Some(content) = decode(config, message.body(), &part_bytes(&group)) else {
        effects.reject(None, Reject::Invalid);
        return None;
    };
    for part in group {
        effects.persist(Record::Held(part.into()));
    }
    state.drop_parts(identifier);
    Some(content)
}

/// Why the message is refused for what it says.
fn fault(
    state: &State,
    config: &Config,
    pre_order: &pre_order::State,
    message: &Verified<Recon>,
) -> Option<Reject> {
    let body = message.body();
    let identifier = (body.originator, body.seq);
    if !config.is_replica(body.originator) {
        return Some(Reject::Invalid);
    }
    if is_settled(pre_order, identifier) {
        return Some(Reject::Stale);
    }
    let retired = pre_order.columns[body.originator.index()].retired;
    if body.seq.0 > retired.0.saturating_add(config.windows.preorder) {
        return Some(Reject::BeyondWindow);
    }
    if let Some(held) = state.parts[message.signer().index()].get(&identifier) {
        let same = held == message;
        return Some(if same { Reject::Duplicate } else { Reject::Equivocation });
    }
    (!is_sound(config, message)).then_some(Reject::Invalid)
}

/// Whether sizes fit together and the part is the sender's in the tree under the root.
fn is_sound(config: &Config, message: &Verified<Recon>) -> bool {
    let body = message.body();
    let Ok(length) = usize::try_from(body.length) else { return false };
    if !(1..=MAX_BODY).contains(&length)
        || body.part.len() != part_length(config, length)
        || body.path.len() != path_length(config)
    {
        return false;
    }
    let row = u32::from(message.signer().0) - 1;
    merkle::fold(part_leaf(&body.part), row, &body.path) == Some(body.root)
}

/// Whether the content of the identifier is here.
fn is_settled(pre_order: &pre_order::State, (originator, seq): Identifier) -> bool {
    let column = &pre_order.columns[originator.index()];
    let slot = column.slots.get(&seq);
    seq <= column.aru || slot.is_some_and(|slot| slot.certified.is_some())
}

/// Whether the sender stays within its bounds with this part.
fn fits(state: &State, message: &Verified<Recon>) -> bool {
    let held = &state.parts[message.signer().index()];
    let bytes: usize = held.values().map(|part| part.body().part.len()).sum();
    held.len() < MAX_HELD && bytes + message.body().part.len() <= MAX_HELD_BYTES
}
