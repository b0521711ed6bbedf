//! Counts a Prepare of its signer.

use prime::order::Effects;
use prime::order::State;
use std::collections::BTreeMap;
use wire::Config;
use wire::Reject;
use wire::ReplicaId;
use wire::Verified;
use wire::prime::Prepare;

/// 4.1, "Global Ordering Phase"
pub fn on_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<Prepare>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let (view, seq) = (message.body().view, message.body().seq);
    let entered = timely(state, config, message).and_then(|()| {
        state
            .slot_of(view, seq)
            .ok_or(Reject::WrongView)
            .and_then(|slot| enter(&mut slot.prepares, message))
    });
    match entered {
        Err(reason) => effects.reject(signer, reason),
        Ok(()) if view == state.view => prime::order::advance(state, config, seq, effects),
        Ok(()) => {}
    }
}

/// Whether votes of this view and number are counted, and are its signer's to give.
fn timely(state: &State, config: &Config, message: &Verified<Prepare>) -> Result<(), Reject> {
    let (view, seq) = (message.body().view, message.body().seq);
    if view != state.view && view != state.preinstalled {
        Err(Reject::WrongView)
    } else if message.signer() == config.leader_of(view) {
        Err(Reject::NotEntitled)
    } else if seq <= state.ordered || state.ordered_elsewhere(view, seq) {
        Err(Reject::Stale)
    } else if seq > state.horizon(config) {
        Err(Reject::BeyondWindow)
    } else {
        Ok(())
    }
}

/// Adds the vote, unless its signer voted.
fn enter(
    votes: &mut BTreeMap<ReplicaId, Verified<Prepare>>,
    message: &Verified<Prepare>,
) -> Result<(), Reject> {
    match votes.get(&message.signer()) {
        Some(held) if held.body().digest == message.body().digest => Err(Reject::Duplicate),
        Some(_) => Err(Reject::Equivocation),
        None => {
            votes.insert(message.signer(), message.clone());
            Ok(())
        }
    }
}
