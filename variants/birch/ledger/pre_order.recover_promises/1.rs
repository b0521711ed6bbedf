//! The certified prefixes, up to what was announced.

use prime::pre_order::{Column, PoSlot, State};
use wire::{Config, Digest, PoSeq};

/// Trusts one's own last PO-ARU: what it announced and the log holds without a gap is certified.
pub fn recover_promises(state: &mut State, _config: &Config) {
    let promised = state.sent_aru.iter();
    state.columns.iter_mut().zip(promised).for_each(|(column, sent)| restore(column, *sent));
}

/// Extends one column's `aru` over its unbroken run of content, at most to `sent`.
fn restore(column: &mut Column, sent: PoSeq) {
    let from = column.aru.next();
    column.aru = (from.0..=sent.0)
        .zip(column.slots.range_mut(from..))
        .take_while(|(expected, (number, _))| *expected == number.0)
        .map_while(|(number, (_, slot))| {
            held(slot).map(|digest| {
                slot.certified = slot.certified.or(Some(digest));
                PoSeq(number)
            })
        })
        .last()
        .unwrap_or(column.aru);
}

/// The digest of the content that is held: the second one's, if there is a second.
fn held(slot: &PoSlot) -> Option<Digest> {
    let second = slot.adopted.as_ref().map(|content| content.digest);
    second.or_else(|| slot.request.as_ref().map(|request| request.digest()))
}
