//! Takes a Replay.

use prime::view_change::{Effects, State, proven};
use wire::prime::{Replay, ReplayConflict};
use wire::{Config, Reject, To, Verified};

/// Keeps the first Replay of a view; accuses a leader that signs another.
pub fn on_replay(
    state: &mut State,
    config: &Config,
    message: &Verified<Replay>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let constraint = &message.body().constraint;
    let view = constraint.view;
    let held = state.rounds.get(&view).and_then(|round| round.replay.as_ref());
    let same = held.map(|held| held.digest() == message.digest());
    let against = state
        .outside(view)
        .or_else(|| (signer != config.leader_of(view)).then_some(Reject::NotEntitled))
        .or(match same {
            Some(true) => Some(Reject::Duplicate),
            Some(false) => Some(Reject::Equivocation),
            None => None,
        })
        .or_else(|| {
            (!proven(config, constraint, &message.body().proof)).then_some(Reject::Invalid)
        });
    match against {
        None => state.rounds.entry(view).or_default().replay = Some(message.clone()),
        Some(reason) => {
            if reason == Reject::Equivocation {
                accuse(state, message, effects);
            }
            effects.reject(signer, reason);
        }
    }
}

/// Shows all what the leader signed beside, once.
fn accuse(state: &mut State, message: &Verified<Replay>, effects: &mut Effects) {
    let view = message.body().constraint.view;
    let Some(round) = state.rounds.get_mut(&view).filter(|round| !round.accused) else {
        return;
    };
    if let Some(held) = &round.replay {
        round.accused = true;
        let conflict =
            ReplayConflict { first: held.signed().clone(), second: message.signed().clone() };
        effects.send(To::All, conflict);
    }
}
