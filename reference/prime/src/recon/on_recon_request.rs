//! Somebody asks for a part.

use crate::pre_order;
use crate::recon::{Effects, MAX_ANSWERS, State, encode};
use slots::slot;
use wire::prime::ReconRequest;
use wire::{Config, Reject, Time, To, Verified};

/// Answers a Recon-Request with this server's part, if it holds the content.
///
/// The content of (o, s) is the certified content of its slot in pre-ordering
/// (`pre_order::content`), else that in `state.archive`.
///
/// Rejects, in this precedence:
/// Rejects: `Invalid`, naming the sender, if o is not a replica of this cluster (nothing changed);
/// Rejects: `Premature`, naming nobody, if the content is not here: every server is asked, also
/// those that cannot know (nothing changed);
/// then every entry of `state.answered[sender]` with time t and `t + timing.retransmit <= now` is
/// dropped;
/// Rejects: `Duplicate`, naming the sender, if an entry for (o, s) is left;
/// Rejects: `Full`, naming the sender, if `MAX_ANSWERS` entries are left.
///
/// Otherwise emits `Send` of this server's part, made as in `on_eligible`, to `To::One(sender)`,
/// and sets `state.answered[sender][(o, s)]` to `now`. Whether the sender seems to need it does not
/// matter (it may have lost it), nor does whether a part went to it before. `state.sent` stays.
///
/// Invariant: a requester gets at most one part of an identifier, and `MAX_ANSWERS` parts in all,
/// within `timing.retransmit`.
/// Paper: none. Deviation: the report leaves lost parts open.
#[slot(recon.on_recon_request)]
pub fn on_recon_request(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &pre_order::State,
    message: &Verified<ReconRequest>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let &ReconRequest { originator, seq } = message.body();
    assert!(config.is_replica(sender));
    assert_eq!(state.answered.len(), config.size());
    if !config.is_replica(originator) {
        return effects.reject(sender, Reject::Invalid);
    }
    let certified = pre_order.slot(originator, seq).and_then(pre_order::content);
    let content = certified.or_else(|| state.archive.get(&(originator, seq)).cloned());
    let Some(content) = content else {
        return effects.reject(None, Reject::Premature);
    };

    let answered = &mut state.answered[sender.index()];
    answered.retain(|_, then| now < then.after(config.timing.retransmit));
    if answered.contains_key(&(originator, seq)) {
        return effects.reject(sender, Reject::Duplicate);
    }
    if answered.len() >= MAX_ANSWERS {
        return effects.reject(sender, Reject::Full);
    }
    answered.insert((originator, seq), now);
    let message = encode(config, &content).message(state.me, originator, &content);
    effects.send(To::One(sender), message);
}
