//! Acknowledgements are counted.

use prime::pre_order::{Column, Effects, State, advance_aru};
use wire::prime::{PoAck, PoAcks};
use wire::{Config, Reject, ReplicaId, Verified};

/// Enters each acknowledgement of the message that holds up on its own, and certifies at once
/// what it completes; the others are rejected one by one in the signer's name.
pub fn on_po_acks(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAcks>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    message.body().acks.iter().for_each(|ack| match count(state, config, signer, ack) {
        Ok(()) => advance_aru(state, config, ack.originator),
        Err(reason) => effects.reject(signer, reason),
    });
}

/// Enters one acknowledgement, or says why not.
fn count(state: &mut State, config: &Config, signer: ReplicaId, ack: &PoAck) -> Result<(), Reject> {
    entitled(config, signer, ack)?;
    let column = &mut state.columns[ack.originator.index()];
    in_window(config, column, ack)?;
    let acks = &mut column.slots.entry(ack.seq).or_default().acks;
    acks.get(&signer).map_or(Ok(()), |held| {
        Err(if *held == ack.digest { Reject::Duplicate } else { Reject::Equivocation })
    })?;
    acks.insert(signer, ack.digest);
    Ok(())
}

/// Whether `signer` may acknowledge anything of that originator.
fn entitled(config: &Config, signer: ReplicaId, ack: &PoAck) -> Result<(), Reject> {
    Some(ack.originator)
        .filter(|originator| config.is_replica(*originator))
        .ok_or(Reject::Invalid)
        .and_then(|originator| (originator != signer).then_some(()).ok_or(Reject::NotEntitled))
}

/// Whether the number is one that is remembered.
fn in_window(config: &Config, column: &Column, ack: &PoAck) -> Result<(), Reject> {
    let end = column.retired.0.saturating_add(config.windows.preorder);
    Some(ack.seq)
        .filter(|seq| *seq > column.retired)
        .ok_or(Reject::Stale)
        .and_then(|seq| (seq.0 <= end).then_some(()).ok_or(Reject::BeyondWindow))
}
