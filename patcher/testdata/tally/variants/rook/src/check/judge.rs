//! Fits, and does not compile.

use wire::{Reason, Update};

/// Says why an update may not be counted, if so.
pub fn judge(update: &Update) -> Option<Reason> {
    update.payload.is_blank().then_some(Reason::Empty)
}
