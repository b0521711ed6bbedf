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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{aru_body, config, state, trips, vector};
    use prime::pre_order::State;
    use wire::prime::{Body, Prime};
    use wire::{Effect, PoSeq, Record, Time, To};

    fn promised(entries: &[u64]) -> [Effect<Prime>; 2] {
        let body = Body::PoAru(aru_body(entries));
        let record = Record::Promise(body.clone());
        [Effect::Persist { token: 7, record }, Effect::Send { to: To::All, body }]
    }

    /// Own column at 2; number 3 of server 2 was promised before the restart.
    fn grown() -> State {
        let mut state = state();
        state.columns[0].aru = PoSeq(2);
        state.sent_aru = vector(&[1, 3, 0, 0]);
        state
    }

    #[test]
    fn a_vector_that_has_grown_is_promised_and_never_falls_back() {
        let (config, before, now) = (config(), grown(), Time(9));
        let mut after = before.clone();
        after.sent_aru = vector(&[2, 3, 0, 0]);
        after.next_aru_at = Time(9 + config.timing.po_aru);
        let effects = promised(&[2, 3, 0, 0]);
        assert_eq!(check(&config, &before, now, &after, &effects), Ok(()));
        trips(check(&config, &before, now, &after, &effects[1..]), "effect 0");
        trips(check(&config, &before, now, &after, &promised(&[2, 0, 0, 0])), "effect 0");
        let [persist, send] = effects.clone();
        trips(check(&config, &before, now, &after, &[send, persist]), "effect 0");
        let mut fallen = after.clone();
        fallen.sent_aru = vector(&[2, 0, 0, 0]);
        trips(check(&config, &before, now, &fallen, &effects), "sent_aru");
        after.next_aru_at = Time(0);
        trips(check(&config, &before, now, &after, &effects), "next_aru_at");
    }

    #[test]
    fn nothing_goes_out_too_soon_or_without_growth() {
        let (config, mut before) = (config(), grown());
        before.next_aru_at = Time(10);
        assert_eq!(check(&config, &before, Time(9), &before, &[]), Ok(()));
        before.columns[0].aru = PoSeq(1);
        assert_eq!(check(&config, &before, Time(10), &before, &[]), Ok(()));
        let again = promised(&[1, 3, 0, 0]);
        trips(check(&config, &before, Time(10), &before, &again), "effect 0");
    }
}
