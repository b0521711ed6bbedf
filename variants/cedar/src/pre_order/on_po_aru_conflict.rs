//! Proof of contradicting PO-ARUs.

use prime::pre_order::{Effects, Relation, State, relation};
use wire::prime::PoAruConflict;
use wire::{Config, Effect, Reject, To, Verified};

/// Tabulates whether the proof holds, is news, and is one's own.
pub fn on_po_aru_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAruConflict>,
    effects: &mut Effects,
) {
    let PoAruConflict { first, second } = message.body();
    let size = config.size();
    let sound = first.signer == second.signer
        && [first.body.vec.len(), second.body.vec.len()] == [size, size]
        && matches!(relation(&second.body.vec, &first.body.vec), Relation::Inconsistent);
    let news = sound && state.blacklist.insert(second.signer);
    let sender = message.signer();
    match (sound, news, sender == state.me) {
        (false, _, _) => effects.reject(sender, Reject::Invalid),
        (true, true, _) => {
            effects.push(Effect::Relay { to: To::Others, message: message.clone().into() });
        }
        (true, false, true) => {}
        (true, false, false) => effects.reject(sender, Reject::Duplicate),
    }
}
