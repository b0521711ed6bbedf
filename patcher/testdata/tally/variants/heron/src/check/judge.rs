//! Judging by length.

use tally::check::MAX_PAYLOAD;
use wire::{Reason, Update};

const MOST: usize = MAX_PAYLOAD + 1;

/// Says why an update may not be counted, if so.
pub fn judge(update: &Update) -> Option<Reason> {
    match update.payload.len() {
        0 => Some(Reason::Empty),
        MOST.. => Some(Reason::Long),
        _ => None,
    }
}
