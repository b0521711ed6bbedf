//! `PO_Aru[]` after a restart, as far as it was announced.

use prime::pre_order::{PoSlot, State};
use wire::{Config, Digest, PoSeq};

/// Lets every column's prefix grow again over the consecutive slots with content that the last
/// PO-ARU announced, and binds each of them to the content that must have been certified.
pub fn recover_promises(state: &mut State, _config: &Config) {
    for o in 0..state.columns.len() {
        let promised = state.sent_aru[o].0;
        let column = &mut state.columns[o];
        let mut reached = column.aru.0;
        if reached >= promised {
            continue;
        }
        for (seq, slot) in column.slots.range_mut(PoSeq(reached + 1)..=PoSeq(promised)) {
            if seq.0 - 1 != reached {
                break;
            }
            let digest = match held(slot) {
                Some(digest) => digest,
                None => break,
            };
            match slot.certified {
                Some(_) => {}
                None => slot.certified = Some(digest),
            }
            reached = seq.0;
        }
        column.aru = PoSeq(reached);
    }
}

/// The digest of the content that is held: the second, if there is one, was the certified one.
fn held(slot: &PoSlot) -> Option<Digest> {
    match (&slot.adopted, &slot.request) {
        (Some(adopted), _) => Some(adopted.digest),
        (None, Some(request)) => Some(request.digest()),
        (None, None) => None,
    }
}
