//! What may be executed under an identifier.

use prime::pre_order::{Content, PoSlot};

/// Looks through what is held, the request first, for the certified digest.
pub fn content(slot: &PoSlot) -> Option<Content> {
    let wanted = slot.certified?;
    let signed = slot.request.iter().filter(|request| request.digest() == wanted).map(Content::of);
    let vouched = slot.adopted.iter().filter(|held| held.digest == wanted).cloned();
    signed.chain(vouched).next()
}
