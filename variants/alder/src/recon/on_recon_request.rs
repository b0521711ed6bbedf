//! Somebody lacks content.

use prime::pre_order::{self, Content};
use prime::recon::{Effects, MAX_ANSWER_BYTES, MAX_ANSWERS, State, part_length};
use wire::prime::{PoRequest, ReconRequest};
use wire::{Config, Reject, ReplicaId, Time, To, Verified};

/// How long each part of the content is, found without coding it: a refusal must stay cheap.
fn part_size(config: &Config, content: &Content) -> u64 {
    let size = part_length(config, wire::codec::encode::<PoRequest>(&content.body).len());
    if let Ok(fits) = u64::try_from(size) {
        return fits;
    }
    u64::MAX
}

/// Answers with this server's part, if it holds the content.
pub fn on_recon_request(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &pre_order::State,
    message: &Verified<ReconRequest>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let body = message.body();
    let identifier = (body.originator, body.seq);
    if !config.is_replica(body.originator) {
        effects.reject(sender, Reject::Invalid);
        return;
    }

    let mut held = None;
    if let Some(slot) = pre_order.slot(body.originator, body.seq) {
        held = prime::pre_order::content(slot);
    }
    if held.is_none()
        && let Some(archived) = state.archive.get(&identifier)
    {
        held = Some(archived.clone());
    }
    let Some(content) = held else {
        effects.reject(None::<ReplicaId>, Reject::Premature);
        return;
    };

    let mut row = None;
    if let Some(at) = usize::from(sender.0).checked_sub(1) {
        row = state.answered.get_mut(at);
    }
    let Some(answered) = row else {
        effects.reject(sender, Reject::NotEntitled);
        return;
    };
    let mut old = Vec::new();
    let mut given = 0_u64;
    for (key, (time, bytes)) in &*answered {
        if time.0.saturating_add(config.timing.retransmit) <= now.0 {
            old.push(*key);
        } else {
            // A sum at the top stays there, far above what is allowed.
            given = given.saturating_add(*bytes);
        }
    }
    for key in old {
        answered.remove(&key);
    }
    if answered.contains_key(&identifier) {
        effects.reject(sender, Reject::Duplicate);
        return;
    }
    if answered.len() >= MAX_ANSWERS {
        effects.reject(sender, Reject::Full);
        return;
    }
    let size = part_size(config, &content);
    if given.saturating_add(size) > MAX_ANSWER_BYTES {
        effects.reject(sender, Reject::Full);
        return;
    }

    answered.insert(identifier, (now, size));
    let parts = prime::recon::encode(config, &content);
    effects.send(To::One(sender), parts.message(state.me, body.originator, &content));
}
