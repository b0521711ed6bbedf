//! Acknowledgements go out together.

use crate::pre_order::{Effects, State};
use slots::slot;
use wire::prime::{MAX_ACKS, PoAcks};
use wire::{Config, List, To};

/// Sends every waiting acknowledgement.
///
/// Empties `state.unsent_acks` and emits them, in order, in as few PO-Ack messages as
/// `MAX_ACKS` (acknowledgements in one message) allows: all messages but the last are full. Each is
/// one `Send` to `To::All`, without a `Persist` of its own: the request that an ack rests on was
/// logged when it was first seen. Nothing happens when none wait.
///
/// Example: 0 waiting, no effect; `MAX_ACKS + 1` waiting, two messages, the second with one ack.
/// Paper: 4.1, "Preordering Phase". Deviation: aggregated.
#[slot(pre_order.make_po_acks)]
pub fn make_po_acks(state: &mut State, _config: &Config, effects: &mut Effects) {
    let mut waiting = std::mem::take(&mut state.unsent_acks).into_iter();
    while waiting.len() > 0 {
        let acks = List::take(&mut waiting);
        assert!(acks.len() <= MAX_ACKS);
        effects.send(To::All, PoAcks { acks });
    }
}
