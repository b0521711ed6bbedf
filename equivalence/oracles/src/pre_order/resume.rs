//! What `pre_order.resume` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{PoAck, PoAru, Prime};
use wire::{Config, Effect, List, PoSeq, ReplicaId, To};

/// What was promised about slots still held is said again.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("resume", config, before);

    expected
        .since("advance_aru; acknowledges, sends own promised requests and the last PO-ARU again");
    for o in config.replicas() {
        expected.advance(o);
    }
    for (index, column) in before.columns.iter().enumerate() {
        let o = ReplicaId::from_index(index);
        for (&seq, slot) in &column.slots {
            match (&slot.request, &slot.adopted) {
                (Some(request), _) if o != before.me => {
                    let digest = request.digest();
                    expected.acks_made.push(PoAck { originator: o, seq, digest });
                }
                (None, Some(content)) if o == before.me => {
                    expected.send(To::All, (*content.body).clone());
                }
                _ => {}
            }
        }
    }
    if before.sent_aru.iter().any(|&sent| sent > PoSeq(0)) {
        let vec = List::take(&mut before.sent_aru.iter().copied());
        expected.send(To::All, PoAru { vec });
    }
    expected.judge(after, Order::Fixed, effects)
}
