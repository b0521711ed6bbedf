//! A proof against an originator arrives.

use prime::pre_order::{Effects, State};
use std::collections::BTreeSet;
use wire::auth::Context;
use wire::prime::PoRequestConflict;
use wire::{Config, Reject, ReplicaId, Verified};

/// Remembers that the convicted originator equivocates; nothing else follows from it.
///
/// One's own proof coming back against an originator known already is no event.
pub fn on_po_request_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequestConflict>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let verdict = convicted(config, message.body())
        .and_then(|culprit| unlisted(&state.equivocators, culprit, sender == state.me));
    match verdict {
        Ok(news) => state.equivocators.extend(news),
        Err(reason) => effects.reject(sender, reason),
    }
}

/// Whom the proof convicts.
fn convicted(config: &Config, proof: &PoRequestConflict) -> Result<ReplicaId, Reject> {
    let (first, second) = (&proof.first, &proof.second);
    let context = Context::from(config);
    Some(first.signer)
        .filter(|signer| (*signer, first.body.seq) == (second.signer, second.body.seq))
        .filter(|signer| context.leaf(*signer, &first.body) != context.leaf(*signer, &second.body))
        .ok_or(Reject::Invalid)
}

/// The culprit if that is news, nobody if the proof is one's own echo.
fn unlisted(
    equivocators: &BTreeSet<ReplicaId>,
    culprit: ReplicaId,
    own: bool,
) -> Result<Option<ReplicaId>, Reject> {
    let news = Some(culprit).filter(|culprit| !equivocators.contains(culprit));
    if news.is_some() || own { Ok(news) } else { Err(Reject::Duplicate) }
}
