//! The content of a slot that may be executed.

use prime::pre_order::{Content, PoSlot};

/// Gives the held content whose digest the slot is certified with, the originator's own message
/// before what was adopted, and nothing without a certificate.
pub fn content(slot: &PoSlot) -> Option<Content> {
    let bound = match slot.certified {
        Some(digest) => digest,
        None => return None,
    };
    match &slot.request {
        Some(request) if request.digest() == bound => return Some(Content::of(request)),
        _ => {}
    }
    match &slot.adopted {
        Some(adopted) if adopted.digest == bound => Some(adopted.clone()),
        _ => None,
    }
}
