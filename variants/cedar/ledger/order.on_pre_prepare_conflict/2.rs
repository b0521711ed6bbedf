//! Guards tried in order; what none of them refuses convicts the leader.

use prime::order::{Effects, State};
use wire::auth::Context;
use wire::prime::{Incoming, PrePrepare, PrePrepareConflict};
use wire::{Config, Effect, Reject, To, Verified};

/// What the decision depends on.
struct Facts<'a> {
    state: &'a State,
    config: &'a Config,
    first: &'a Verified<PrePrepare>,
    second: &'a Verified<PrePrepare>,
}

/// Whether the two are what a correct leader never signs.
fn proves(facts: &Facts<'_>) -> bool {
    let (first, second) = (facts.first, facts.second);
    first.signer() == second.signer()
        && first.body().view == second.body().view
        && first.body().seq == second.body().seq
        && first.digest() != second.digest()
        && first.signer() == facts.config.leader_of(first.body().view)
}

/// A condition under which the proof is refused, and the reason.
type Guard = (fn(&Facts<'_>) -> bool, Reject);

/// Tried in order.
const GUARDS: [Guard; 3] = [
    (|facts| !proves(facts), Reject::Invalid),
    (|facts| facts.first.body().view != facts.state.view, Reject::WrongView),
    (|facts| facts.state.leader_proof.is_some(), Reject::Duplicate),
];

/// Takes a proof that a leader signed two different Pre-Prepares for one (view, number).
pub fn on_pre_prepare_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepareConflict>,
    effects: &mut Effects,
) {
    let (first, second) = message.pair(&Context::from(config));
    let refused = {
        let facts = Facts { state, config, first: &first, second: &second };
        GUARDS.iter().find(|(applies, _)| applies(&facts)).map(|(_, reason)| *reason)
    };
    if let Some(reason) = refused {
        effects.reject(message.signer(), reason);
        return;
    }
    state.leader_proof = Some(message.clone());
    if !state.leader_accused {
        state.leader_accused = true;
        effects.push(Effect::Relay {
            to: To::Others,
            message: Incoming::from(message.clone()),
        });
    }
}
