//! Answers a Recon-Request with this server's part.

use prime::pre_order;
use prime::pre_order::Content;
use prime::recon::Effects;
use prime::recon::Identifier;
use prime::recon::MAX_ANSWER_BYTES;
use prime::recon::MAX_ANSWERS;
use prime::recon::State;
use prime::recon::part_length;
use std::collections::BTreeMap;
use wire::Config;
use wire::Reject;
use wire::ReplicaId;
use wire::Time;
use wire::To;
use wire::Verified;
use wire::codec;
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
        answered.retain(|_, (at, _)| lasts(*at, now, config.timing.retransmit));
        let bytes = free(answered, identifier)
            .and_then(|()| fitting(answered, bytes(config, &content)))
            .map_err(|reason| (Some(sender), reason))?;
        answered.insert(identifier, (now, bytes));
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

/// How long each part of the content is, told without cutting it.
fn bytes(config: &Config, content: &Content) -> u64 {
    let length = part_length(config, codec::encode(&*content.body).len());
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// One more answer, about `identifier`, may be given, if its part is not too long.
fn free(
    answered: &BTreeMap<Identifier, (Time, u64)>,
    identifier: Identifier,
) -> Result<(), Reject> {
    if answered.contains_key(&identifier) {
        Err(Reject::Duplicate)
    } else if answered.len() >= MAX_ANSWERS {
        Err(Reject::Full)
    } else {
        Ok(())
    }
}

/// `bytes`, if a part of so many may be given beside those that were.
fn fitting(answered: &BTreeMap<Identifier, (Time, u64)>, bytes: u64) -> Result<u64, Reject> {
    answered
        .values()
        .try_fold(bytes, |sum, (_, given)| sum.checked_add(*given))
        .filter(|sum| *sum <= MAX_ANSWER_BYTES)
        .map(|_| bytes)
        .ok_or(Reject::Full)
}
