//! What `execute.apply_request` must do.

use super::definitions::apply;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::execute::State;
use prime::pre_order::Content;
use wire::prime::Prime;
use wire::{Config, Effect};

/// The updates of a request are applied in its order, each for the client that stands with it.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    content: &Content,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("execute.apply_request", config, before);
    for update in content.body.updates.iter() {
        apply(&mut expected, update.signer, &update.body, effects);
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::execute::kit::{
        CLIENT, caught_up, config, done, effects, executed, replied, state, trips,
    };
    use crate::kit::sign;
    use crate::pre_order::kit::{content, request_body, update};
    use prime::execute::ClientTable;
    use wire::{ClientId, ClientSeq};

    #[test]
    fn updates_are_applied_in_order_and_once() {
        let (config, before) = (config(), state());
        let batch = [update(8, 1, b"do"), update(7, 7, b"do"), update(7, 7, b"do")];
        let request = sign(2, request_body(1, &[&batch[0], &batch[1], &batch[2]]));
        let mut after = caught_up();
        after.index = 11;
        let replies = [(ClientSeq(1), done("new"))].into();
        let table = ClientTable { low: ClientSeq(1), replies, ..ClientTable::default() };
        after.clients.insert(ClientId(8), table);
        let made = effects(|e| {
            executed(e, 7, ClientId(8), 1);
            (7..11).for_each(|n| executed(e, n + 1, CLIENT, n));
            replied(e, CLIENT, 7, done("new"));
        });
        let content = content(&request);
        assert_eq!(check(&config, &before, &content, &after, &made), Ok(()));
        trips(check(&config, &before, &content, &after, &made[..10]), "effects");
        let turned = effects(|e| {
            (7..11).for_each(|n| executed(e, n, CLIENT, n));
            executed(e, 11, ClientId(8), 1);
            replied(e, CLIENT, 7, done("new"));
        });
        trips(check(&config, &before, &content, &after, &turned), "effect 0");
        trips(check(&config, &before, &content, &before, &made), "index");
        let twice = effects(|e| {
            executed(e, 7, ClientId(8), 1);
            (7..11).for_each(|n| executed(e, n + 1, CLIENT, n));
            executed(e, 12, CLIENT, 7);
        });
        trips(check(&config, &before, &content, &after, &twice), "effect 10");
    }
}
