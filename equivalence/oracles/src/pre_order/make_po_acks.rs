//! What `pre_order.make_po_acks` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{MAX_ACKS, PoAcks, Prime};
use wire::{Config, Effect, List, To};

/// PO-Acks go out aggregated (4.1, "Preordering Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("make_po_acks", config, before);

    expected.since("empties unsent_acks and emits them in order, all messages but the last full");
    expected.acks_sent = true;
    let mut waiting = before.unsent_acks.iter().copied().peekable();
    while waiting.peek().is_some() {
        let acks = List::<_, MAX_ACKS>::take(&mut waiting);
        expected.send(To::All, PoAcks { acks });
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{ack, config, request, state, trips};
    use prime::pre_order::State;
    use wire::prime::{MAX_ACKS, PoAck, PoAcks, Prime};
    use wire::{Effect, List, PoSeq, To};

    fn waiting(count: usize) -> (State, Vec<PoAck>) {
        let mut state = state();
        let first = ack(&request(2, 1, 1));
        let acks: Vec<_> = (1..).map(|s| PoAck { seq: PoSeq(s), ..first }).take(count).collect();
        state.unsent_acks.clone_from(&acks);
        (state, acks)
    }

    fn sent(acks: &[PoAck]) -> Effect<Prime> {
        let acks = List::new(acks.to_vec()).unwrap();
        Effect::Send { to: To::All, body: PoAcks { acks }.into() }
    }

    #[test]
    fn one_more_than_fits_makes_two_messages() {
        let (config, after) = (config(), state());
        let (before, acks) = waiting(MAX_ACKS + 1);
        let effects = [sent(&acks[..MAX_ACKS]), sent(&acks[MAX_ACKS..])];
        assert_eq!(check(&config, &before, &after, &effects), Ok(()));
        trips(check(&config, &before, &before, &effects), "unsent_acks");
        trips(check(&config, &before, &after, &effects[..1]), "effects");
        let split = [sent(&acks[..1]), sent(&acks[1..])];
        trips(check(&config, &before, &after, &split), "effect 0");
    }

    #[test]
    fn nothing_waiting_nothing_sent() {
        let (config, state) = (config(), state());
        assert_eq!(check(&config, &state, &state, &[]), Ok(()));
        trips(check(&config, &state, &state, &[sent(&[])]), "effect 0");
    }
}
