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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{
        ME, ack, aru, aru_body, config, request, slot, slot_mut, state, trips, vector,
    };
    use prime::pre_order::State;
    use wire::prime::{Body, Incoming, PoAck, PoAcks, Prime};
    use wire::{Effect, List, PoSeq, ReplicaId, Time, To};

    fn acks(j: u16, acks: &[PoAck]) -> Effect<Prime> {
        let acks = List::new(acks.to_vec()).unwrap();
        Effect::Send { to: To::One(ReplicaId(j)), body: PoAcks { acks }.into() }
    }

    /// Ten own requests and one acknowledged request of server 2. Server 2 has all, server 3
    /// stands at 1 in the own column, server 4 has come to 2 since the last time.
    fn lacking() -> (State, State, Vec<Effect<Prime>>) {
        let mut before = state();
        let own: Vec<_> = (1..=10).map(|s| request(1, s, s)).collect();
        for (s, request) in (1..).zip(&own) {
            *slot_mut(&mut before, 1, s) = slot(request, &[]);
        }
        let other = request(2, 1, 99);
        *slot_mut(&mut before, 2, 1) = slot(&other, &[1]);
        before.rows[1] = Some(aru(2, &[10, 0, 0, 0]));
        before.rows[2] = Some(aru(3, &[1, 0, 0, 0]));
        before.rows[3] = Some(aru(4, &[2, 1, 0, 0]));
        before.retransmit_known[2] = vector(&[1, 0, 0, 0]);
        before.retransmit_known[3] = vector(&[1, 1, 0, 0]);
        before.sent_aru = vector(&[3, 0, 0, 0]);
        let mut after = before.clone();
        after.retransmit_at = Time(100_000);
        after.retransmit_known[1] = vector(&[10, 0, 0, 0]);
        after.retransmit_known[3] = vector(&[2, 1, 0, 0]);
        let relays = own[1..9].iter().map(|request| Effect::Relay {
            to: To::One(ReplicaId(3)),
            message: Incoming::PoRequest(request.clone()),
        });
        let mut effects = vec![acks(2, &[ack(&other)])];
        effects.extend(relays);
        effects.push(acks(3, &[ack(&other)]));
        let body = Body::PoAru(aru_body(&[3, 0, 0, 0]));
        effects.push(Effect::Send { to: To::Others, body });
        (before, after, effects)
    }

    #[test]
    fn who_is_stuck_gets_what_its_row_lacks() {
        let (config, (before, after, effects)) = (config(), lacking());
        assert_eq!(check(&config, &before, Time(0), &after, &effects), Ok(()));
        for lost in 0..effects.len() {
            let mut fewer = effects.clone();
            fewer.remove(lost);
            trips(check(&config, &before, Time(0), &after, &fewer), "effect");
        }
        let mut swapped = effects.clone();
        swapped.swap(1, 2);
        trips(check(&config, &before, Time(0), &after, &swapped), "effect 1");
        let mut timeless = after.clone();
        timeless.retransmit_at = Time(0);
        trips(check(&config, &before, Time(0), &timeless, &effects), "retransmit_at");
        let known = State { retransmit_known: before.retransmit_known.clone(), ..after };
        trips(check(&config, &before, Time(0), &known, &effects), "retransmit_known");
    }

    #[test]
    fn nothing_is_said_before_its_time() {
        let (config, (mut before, after, effects)) = (config(), lacking());
        before.retransmit_at = Time(1);
        assert_eq!(check(&config, &before, Time(0), &before, &[]), Ok(()));
        trips(check(&config, &before, Time(0), &after, &effects), "effect 0");
    }

    #[test]
    fn acks_of_one_originator_leave_room_for_the_others() {
        let (config, mut before) = (config(), state());
        let mut all = Vec::new();
        for s in 1..=130 {
            let request = request(2, s, s);
            *slot_mut(&mut before, 2, s) = slot(&request, &[1]);
            all.push(ack(&request));
        }
        let last = request(3, 1, 200);
        *slot_mut(&mut before, 3, 1) = slot(&last, &[1]);
        let mut after = before.clone();
        after.retransmit_at = Time(100_000);
        let share: Vec<_> = all.iter().take(128).copied().chain([ack(&last)]).collect();
        let effects = [2, 3, 4].map(|j| acks(j, &share));
        assert_eq!(check(&config, &before, Time(0), &after, &effects), Ok(()));
        all.push(ack(&last));
        let unfair = [2, 3, 4].map(|j| acks(j, &all));
        trips(check(&config, &before, Time(0), &after, &unfair), "effect 0");
    }

    #[test]
    fn an_own_column_behind_the_promise_does_not_matter() {
        let (config, mut before) = (config(), state());
        before.columns[ME.index()].aru = PoSeq(0);
        before.retransmit_known[1] = vector(&[4, 0, 0, 0]);
        let mut after = before.clone();
        after.retransmit_at = Time(100_000);
        after.retransmit_known[1] = vector(&[0, 0, 0, 0]);
        assert_eq!(check(&config, &before, Time(0), &after, &[]), Ok(()));
        trips(check(&config, &before, Time(0), &before, &[]), "retransmit_at");
    }
}
