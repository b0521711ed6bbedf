//! Somebody asks for a part.

use crate::pre_order;
use crate::recon::{Effects, MAX_ANSWER_BYTES, MAX_ANSWERS, State, encode, part_length};
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
/// then every entry (t, bytes) of `state.answered[sender]` with `t + timing.retransmit <= now` is
/// dropped;
/// Rejects: `Duplicate`, naming the sender, if an entry for (o, s) is left;
/// Rejects: `Full`, naming the sender, if `MAX_ANSWERS` entries are left, or if their bytes and the
/// length of this server's part come to more than `MAX_ANSWER_BYTES` (so does a sum that does not fit).
///
/// Otherwise emits `Send` of this server's part, made as in `on_eligible`, to `To::One(sender)`,
/// and sets `state.answered[sender][(o, s)]` to `now` and the part's length. Whether the sender seems
/// to need it does not matter (it may have lost it), nor does whether a part went to it before.
/// `state.sent` stays.
///
/// Invariant: a requester gets at most one part of an identifier, and `MAX_ANSWERS` parts of
/// `MAX_ANSWER_BYTES` in all, within `timing.retransmit`.
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
    answered.retain(|_, (then, _)| now < then.after(config.timing.retransmit));
    if answered.contains_key(&(originator, seq)) {
        return effects.reject(sender, Reject::Duplicate);
    }
    // Whoever asks too much must not cost an encoding.
    let length = borsh::object_length(&*content.body).expect("bodies have lengths");
    let bytes = part_length(config, length) as u64;
    let given = answered.values().try_fold(bytes, |sum, (_, bytes)| sum.checked_add(*bytes));
    if answered.len() >= MAX_ANSWERS || given.is_none_or(|given| given > MAX_ANSWER_BYTES) {
        return effects.reject(sender, Reject::Full);
    }
    answered.insert((originator, seq), (now, bytes));
    let message = encode(config, &content).message(state.me, originator, &content);
    assert_eq!(message.part.len() as u64, bytes);
    effects.send(To::One(sender), message);
}
