//! The content that may be executed.

use prime::pre_order::{Content, PoSlot};

/// Picks, of what the slot holds, the content whose digest is certified; nothing else will do.
pub fn content(slot: &PoSlot) -> Option<Content> {
    slot.certified.and_then(|digest| {
        let first = slot.request.as_ref().filter(|request| request.digest() == digest);
        first
            .map(Content::of)
            .or_else(|| slot.adopted.as_ref().filter(|held| held.digest == digest).cloned())
    })
}
