//! A list arrives.

use crate::view_change::{Effects, State};
use crate::votes::keep_first;
use slots::slot;
use wire::prime::VcList;
use wire::{Config, Reject, Verified};

/// Keeps the first list of its signer.
///
/// Rejects (naming the signer, nothing changed, no round made), in this precedence:
/// Rejects: what `state.outside` says of its view, if anything;
/// Rejects: `Invalid` unless it names exactly Q replicas, strictly ascending;
/// Rejects: `Duplicate` if the same list of this signer is held;
/// Rejects: `Equivocation` if another one is held (the first stays).
///
/// Otherwise it enters the round's `lists`. What follows is [`make_partials`](super::make_partials)'s.
///
/// Paper: 5.3, "Proof Generation Phase". Deviation: the first list of each server only; the report
/// bounds their number without saying how.
///
/// Invariant: a round holds at most one list of a signer, and it is never replaced; nothing but
/// rejects is emitted.
#[slot(view_change.on_vc_list)]
pub fn on_vc_list(
    state: &mut State,
    config: &Config,
    message: &Verified<VcList>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let VcList { view, ids } = message.body();
    if let Some(reason) = state.outside(*view) {
        return effects.reject(sender, reason);
    }
    let ascending = ids.windows(2).all(|pair| pair[0] < pair[1]);
    let known = ids.iter().all(|id| config.is_replica(*id));
    if ids.len() != config.quorum() || !ascending || !known {
        return effects.reject(sender, Reject::Invalid);
    }
    let round = state.rounds.entry(*view).or_default();
    if let Err(reason) = keep_first(&mut round.lists, sender, ids.clone()) {
        effects.reject(sender, reason);
    }
}
