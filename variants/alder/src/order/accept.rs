//! Pre-Prepares are accepted in turn.

use prime::order::{Effects, State};
use wire::prime::Prepare;
use wire::{Config, Effect, Record, Reject, Seq, To};

/// Accepts every Pre-Prepare that is next in turn, in order.
pub fn accept(state: &mut State, config: &Config, effects: &mut Effects) {
    if !state.votes() {
        return;
    }
    loop {
        // What is next, and whether it may be taken.
        let Some(number) = state.accepted.0.checked_add(1) else {
            return;
        };
        let seq = Seq(number);
        let Some(slot) = state.slots.get_mut(&seq) else {
            return;
        };
        let Some(proposal) = &slot.pre_prepare else {
            return;
        };
        let message = proposal.clone();
        let signer = message.signer();
        let own = signer == state.me;
        let committed = slot.committed;
        if !own && !committed && state.tokens == 0 {
            return;
        }
        let body = message.body();
        if !committed && !prime::order::follows(config, &state.preceding, &body.matrix) {
            slot.pre_prepare = None;
            effects.reject(signer, Reject::Invalid);
            return;
        }

        // It is taken.
        if !own && !committed {
            state.tokens -= 1;
        }
        state.accepted = seq;
        state.preceding = body.matrix.clone();
        if seq > state.proposed {
            state.proposed = seq;
            state.proposal = body.matrix.clone();
        }
        effects.persist(Record::Held(message.clone().into()));
        if !own && !committed {
            for id in config.replicas() {
                if id != signer && id != state.me {
                    effects.push(Effect::Relay {
                        to: To::One(id),
                        message: message.clone().into(),
                    });
                }
            }
            let vote = Prepare { view: body.view, seq: body.seq, digest: message.digest() };
            effects.promise(To::All, vote);
        }
        prime::order::advance(state, config, seq, effects);
    }
}
