//! What `pre_order.retransmit` must do.

use super::definitions::entry;
use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{MAX_ACKS, MAX_BATCH_BYTES, PoAck, PoAcks, PoAru, Prime};
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
    expected.since("to every other server what its row does not cover and did not come to cover");
    expected.retransmit_at = now.after(config.timing.retransmit);
    let mut last_known = before.retransmit_known.clone();
    for j in config.replicas().filter(|&j| j != before.me) {
        let stuck =
            |o: ReplicaId| known(before, j, o) == entry(&before.retransmit_known[j.index()], o);
        if stuck(before.me) {
            requests(&mut expected, j);
        }
        acknowledgements(&mut expected, j, stuck);
        last_known[j.index()] = config.replicas().map(|o| known(before, j, o)).collect();
    }
    expected.retransmit_known = Some(last_known);
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
    state.rows[j.index()].as_ref().map_or(PoSeq(0), |row| entry(&row.body().vec, o))
}

/// Own requests above what j acknowledges, the lowest first, up to and including the one that
/// makes them as large as a batch may be.
fn requests(expected: &mut Expected<'_>, j: ReplicaId) {
    let before = expected.before;
    let own = &before.columns[before.me.index()].slots;
    let lacking = own.iter().filter(|&(&s, _)| s > known(before, j, before.me));
    let held = lacking.filter_map(|(_, slot)| slot.request.as_ref()).take(REQUESTS);
    let mut bytes = 0;
    for request in held {
        if bytes >= MAX_BATCH_BYTES {
            return;
        }
        let updates = request.body().updates.iter();
        bytes += updates.map(|update| update.body.payload.len()).sum::<usize>();
        expected.relay(To::One(j), request.clone());
    }
}

/// Own acknowledgements above what j acknowledges, by originator and number, a share for each
/// originator.
fn acknowledgements(expected: &mut Expected<'_>, j: ReplicaId, stuck: impl Fn(ReplicaId) -> bool) {
    let before = expected.before;
    let share = MAX_ACKS / expected.config.size();
    let others = expected.config.replicas().filter(|&o| o != before.me && stuck(o));
    let mut acks = others.flat_map(|originator| {
        let slots = &before.columns[originator.index()].slots;
        let lacking = slots.iter().filter(move |&(&s, _)| s > known(before, j, originator));
        let own = lacking.filter_map(move |(&seq, slot)| {
            let digest = *slot.acks.get(&before.me)?;
            Some(PoAck { originator, seq, digest })
        });
        own.take(share)
    });
    let acks = List::<_, MAX_ACKS>::take(&mut acks);
    if !acks.is_empty() {
        expected.send(To::One(j), PoAcks { acks });
    }
}
