//! What an identifier stands for, once that is settled.

use crate::pre_order::{Content, PoSlot};
use slots::slot;

/// Returns the content that may be executed for this slot: the one whose digest is certified.
///
/// `None` while `slot.certified` is not set. Otherwise the body of `slot.request` if that has the
/// certified digest, else `slot.adopted` if that has it, else `None`. Content that is merely held
/// is never returned, however many hold it: eligibility is not content.
///
/// Invariant: the digest of the answer is `slot.certified`.
/// Paper: 4.1, "Preordering Phase". Deviation: see the component's head, "Eligibility is not
/// content".
#[slot(pre_order.content)]
pub fn content(slot: &PoSlot) -> Option<Content> {
    let certified = slot.certified?;
    if let Some(request) = &slot.request
        && request.digest() == certified
    {
        return Some(Content::of(request));
    }
    slot.adopted.clone().filter(|content| content.digest == certified)
}
