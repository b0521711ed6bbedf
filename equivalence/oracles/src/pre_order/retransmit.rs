//! What `pre_order.retransmit` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{MAX_ACKS, PoAck, PoAcks, PoAru, Prime};
use wire::{Config, Effect, List, PoSeq, ReplicaId, Time, To};

/// What some peer seems to lack is sent again.
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
    let mut expected = Expected::unchanged("retransmit", config, before);

    if now < before.retransmit_at {
        expected.since("nothing happens while now < retransmit_at");
        return expected.judge(after, Order::Fixed, effects);
    }
    expected.since("to every other server what lies above its row, ascending; finally the PO-ARU");
    expected.retransmit_at = now.after(config.timing.retransmit);
    for j in config.replicas().filter(|&j| j != before.me) {
        requests(&mut expected, j);
        acknowledgements(&mut expected, j);
    }
    if before.sent_aru.iter().any(|&sent| sent > PoSeq(0)) {
        let vec = List::take(&mut before.sent_aru.iter().copied());
        expected.send(To::Others, PoAru { vec });
    }
    expected.judge(after, Order::Fixed, effects)
}

/// Most own requests sent again to one peer at once.
const REQUESTS: usize = 8;

/// Entry o of the row held of j.
fn known(state: &State, j: ReplicaId, o: ReplicaId) -> PoSeq {
    let row = state.rows[j.index()].as_ref();
    row.and_then(|row| row.body().vec.get(o.index())).copied().unwrap_or_default()
}

/// Own requests above what j acknowledges, the lowest first.
fn requests(expected: &mut Expected<'_>, j: ReplicaId) {
    let before = expected.before;
    let own = &before.columns[before.me.index()].slots;
    let lacking = own.iter().filter(|&(&s, _)| s > known(before, j, before.me));
    for request in lacking.filter_map(|(_, slot)| slot.request.as_ref()).take(REQUESTS) {
        expected.relay(To::One(j), request.clone());
    }
}

/// Own acknowledgements above what j acknowledges, by originator and number.
fn acknowledgements(expected: &mut Expected<'_>, j: ReplicaId) {
    let before = expected.before;
    let others = expected.config.replicas().filter(|&o| o != j && o != before.me);
    let mut acks = others.flat_map(|originator| {
        let slots = &before.columns[originator.index()].slots;
        let lacking = slots.iter().filter(move |&(&s, _)| s > known(before, j, originator));
        lacking.filter_map(move |(&seq, slot)| {
            let digest = *slot.acks.get(&before.me)?;
            Some(PoAck { originator, seq, digest })
        })
    });
    let acks = List::<_, MAX_ACKS>::take(&mut acks);
    if !acks.is_empty() {
        expected.send(To::One(j), PoAcks { acks });
    }
}
