//! What `execute.apply_update` must do.

use super::definitions::apply;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::execute::State;
use wire::prime::Prime;
use wire::{ClientId, Config, Effect, Update};

/// Each number of a client is executed once, in the client's order. That its answer is the
/// service's is not seen here.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    client: ClientId,
    update: &Update,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("execute.apply_update", config, before);
    apply(&mut expected, client, update, effects);
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::execute::kit::{
        CLIENT, caught_up, config, done, effects, executed, replied, state, table, trips, update,
    };
    use prime::execute::State;
    use wire::client::Outcome;
    use wire::{ClientId, ClientSeq};

    #[test]
    fn the_next_number_is_executed_with_what_waited_for_it() {
        let (config, before, after) = (config(), state(), caught_up());
        let made =
            |numbers: &[u64]| effects(|e| numbers.iter().for_each(|&n| executed(e, n, CLIENT, n)));
        let check = |after: &State, effects: &[_]| {
            check(&config, &before, CLIENT, &update(7), after, effects)
        };
        let right = made(&[7, 8, 9, 10]);
        assert_eq!(check(&after, &right), Ok(()));
        trips(check(&after, &made(&[7, 8])), "effects");
        trips(check(&after, &made(&[7, 9, 8, 10])), "effect 2");
        trips(check(&after, &right[1..]), "effect 0");
        trips(check(&before, &right), "index");
        let mut other = after.clone();
        table(&mut other).replies.insert(ClientSeq(9), done("other"));
        trips(check(&other, &right), "replies.u9");
        let mut kept = after.clone();
        table(&mut kept).replies.insert(ClientSeq(6), done("old"));
        trips(check(&kept, &right), "replies.u");
        let mut again = after;
        table(&mut again).held.insert(ClientSeq(10), update(10));
        trips(check(&again, &right), "held");
    }

    #[test]
    fn what_was_executed_is_answered_again_and_not_executed() {
        let (config, before) = (config(), state());
        for (seq, result) in
            [(6, done("old")), (3, done("old")), (2, Outcome::Forgotten), (0, Outcome::Forgotten)]
        {
            let answered = effects(|e| replied(e, CLIENT, seq, result));
            let check = |after: &State, effects: &[_]| {
                check(&config, &before, CLIENT, &update(seq), after, effects)
            };
            assert_eq!(check(&before, &answered), Ok(()));
            trips(check(&before, &effects(|e| executed(e, 7, CLIENT, seq))), "effect 0");
            trips(check(&before, &[]), "effects");
            trips(check(&caught_up(), &answered), "index");
        }
        let (stranger, zero) = (ClientId(8), update(0));
        let forgotten = effects(|e| replied(e, stranger, 0, Outcome::Forgotten));
        assert_eq!(check(&config, &before, stranger, &zero, &before, &forgotten), Ok(()));
        let mut made = before.clone();
        made.clients.entry(stranger).or_default();
        trips(check(&config, &before, stranger, &zero, &made, &forgotten), "clients");
    }

    #[test]
    fn within_the_window_it_waits_and_beyond_it_is_refused() {
        let (config, before) = (config(), state());
        let stranger = ClientId(8);
        let mut after = before.clone();
        after.clients.entry(stranger).or_default().held.insert(ClientSeq(4), update(4));
        assert_eq!(check(&config, &before, stranger, &update(4), &after, &[]), Ok(()));
        trips(check(&config, &before, stranger, &update(4), &before, &[]), "held back");
        // The first with its number wins.
        let mut second = update(8);
        second.payload = wire::Blob::default();
        assert_eq!(check(&config, &before, CLIENT, &second, &before, &[]), Ok(()));
        let mut replaced = before.clone();
        table(&mut replaced).held.insert(ClientSeq(8), second.clone());
        trips(check(&config, &before, CLIENT, &second, &replaced, &[]), "held.u8");
        for (client, seq) in [(CLIENT, 11), (stranger, 5), (stranger, u64::MAX)] {
            let refused = effects(|e| replied(e, client, seq, Outcome::BeyondWindow));
            assert_eq!(check(&config, &before, client, &update(seq), &before, &refused), Ok(()));
            let mut held = before.clone();
            let table = held.clients.entry(client).or_default();
            table.held.insert(ClientSeq(seq), update(seq));
            trips(check(&config, &before, client, &update(seq), &held, &[]), "effects");
            trips(check(&config, &before, client, &update(seq), &held, &refused), "clients");
        }
    }
}
