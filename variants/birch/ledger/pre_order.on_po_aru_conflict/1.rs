//! A proof against a server's PO-ARUs arrives.

use prime::pre_order::{Effects, Relation, State, relation};
use std::collections::BTreeSet;
use wire::prime::{Incoming, PoAruConflict};
use wire::{Config, Effect, Reject, ReplicaId, To, Verified};

/// Blacklists the convicted server and passes the proof on, the first time.
///
/// One's own proof coming back against a server blacklisted already is no event.
pub fn on_po_aru_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAruConflict>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let verdict = convicted(config, message.body())
        .and_then(|culprit| unlisted(&state.blacklist, culprit, sender == state.me));
    match verdict {
        Err(reason) => effects.reject(sender, reason),
        Ok(None) => (),
        Ok(Some(culprit)) => {
            state.blacklist.insert(culprit);
            let message = Incoming::from(message.clone());
            effects.push(Effect::Relay { to: To::Others, message });
        }
    }
}

/// Whom the proof convicts.
fn convicted(config: &Config, proof: &PoAruConflict) -> Result<ReplicaId, Reject> {
    let (first, second) = (&proof.first, &proof.second);
    let full = [first, second].iter().all(|row| row.body.vec.len() == config.size());
    Some(first.signer)
        .filter(|signer| full && *signer == second.signer)
        .filter(|_| relation(&first.body.vec, &second.body.vec) == Relation::Inconsistent)
        .ok_or(Reject::Invalid)
}

/// The culprit if that is news, nobody if the proof is one's own echo.
fn unlisted(
    blacklist: &BTreeSet<ReplicaId>,
    culprit: ReplicaId,
    own: bool,
) -> Result<Option<ReplicaId>, Reject> {
    let news = Some(culprit).filter(|culprit| !blacklist.contains(culprit));
    if news.is_some() || own { Ok(news) } else { Err(Reject::Duplicate) }
}
