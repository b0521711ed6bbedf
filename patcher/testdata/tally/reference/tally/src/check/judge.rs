//! Judging an update.

use crate::check::MAX_PAYLOAD;
use slots::slot;
use wire::{Reason, Update};

/// Says why an update may not be counted, if so.
///
/// Rejects: `Empty` if the payload is empty; `Long` if it is longer than [`MAX_PAYLOAD`].
/// Example: eight bytes are allowed.
/// Paper: section 2, "Checks".
#[slot(check.judge)]
pub fn judge(update: &Update) -> Option<Reason> {
    if update.payload.is_empty() {
        Some(Reason::Empty)
    } else if update.payload.len() > MAX_PAYLOAD {
        Some(Reason::Long)
    } else {
        None
    }
}
