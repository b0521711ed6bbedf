//! Answers a Recon-Request with this server's part.

use prime::pre_order;
use prime::pre_order::Content;
use prime::recon::Effects;
use prime::recon::Identifier;
use prime::recon::MAX_ANSWERS;
use prime::recon::State;
use std::collections::BTreeMap;
use wire::Config;
use wire::Reject;
use wire::ReplicaId;
use wire::Time;
use wire::To;
use wire::Verified;
use wire::prime::ReconRequest;

/// Answers a Recon-Request with this server's part, if it holds the content.
pub fn on_recon_request(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &pre_order::State,
    message: &Verified<ReconRequest>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let identifier = (message.body().originator, message.body().seq);
    let found = content(state, config, pre_order, identifier)
        .map_err(|(whose, reason)| (whose.then_some(sender), reason));
    let answer = found.and_then(|content| {
        let answered = usize::from(sender.0)
            .checked_sub(1)
            .and_then(|row| state.answered.get_mut(row))
            .ok_or((Some(sender), Reject::NotEntitled))?;
        answered.retain(|_, at| lasts(*at, now, config.timing.retransmit));
        free(answered, identifier).map_err(|reason| (Some(sender), reason))?;
        answered.insert(identifier, now);
        Ok(content)
    });
    match answer {
        Err((whose, reason)) => effects.reject(whose, reason),
        Ok(content) => effects.send(
            To::One(sender),
            prime::recon::encode(config, &content).message(state.me, identifier.0, &content),
        ),
    }
}

/// The content; or why there is none, and whether that is the sender's fault.
fn content(
    state: &State,
    config: &Config,
    pre_order: &pre_order::State,
    identifier: Identifier,
) -> Result<Content, (bool, Reject)> {
    let (originator, seq): (ReplicaId, _) = identifier;
    if !config.is_replica(originator) {
        return Err((true, Reject::Invalid));
    }
    pre_order
        .slot(originator, seq)
        .and_then(pre_order::content)
        .or_else(|| state.archive.get(&identifier).cloned())
        .ok_or((false, Reject::Premature))
}

/// Whether an answer given `at` still counts.
fn lasts(at: Time, now: Time, period: u64) -> bool {
    now.0
        .checked_sub(at.0)
        .is_none_or(|elapsed| elapsed < period)
}

/// One more answer, about `identifier`, may be given.
fn free(answered: &BTreeMap<Identifier, Time>, identifier: Identifier) -> Result<(), Reject> {
    if answered.contains_key(&identifier) {
        Err(Reject::Duplicate)
    } else if answered.len() >= MAX_ANSWERS {
        Err(Reject::Full)
    } else {
        Ok(())
    }
}
