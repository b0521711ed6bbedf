//! What `pre_order.content` must answer.

use super::definitions::content_of;
use crate::Finding;
use prime::pre_order::{Content, PoSlot};

/// The content whose digest is certified (4.1, "Preordering Phase").
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(slot: &PoSlot, result: &Option<Content>) -> Result<(), Finding> {
    let expected = content_of(slot);
    let got = result.as_ref().map(|content| (content.digest, &*content.body));
    crate::answer(
        "pre_order.content: the body that has the certified digest, else none",
        &expected,
        &got,
    )
}
