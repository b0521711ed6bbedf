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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{
        ack, aru_body, config, content, request, slot, slot_mut, state, trips, vector,
    };
    use wire::prime::{Body, Prime};
    use wire::{Effect, PoSeq, To};

    fn sent(body: Body) -> Effect<Prime> {
        Effect::Send { to: To::All, body }
    }

    #[test]
    fn what_was_promised_is_said_again() {
        let (config, mut before) = (config(), state());
        let (own, other, back) = (request(1, 2, 1), request(2, 1, 2), request(1, 1, 3));
        *slot_mut(&mut before, 1, 1) = slot(&back, &[]);
        slot_mut(&mut before, 1, 2).adopted = Some(content(&own));
        *slot_mut(&mut before, 2, 1) = slot(&other, &[]);
        slot_mut(&mut before, 2, 1).certified = Some(other.digest());
        before.sent_aru = vector(&[0, 1, 0, 0]);
        let mut after = before.clone();
        after.columns[1].aru = PoSeq(1);
        after.unsent_acks.push(ack(&other));
        let effects =
            [sent(Body::PoRequest(own.body().clone())), sent(Body::PoAru(aru_body(&[0, 1, 0, 0])))];
        assert_eq!(check(&config, &before, &after, &effects), Ok(()));
        trips(check(&config, &before, &after, &effects[..1]), "effects");
        trips(check(&config, &before, &after, &effects[1..]), "effect 0");
        let mut silent = after.clone();
        silent.unsent_acks.clear();
        trips(check(&config, &before, &silent, &effects), "unsent_acks");
        let mut still = after;
        still.columns[1].aru = PoSeq(0);
        trips(check(&config, &before, &still, &effects), "aru");
    }

    #[test]
    fn nothing_promised_nothing_said() {
        let (config, state) = (config(), state());
        assert_eq!(check(&config, &state, &state, &[]), Ok(()));
        let zeros = [sent(Body::PoAru(aru_body(&[0, 0, 0, 0])))];
        trips(check(&config, &state, &state, &zeros), "effect 0");
    }
}
