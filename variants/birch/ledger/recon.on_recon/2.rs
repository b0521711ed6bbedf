//! Keeps a part, and returns the content once f+1 servers say the same about it.

use prime::pre_order;
use prime::pre_order::Content;
use prime::recon::Effects;
use prime::recon::Identifier;
use prime::recon::MAX_BODY;
use prime::recon::MAX_HELD;
use prime::recon::MAX_HELD_BYTES;
use prime::recon::State;
use prime::recon::part_bytes;
use prime::recon::part_leaf;
use prime::recon::part_length;
use prime::recon::path_length;
use std::collections::BTreeMap;
use wire::Config;
use wire::Record;
use wire::Reject;
use wire::ReplicaId;
use wire::Verified;
use wire::merkle;
use wire::prime::Recon;

/// 4.1, "Reconciliation"
pub fn on_recon(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    message: &Verified<Recon>,
    effects: &mut Effects,
) -> Option<Content> {
    match keep(state, config, pre_order, message) {
        Err(reason) => {
            effects.reject(message.signer(), reason);
            None
        }
        Ok(identifier) => {
            let about = message.body();
            let group = state.group(about);
            let parts = Some(&group)
                .filter(|group| group.len() == config.one_correct())
                .map(|group| part_bytes(group))?;
            let content = prime::recon::decode(config, about, &parts);
            match &content {
                None => effects.reject(None, Reject::Invalid),
                Some(_) => {
                    group
                        .into_iter()
                        .for_each(|part| effects.persist(Record::Held(part.into())));
                    state.drop_parts(identifier);
                }
            }
            content
        }
    }
}

/// Holds the part, or says why not.
fn keep(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    message: &Verified<Recon>,
) -> Result<Identifier, Reject> {
    let about = message.body();
    let identifier = (about.originator, about.seq);
    timely(config, pre_order, identifier)?;
    let row = place(message.signer()).ok_or(Reject::Invalid)?;
    first(state.parts.get(row).ok_or(Reject::Invalid)?, identifier, message)?;
    sound(config, row, about)?;
    if !state.want.contains_key(&identifier)
        && room(state.parts.get(row), about.part.len()).is_err()
    {
        state
            .parts
            .iter_mut()
            .for_each(|held| held.retain(|identifier, _| !settled(pre_order, *identifier)));
        room(state.parts.get(row), about.part.len())?;
    }
    state
        .parts
        .get_mut(row)
        .ok_or(Reject::Invalid)?
        .insert(identifier, message.clone());
    Ok(identifier)
}

/// A server's row.
fn place(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

/// The identifier is one that a part may still be of use for.
fn timely(
    config: &Config,
    pre_order: &pre_order::State,
    identifier: Identifier,
) -> Result<(), Reject> {
    let (originator, seq) = identifier;
    let column = Some(originator)
        .filter(|originator| config.is_replica(*originator))
        .and_then(place)
        .and_then(|row| pre_order.columns.get(row))
        .ok_or(Reject::Invalid)?;
    if settled(pre_order, identifier) {
        Err(Reject::Stale)
    } else if seq.0.saturating_sub(column.retired.0) > config.windows.preorder {
        Err(Reject::BeyondWindow)
    } else {
        Ok(())
    }
}

/// Whether the content is, or was, held here with its certificate.
fn settled(pre_order: &pre_order::State, (originator, seq): Identifier) -> bool {
    place(originator)
        .and_then(|row| pre_order.columns.get(row))
        .is_some_and(|column| {
            seq <= column.aru.max(column.retired)
                || column
                    .slots
                    .get(&seq)
                    .is_some_and(|slot| pre_order::content(slot).is_some())
        })
}

/// The sender said nothing about the identifier before.
fn first(
    held: &BTreeMap<Identifier, Verified<Recon>>,
    identifier: Identifier,
    message: &Verified<Recon>,
) -> Result<(), Reject> {
    match held.get(&identifier) {
        None => Ok(()),
        Some(part) if part == message => Err(Reject::Duplicate),
        Some(_) => Err(Reject::Equivocation),
    }
}

/// The part is of a length that it may have, and one of those that the root stands for.
fn sound(config: &Config, row: usize, about: &Recon) -> Result<(), Reject> {
    let proven = || {
        u32::try_from(row)
            .ok()
            .and_then(|row| merkle::fold(part_leaf(&about.part), row, &about.path))
            == Some(about.root)
    };
    usize::try_from(about.length)
        .ok()
        .filter(|length| (1..=MAX_BODY).contains(length))
        .filter(|length| about.part.len() == part_length(config, *length))
        .filter(|_| about.path.len() == path_length(config))
        .filter(|_| proven())
        .map(|_| ())
        .ok_or(Reject::Invalid)
}

/// One more part of so many bytes may be held.
fn room(
    held: Option<&BTreeMap<Identifier, Verified<Recon>>>,
    bytes: usize,
) -> Result<(), Reject> {
    let fits = held.is_some_and(|held| {
        held.len() < MAX_HELD
            && held
                .values()
                .fold(bytes, |sum, part| sum.saturating_add(part.body().part.len()))
                <= MAX_HELD_BYTES
    });
    if fits { Ok(()) } else { Err(Reject::Full) }
}
