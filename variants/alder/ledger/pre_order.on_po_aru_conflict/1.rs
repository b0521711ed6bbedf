//! Proof that a server signed PO-ARUs that contradict each other.

use prime::pre_order::{Effects, Relation, State, relation};
use wire::prime::{Incoming, PoAruConflict};
use wire::{Config, Effect, Reject, To, Verified};

/// What is to become of the proof.
enum Fate {
    /// Dropped, and why.
    Drop(Reject),
    /// One's own, come back.
    Ignore,
    /// Believed and passed on.
    Convict,
}

/// Blacklists the server that the proof convicts and passes the proof on, once.
pub fn on_po_aru_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAruConflict>,
    effects: &mut Effects,
) {
    match decide(state, config, message) {
        Fate::Drop(reason) => effects.reject(message.signer(), reason),
        Fate::Ignore => {}
        Fate::Convict => {
            state.blacklist.insert(message.body().first.signer);
            let message = Incoming::PoAruConflict(message.clone());
            effects.push(Effect::Relay { to: To::Others, message });
        }
    }
}

fn decide(state: &State, config: &Config, message: &Verified<PoAruConflict>) -> Fate {
    let proof = message.body();
    let n = config.size();
    let culprit = proof.first.signer;
    if culprit != proof.second.signer
        || !config.is_replica(culprit)
        || proof.first.body.vec.len() != n
        || proof.second.body.vec.len() != n
    {
        return Fate::Drop(Reject::Invalid);
    }
    match relation(&proof.first.body.vec, &proof.second.body.vec) {
        Relation::Same | Relation::Newer | Relation::Older => Fate::Drop(Reject::Invalid),
        Relation::Inconsistent => {
            if !state.blacklist.contains(&culprit) {
                Fate::Convict
            } else if message.signer() == state.me {
                Fate::Ignore
            } else {
                Fate::Drop(Reject::Duplicate)
            }
        }
    }
}
