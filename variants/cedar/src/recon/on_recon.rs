//! Guards tried in order, each looking only at what it needs; then one step that keeps the part and,
//! when it completes a group, one that rebuilds.

use prime::pre_order;
use prime::pre_order::Content;
use prime::recon::{
    Effects, Identifier, MAX_BODY, MAX_HELD, MAX_HELD_BYTES, State, decode, part_bytes, part_leaf,
    part_length, path_length,
};
use wire::prime::{Incoming, Recon};
use wire::{Config, Record, Reject, ReplicaId, Verified, merkle};

/// What the decision depends on.
struct Facts<'a> {
    state: &'a State,
    config: &'a Config,
    pre_order: &'a pre_order::State,
    message: &'a Verified<Recon>,
}

impl Facts<'_> {
    fn identifier(&self) -> Identifier {
        (self.message.body().originator, self.message.body().seq)
    }

    fn column(&self) -> Option<&pre_order::Column> {
        row(self.message.body().originator).and_then(|row| self.pre_order.columns.get(row))
    }

    /// What this sender's message about the identifier is.
    fn held(&self) -> Option<&Verified<Recon>> {
        row(self.message.signer())
            .and_then(|row| self.state.parts.get(row))
            .and_then(|parts| parts.get(&self.identifier()))
    }
}

/// The row of a server in vectors that have one for each.
fn row(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

/// Whether nothing needs to be known any more about the identifier: it was executed, or it is bound
/// and its content is here.
fn settled(pre_order: &pre_order::State, (originator, seq): Identifier) -> bool {
    row(originator).and_then(|row| pre_order.columns.get(row)).is_some_and(|column| {
        seq <= column.retired
            || column.slots.get(&seq).is_some_and(|slot| slot.certified.is_some())
    })
}

/// Whether the part is the one of the sender's row in the tree that the message names.
fn proven(facts: &Facts<'_>) -> bool {
    let body = facts.message.body();
    let Ok(length) = usize::try_from(body.length) else {
        return false;
    };
    (1..=MAX_BODY).contains(&length)
        && body.part.len() == part_length(facts.config, length)
        && body.path.len() == path_length(facts.config)
        && row(facts.message.signer())
            .and_then(|row| u32::try_from(row).ok())
            .and_then(|row| merkle::fold(part_leaf(&body.part), row, &body.path))
            == Some(body.root)
}

/// A condition under which the message is refused, and the reason.
type Guard = (fn(&Facts<'_>) -> bool, Reject);

/// Tried in order.
const GUARDS: [Guard; 6] = [
    (
        |facts| {
            !facts.config.is_replica(facts.message.body().originator) || facts.column().is_none()
        },
        Reject::Invalid,
    ),
    (|facts| settled(facts.pre_order, facts.identifier()), Reject::Stale),
    (
        |facts| {
            let limit = facts.config.windows.preorder;
            facts.column().is_none_or(|column| {
                facts.message.body().seq.0.saturating_sub(column.retired.0) > limit
            })
        },
        Reject::BeyondWindow,
    ),
    (|facts| facts.held() == Some(facts.message), Reject::Duplicate),
    (|facts| facts.held().is_some(), Reject::Equivocation),
    (|facts| !proven(facts), Reject::Invalid),
];

/// Whether the sender of row `row` would hold too much with `more` bytes of part.
fn full(state: &State, row: usize, more: usize) -> bool {
    state.parts.get(row).is_none_or(|parts| {
        parts.len() >= MAX_HELD
            || parts.values().fold(more, |sum, part| sum.saturating_add(part.body().part.len()))
                > MAX_HELD_BYTES
    })
}

/// Makes room for the part, if it needs any; whether there is some.
fn room(
    state: &mut State,
    pre_order: &pre_order::State,
    identifier: Identifier,
    row: usize,
    more: usize,
) -> bool {
    if state.want.contains_key(&identifier) || !full(state, row, more) {
        return true;
    }
    for parts in &mut state.parts {
        parts.retain(|identifier, _| !settled(pre_order, *identifier));
    }
    !full(state, row, more)
}

/// The content of the group that `about` belongs to, if `about` completed it.
fn rebuild(
    state: &mut State,
    config: &Config,
    about: &Recon,
    effects: &mut Effects,
) -> Option<Content> {
    let group = state.group(about);
    if group.len() != config.one_correct() {
        return None;
    }
    let Some(content) = decode(config, about, &part_bytes(&group)) else {
        // More than f of its senders are faulty: nobody in particular is to blame.
        effects.reject(None, Reject::Invalid);
        return None;
    };
    for part in group {
        effects.persist(Record::Held(Incoming::from(part)));
    }
    state.drop_parts((about.originator, about.seq));
    Some(content)
}

/// Keeps a part, and returns the content once f+1 servers say the same about it.
pub fn on_recon(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    message: &Verified<Recon>,
    effects: &mut Effects,
) -> Option<Content> {
    let signer = message.signer();
    let about = message.body();
    let identifier = (about.originator, about.seq);
    let refused = {
        let facts = Facts { state, config, pre_order, message };
        GUARDS.iter().find(|(applies, _)| applies(&facts)).map(|(_, reason)| *reason)
    };
    if let Some(reason) = refused {
        effects.reject(signer, reason);
        return None;
    }
    let row = row(signer)?;
    if !room(state, pre_order, identifier, row, about.part.len()) {
        effects.reject(signer, Reject::Full);
        return None;
    }
    state.parts.get_mut(row)?.insert(identifier, message.clone());
    rebuild(state, config, about, effects)
}
