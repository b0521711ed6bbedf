//! Somebody lacks an Init that he may deliver.

use crate::broadcast::{ANSWERS, Effects, State, Tag};
use slots::slot;
use wire::prime::RbRequest;
use wire::{Config, Effect, Reject, Time, To, Verified};

/// Answers an RbRequest of its signer.
///
/// If the signer is this server, or the `init` held under the tag has not the digest asked for (or
/// none is held), nothing happens. The tag's view is not looked at. A sender's *period* begins with its
/// first answer; it is over `timing.retransmit` later, and the next answer begins a new one. A count
/// of 0 is no period.
/// Rejects: `Full` (naming the signer, nothing changed) if it got [`ANSWERS`] Inits in its period.
///
/// Otherwise `state.answered` of the signer counts one more (from 1 and `now` if the period is new),
/// and the Init is emitted as `Relay` to the signer alone.
///
/// Paper: none; the report's broadcast carries payloads. Deviation: none.
///
/// Invariant: nothing but `state.answered` of the signer ever changes.
/// Invariant: a signer gets at most `ANSWERS` Inits in one period, and only such as are held and
/// have the digest asked for.
#[slot(broadcast.on_rb_request)]
pub fn on_rb_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<RbRequest>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let body = message.body();
    let tag = Tag { view: body.view, originator: body.originator, seq: body.seq };
    let held = state.instances.get(&tag).and_then(|instance| instance.init.as_ref());
    let Some(init) = held.filter(|init| init.digest() == body.digest && sender != state.me) else {
        return;
    };
    let answered = &mut state.answered[sender.index()];
    if answered.1 == 0 || now.since(answered.0) >= config.timing.retransmit {
        *answered = (now, 0);
    }
    if answered.1 >= ANSWERS {
        return effects.reject(sender, Reject::Full);
    }
    answered.1 += 1;
    effects.push(Effect::Relay { to: To::One(sender), message: init.clone().into() });
}
