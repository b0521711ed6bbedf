//! What an identifier stands for: a list of places, the first that holds the certified digest.

use prime::pre_order::{Content, PoSlot};

/// One place in which content may be held.
type Place = fn(&PoSlot) -> Option<Content>;

/// In order of preference.
const PLACES: [Place; 2] =
    [|slot| slot.request.as_ref().map(Content::of), |slot| slot.adopted.clone()];

/// Returns the content that may be executed for this slot: the one whose digest is certified.
pub fn content(slot: &PoSlot) -> Option<Content> {
    slot.certified.and_then(|wanted| {
        PLACES
            .iter()
            .filter_map(|place| place(slot))
            .find(|held| held.digest == wanted)
    })
}
