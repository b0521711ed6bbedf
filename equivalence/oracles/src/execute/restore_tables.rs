//! What `execute.restore_tables` must answer.

use super::encoding::decode;
use crate::Finding;
use prime::execute::{ClientTable, State};
use wire::client::Outcome;
use wire::{ClientSeq, Config};

/// The state of which the bytes are the snapshot, if execution can be in it.
///
/// # Errors
/// The first way in which the answer is not what the contract calls for.
pub fn check(config: &Config, bytes: &[u8], got: &Result<State, String>) -> Result<(), Finding> {
    let finding = |sentence: &str, expected: String| {
        let rule = format!("execute.restore_tables: {sentence}");
        Err(Finding { rule, expected, got: format!("{got:?}") })
    };
    let state = decode(bytes);
    let broken = match &state {
        None => Some("they are exactly what `snapshot` gives"),
        Some(state) => broken(config, state),
    };
    match (got, &state, broken) {
        (Err(_), _, Some(_)) => Ok(()),
        (Ok(_), _, Some(sentence)) => finding(sentence, String::from("an error")),
        (Ok(got), Some(state), None) if got == state => Ok(()),
        (_, state, None) => finding("returns the state that `bytes` encode", format!("{state:?}")),
    }
}

/// The condition that `state` does not meet.
fn broken(config: &Config, state: &State) -> Option<&'static str> {
    let tables = || state.clients.values();
    let mut lows = tables().map(|table| table.low.0);
    let sum = lows.try_fold(0_u64, u64::checked_add);
    let conditions = [
        (state.prefix.len() == config.size(), "`prefix` has N entries"),
        (
            tables().all(|table| answers(config, table)),
            "`replies` have exactly the last numbers, every answer `Done`",
        ),
        (
            tables().all(|table| {
                table.held.iter().all(|(n, held)| *n == held.seq && waits(config, table.low, *n))
            }),
            "`held` updates stand under their own numbers, all within the window",
        ),
        (
            tables().all(|table| table.low.0 > 0 || !table.held.is_empty()),
            "no client has neither executed nor held updates",
        ),
        (sum == Some(state.index), "`index` is the sum of all `low`"),
    ];
    conditions.into_iter().find(|(holds, _)| !holds).map(|(_, sentence)| sentence)
}

/// The numbers are those in `(low - w, low]`, from 1: so many, and none outside.
fn answers(config: &Config, table: &ClientTable) -> bool {
    let (low, window) = (table.low.0, config.windows.client);
    let within = |n: &ClientSeq| 0 < n.0 && n.0 <= low && low - n.0 < window;
    u64::try_from(table.replies.len()) == Ok(low.min(window))
        && table.replies.keys().all(within)
        && table.replies.values().all(|outcome| matches!(outcome, Outcome::Done(_)))
}

/// Whether `n` lies in `(low + 1, low + w]`, an end that does not fit being the highest number.
fn waits(config: &Config, low: ClientSeq, n: ClientSeq) -> bool {
    let above = n.0.checked_sub(low.0);
    above.is_some_and(|above| 1 < above && above <= config.windows.client)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::execute::encoding::encode;
    use crate::execute::kit::{config, done, state, table, trips, update};
    use prime::execute::State;
    use wire::client::Outcome;
    use wire::{ClientId, ClientSeq, PoSeq};

    fn err() -> Result<State, String> {
        Err(String::from("no"))
    }

    #[test]
    fn a_snapshot_comes_back_and_nothing_else_does() {
        let (config, state) = (config(), state());
        let bytes = encode(&state);
        assert_eq!(check(&config, &bytes, &Ok(state.clone())), Ok(()));
        trips(check(&config, &bytes, &err()), "returns the state");
        let mut other = state.clone();
        other.executed = wire::Seq(6);
        trips(check(&config, &bytes, &Ok(other)), "returns the state");
        let longer = [&bytes[..], &[0]].concat();
        let (mut counted, mut twice) = (bytes.clone(), bytes.clone());
        counted[0] = 5;
        // The second of the numbers under which answers are kept becomes the first.
        let second = bytes.len() - 3 * 22 - 4 - 3 * 16;
        twice[second] = 3;
        for bytes in [&bytes[1..], &bytes[..bytes.len() - 1], &longer, &counted, &twice, &[]] {
            assert_eq!(check(&config, bytes, &err()), Ok(()));
            trips(check(&config, bytes, &Ok(state.clone())), "exactly what `snapshot` gives");
        }
    }

    #[test]
    fn states_that_execution_is_never_in_are_refused() {
        let config = config();
        let wrong = |change: fn(&mut State), sentence: &str| {
            let mut state = state();
            change(&mut state);
            let bytes = encode(&state);
            assert_eq!(check(&config, &bytes, &err()), Ok(()));
            trips(check(&config, &bytes, &Ok(state)), sentence);
        };
        wrong(|s| s.prefix.push(PoSeq(0)), "`prefix` has N entries");
        wrong(|s| drop(table(s).replies.remove(&ClientSeq(3))), "`replies`");
        wrong(|s| drop(table(s).replies.insert(ClientSeq(2), done("x"))), "`replies`");
        wrong(|s| drop(table(s).replies.insert(ClientSeq(6), Outcome::Forgotten)), "`replies`");
        wrong(|s| drop(table(s).held.insert(ClientSeq(9), update(8))), "`held`");
        wrong(|s| drop(table(s).held.insert(ClientSeq(7), update(7))), "`held`");
        wrong(|s| drop(table(s).held.insert(ClientSeq(11), update(11))), "`held`");
        wrong(|s| drop(s.clients.insert(ClientId(8), Default::default())), "no client");
        wrong(|s| s.index = 7, "`index`");
    }

    #[test]
    fn a_window_that_does_not_fit_ends_with_the_highest_number() {
        let (config, mut high) = (config(), state());
        let low = u64::MAX - 2;
        high.index = low;
        let of = table(&mut high);
        of.low = ClientSeq(low);
        of.replies = (low - 3..=low).map(|n| (ClientSeq(n), done("x"))).collect();
        of.held = [(ClientSeq(u64::MAX), update(u64::MAX))].into();
        assert_eq!(check(&config, &encode(&high), &Ok(high.clone())), Ok(()));
        trips(check(&config, &encode(&high), &err()), "returns the state");
        table(&mut high).held.clear();
        assert_eq!(check(&config, &encode(&high), &Ok(high.clone())), Ok(()));
        trips(check(&config, &encode(&high), &err()), "returns the state");
        let mut two = high.clone();
        let second = two.clients[&crate::execute::kit::CLIENT].clone();
        two.clients.insert(ClientId(8), second);
        two.index = low.wrapping_mul(2);
        trips(check(&config, &encode(&two), &Ok(two)), "`index`");
    }
}
