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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{content, request, slot, trips};

    #[test]
    fn only_the_certified_content_is_given_out() {
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        let mut slot = slot(&a, &[]);
        slot.adopted = Some(content(&b));
        assert_eq!(check(&slot, &None), Ok(()));
        slot.certified = Some(b.digest());
        assert_eq!(check(&slot, &Some(content(&b))), Ok(()));
        trips(check(&slot, &Some(content(&a))), "content");
        slot.adopted = None;
        assert_eq!(check(&slot, &None), Ok(()));
    }

    #[test]
    fn content_that_is_merely_held_is_found() {
        let a = request(2, 1, 1);
        trips(check(&slot(&a, &[1, 3, 4]), &Some(content(&a))), "content");
    }

    #[test]
    fn another_body_under_the_certified_digest_is_found() {
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        let mut slot = slot(&a, &[]);
        slot.certified = Some(a.digest());
        let mut wrong = content(&b);
        wrong.digest = a.digest();
        trips(check(&slot, &Some(wrong)), "content");
    }
}
