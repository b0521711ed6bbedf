//! After a restart: say again what others may be waiting for.

use crate::pre_order::{Effects, State, advance_aru};
use slots::slot;
use wire::prime::{PoAck, PoAru};
use wire::{Config, List, PoSeq, To};

/// Says again what was promised about slots that are still held. Called once, after the log was
/// read and what it proves was executed and retired.
///
/// First [`advance_aru`] of every originator, ascending: what the log certified beyond the last
/// PO-ARU counts now. Then, for each originator o ascending and each of its slots ascending:
/// - o is another server and the slot has a `request`: an acknowledgement of it is appended to
///   `state.unsent_acks`;
/// - o is this server and the slot has no `request` but `adopted` content: its body is emitted as
///   `Send` to `To::All`, without `Persist`: it was promised before.
///
/// Finally, if `state.sent_aru` is not all zeros, the PO-ARU with `state.sent_aru` is emitted as
/// `Send` to `To::All`.
///
/// Invariant: says nothing that was not said, or about to be said, before.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(pre_order.resume)]
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    let me = state.me;
    for originator in config.replicas() {
        advance_aru(state, config, originator);
    }
    for (originator, column) in config.replicas().zip(&state.columns) {
        for (seq, slot) in &column.slots {
            match (&slot.request, &slot.adopted) {
                (Some(request), _) if originator != me => {
                    let digest = request.digest();
                    state.unsent_acks.push(PoAck { originator, seq: *seq, digest });
                }
                (None, Some(own)) if originator == me => effects.send(To::All, (*own.body).clone()),
                _ => {}
            }
        }
    }
    if state.sent_aru.iter().any(|entry| *entry > PoSeq(0)) {
        let vec = List::new(state.sent_aru.clone()).expect("n is at most MAX_REPLICAS");
        effects.send(To::All, PoAru { vec });
    }
}
