//! What `pre_order.make_po_aru` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{PoAru, Prime};
use wire::{Config, Effect, List, PoSeq, Time, To};

/// `PO_Aru[]` is announced when it has grown (4.1, "Preordering Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("make_po_aru", config, before);

    let arus = before.columns.iter().map(|column| column.aru);
    let vec: Vec<PoSeq> = arus.zip(&before.sent_aru).map(|(aru, &sent)| aru.max(sent)).collect();
    if now < before.next_aru_at {
        expected.since("nothing happens if now < next_aru_at");
    } else if vec == before.sent_aru {
        expected.since("nothing happens if the vector equals sent_aru");
    } else {
        expected.since("the vector becomes sent_aru and is promised to all");
        expected.next_aru_at = now.after(config.timing.po_aru);
        expected.promise(To::All, PoAru { vec: List::take(&mut vec.iter().copied()) });
        expected.sent_aru = Some(vec);
    }
    expected.judge(after, Order::Fixed, effects)
}
