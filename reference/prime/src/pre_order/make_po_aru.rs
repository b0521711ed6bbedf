//! The cumulative acknowledgement goes out.

use crate::pre_order::{Effects, State};
use slots::slot;
use wire::prime::PoAru;
use wire::{Config, List, Time, To};

/// Announces `PO_Aru[]` if it has grown since it was last announced.
///
/// Let the vector be, entry by entry, the larger of the column's `aru` and `state.sent_aru` (after a
/// restart `aru` may still be behind what was promised). Nothing happens if
/// `now < state.next_aru_at` or the vector equals `state.sent_aru`. Otherwise `state.sent_aru`
/// becomes the vector, `state.next_aru_at` becomes `now + timing.po_aru`, and the PO-ARU with the
/// vector (N entries) is emitted as a promise to all (`Persist` of the body, then `Send` to
/// `To::All`).
///
/// Invariant: each PO-ARU is more up to date than the one before, also across restarts: so no two
/// of one correct server are ever inconsistent.
/// Paper: 4.1, "Preordering Phase". Deviation: sent on change, with a least interval.
#[slot(pre_order.make_po_aru)]
pub fn make_po_aru(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let columns = state.columns.iter().map(|column| column.aru);
    let aru: Vec<_> = columns.zip(&state.sent_aru).map(|(aru, sent)| aru.max(*sent)).collect();
    if now < state.next_aru_at || aru == state.sent_aru {
        return;
    }
    state.sent_aru.clone_from(&aru);
    state.next_aru_at = now.after(config.timing.po_aru);
    let vec = List::new(aru).expect("n is at most MAX_REPLICAS");
    effects.promise(To::All, PoAru { vec });
}
