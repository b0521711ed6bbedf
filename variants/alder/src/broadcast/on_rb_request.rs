//! Somebody asks for an Init.

use prime::broadcast::{ANSWERS, Effects, State, Tag};
use wire::prime::RbRequest;
use wire::{Config, Effect, Reject, Time, To, Verified};

/// Passes on the Init asked for, so many times in a period.
pub fn on_rb_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<RbRequest>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    if signer == state.me {
        return;
    }
    let tag = Tag { view: body.view, originator: body.originator, seq: body.seq };
    let Some(instance) = state.instances.get(&tag) else {
        return;
    };
    let Some(init) = &instance.init else {
        return;
    };
    if init.digest() != body.digest {
        return;
    }
    let Some(row) = usize::from(signer.0).checked_sub(1) else {
        return;
    };
    let Some(answered) = state.answered.get_mut(row) else {
        return;
    };

    let (start, count) = *answered;
    let over = start.0.saturating_add(config.timing.retransmit);
    let next;
    if count == 0 || now.0 >= over {
        next = (now, 1);
    } else if count >= ANSWERS {
        effects.reject(signer, Reject::Full);
        return;
    } else {
        next = (start, count + 1);
    }

    *answered = next;
    effects.push(Effect::Relay { to: To::One(signer), message: init.clone().into() });
}
