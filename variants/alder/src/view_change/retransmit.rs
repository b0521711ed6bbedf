//! What was said in the change under way is said again.

use prime::view_change::{Effects, State};
use wire::prime::{Incoming, ReplayCommit, ReplayPrepare, VcList, VcPartialSig};
use wire::{Config, Effect, Time, To};

/// Says again what this server said in the change under way, once every `timing.retransmit`.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    let view = state.preinstalled;
    let leads = config.leader_of(view) == state.me;
    let Some(round) = state.round() else {
        return;
    };

    if round.proof.is_none() {
        if let Some(ids) = &round.listed {
            effects.send(To::Others, VcList { view, ids: ids.clone() });
        }
        for constraint in round.signed.values() {
            let constraint = constraint.clone();
            effects.send(To::Others, VcPartialSig { constraint, share: None });
        }
    }
    match &round.replay {
        None => {
            if let Some(proof) = &round.proof {
                effects.send(To::Others, proof.clone());
            }
        }
        Some(replay) => {
            let message = Incoming::Replay(replay.clone());
            effects.push(Effect::Relay { to: To::Others, message });
        }
    }
    if !leads {
        if let Some(digest) = round.prepared {
            effects.send(To::Others, ReplayPrepare { view, digest });
        }
    }
    if let Some(digest) = round.committed {
        effects.send(To::Others, ReplayCommit { view, digest });
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
}
