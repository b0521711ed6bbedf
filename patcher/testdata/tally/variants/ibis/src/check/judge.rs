//! Judging in a chain.

use wire::{Reason, Update};

/// Says why an update may not be counted, if so.
pub fn judge(update: &Update) -> Option<Reason> {
    let length = update.payload.len();
    let empty = (length == 0).then_some(Reason::Empty);
    empty.or_else(|| (length > tally::check::MAX_PAYLOAD).then_some(Reason::Long))
}
