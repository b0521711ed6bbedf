//! Parts go out when something becomes eligible.

use crate::pre_order;
use crate::recon::{Effects, State, encode, needs, senders};
use slots::slot;
use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId, To};

/// Sends this server's parts of what a Pre-Prepare, seen for the first time, would make eligible.
///
/// `matrix` is the Pre-Prepare's; it makes eligible, for each originator o, the identifiers (o, s)
/// with s in `(old[o], new[o]]`. Where `new[o] <= old[o]` there is nothing for o.
///
/// Requires: both vectors have N entries; `state.me` is `pre_order.me`; what a slot of pre-ordering has
/// certified has the slot's number.
///
/// For each such (o, s), o ascending, then s ascending, if pre-ordering has a slot for it, that
/// slot has certified content (`pre_order::content`), and this server is among [`senders`] of it
/// in `matrix`: for each server r, ascending, that [`needs`] it and is not yet in
/// `state.sent[(o, s)]`, emits `Send` of this server's part to `To::One(r)` and adds r there. An
/// entry of `state.sent` is made only when there is a receiver to put into it. Archived content is
/// not sent: what was executed has had its turn.
///
/// The part is `encode(...).message(me, o, content)`: a `Recon` with o, s, the content's digest,
/// and root, length, part and path of this server's row ([`Parts::message`](super::Parts::message)).
///
/// Nothing is persisted: to forget a part that was sent is harmless. Other state is unchanged.
///
/// Invariant: between two restarts no part of an identifier is sent here twice to one receiver.
/// Paper: 4.1, "Reconciliation", Figure 3. Deviation: receivers that acknowledged the request are
/// passed over; at most once for each receiver, whatever Pre-Prepares there are.
#[slot(recon.on_eligible)]
pub fn on_eligible(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    matrix: &Matrix,
    old: &[PoSeq],
    new: &[PoSeq],
    effects: &mut Effects,
) {
    assert_eq!(state.me, pre_order.me);
    assert_eq!(old.len(), config.size());
    assert_eq!(new.len(), config.size());
    for originator in config.replicas() {
        let (old, new) = (old[originator.index()], new[originator.index()]);
        if new <= old {
            continue;
        }
        // Only slots that exist are walked over, however far a matrix claims to reach.
        let slots = &pre_order.columns[originator.index()].slots;
        for (&seq, slot) in slots.range(old.next()..=new) {
            let Some(content) = pre_order::content(slot) else { continue };
            if !senders(config, matrix, originator, seq).contains(&state.me) {
                continue;
            }
            let sent = state.sent.get(&(originator, seq));
            let due = |receiver: &ReplicaId| {
                needs(pre_order, *receiver, originator, seq)
                    && !sent.is_some_and(|sent| sent.contains(receiver))
            };
            let receivers: Vec<ReplicaId> = config.replicas().filter(due).collect();
            if receivers.is_empty() {
                continue;
            }
            let message = encode(config, &content).message(state.me, originator, &content);
            for &receiver in &receivers {
                effects.send(To::One(receiver), message.clone());
            }
            state.sent.entry((originator, seq)).or_default().extend(receivers);
        }
    }
}
