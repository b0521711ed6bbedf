//! Takes a Pre-Prepare of its signer.

use prime::order::Effects;
use prime::order::OrderSlot;
use prime::order::State;
use wire::Config;
use wire::Reject;
use wire::Seq;
use wire::To;
use wire::Verified;
use wire::View;
use wire::prime::PrePrepare;
use wire::prime::PrePrepareConflict;

/// 4.1, "Global Ordering Phase"
pub fn on_pre_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepare>,
    effects: &mut Effects,
) {
    let (view, seq) = (message.body().view, message.body().seq);
    match new(state, config, message) {
        Err(reason) => {
            if let Some(proof) = proof(state, message).filter(|_| reason == Reject::Equivocation) {
                state.leader_accused = true;
                effects.send(To::All, proof);
            }
            effects.reject(message.signer(), reason);
        }
        Ok(()) => {
            if let Some(slot) = state.slot_of(view, seq) {
                slot.pre_prepare = Some(message.clone());
            }
            if view == state.view {
                prime::order::accept(state, config, effects);
            }
        }
    }
}

/// The slot that `view` has of `seq`, if there is one.
fn slot(state: &State, view: View, seq: Seq) -> Option<&OrderSlot> {
    if view == state.view {
        state.slots.get(&seq)
    } else {
        state.early.get(&seq)
    }
}

/// Whether it is the leader's first for a number that can be ordered here.
fn new(state: &State, config: &Config, message: &Verified<PrePrepare>) -> Result<(), Reject> {
    let (view, seq) = (message.body().view, message.body().seq);
    if view != state.view && view != state.preinstalled {
        return Err(Reject::WrongView);
    }
    if message.signer() != config.leader_of(view) {
        return Err(Reject::NotEntitled);
    }
    if seq <= state.ordered || state.ordered_elsewhere(view, seq) {
        return Err(Reject::Stale);
    }
    if seq > state.horizon(config) {
        return Err(Reject::BeyondWindow);
    }
    match slot(state, view, seq).and_then(|slot| slot.pre_prepare.as_ref()) {
        None => Ok(()),
        Some(held) if held.digest() == message.digest() => Err(Reject::Duplicate),
        Some(_) => Err(Reject::Equivocation),
    }
}

/// The one held and this one, if they are the first proof against the installed view's leader.
fn proof(state: &State, message: &Verified<PrePrepare>) -> Option<PrePrepareConflict> {
    let (view, seq) = (message.body().view, message.body().seq);
    slot(state, view, seq)
        .filter(|_| view == state.view && !state.leader_accused)
        .and_then(|slot| slot.pre_prepare.as_ref())
        .map(|held| PrePrepareConflict {
            first: held.signed().clone(),
            second: message.signed().clone(),
        })
}
