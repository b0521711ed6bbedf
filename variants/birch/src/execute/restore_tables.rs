//! The state that bytes of unknown origin encode, if execution can be in it.

use prime::execute::ClientTable;
use prime::execute::State;
use wire::ClientId;
use wire::Config;
use wire::client::Outcome;
use wire::codec;

/// Returns the state that `bytes` encode, if it is one that execution can be in.
///
/// # Errors
/// The first rule that is broken.
pub fn restore_tables(config: &Config, bytes: &[u8]) -> Result<State, String> {
    let window = config.windows.client;
    let state = canonical(bytes)?;
    shaped(&state, config.size())?;
    each(&state, |table| answered(table, window), "answers that are not those of its last numbers")?;
    each(&state, |table| waiting(table, window), "held updates that cannot wait")?;
    each(&state, in_use, "neither executed nor held updates")?;
    counted(&state)?;
    Ok(state)
}

/// The state of which `bytes` are the one encoding.
fn canonical(bytes: &[u8]) -> Result<State, String> {
    codec::decode::<State>(bytes)
        .map_err(|error| format!("the tables do not decode: {error}"))
        .and_then(|state| {
            if prime::execute::snapshot(&state) == bytes {
                Ok(state)
            } else {
                Err("the tables are not encoded canonically".into())
            }
        })
}

/// One prefix for each of `n` servers.
fn shaped(state: &State, n: usize) -> Result<(), String> {
    match state.prefix.len() {
        length if length == n => Ok(()),
        length => Err(format!("prefixes of {length} originators where there are {n}")),
    }
}

/// `rule` holds of every client.
fn each(state: &State, rule: impl Fn(&ClientTable) -> bool, broken: &str) -> Result<(), String> {
    state
        .clients
        .iter()
        .find(|(_, table)| !rule(table))
        .map_or(Ok(()), |(ClientId(client), _)| Err(format!("client {client} has {broken}")))
}

/// The answers are those to the last `window` numbers up to `low`, each by the service.
fn answered(table: &ClientTable, window: u64) -> bool {
    let low = table.low.0;
    table
        .replies
        .keys()
        .map(|seq| seq.0)
        .eq((low.saturating_sub(window)..low).map(|below| below + 1))
        && table
            .replies
            .values()
            .all(|outcome| matches!(outcome, Outcome::Done(_)))
}

/// What is held stands under its own number, 2 to `window` above `low`.
fn waiting(table: &ClientTable, window: u64) -> bool {
    table.held.iter().all(|(seq, update)| {
        *seq == update.seq
            && seq
                .0
                .checked_sub(table.low.0)
                .is_some_and(|ahead| (2..=window).contains(&ahead))
    })
}

/// Something is known of the client.
fn in_use(table: &ClientTable) -> bool {
    table.low.0 > 0 || !table.held.is_empty()
}

/// The index is the sum of what all clients executed.
fn counted(state: &State) -> Result<(), String> {
    state
        .clients
        .values()
        .try_fold(0_u64, |sum, table| sum.checked_add(table.low.0))
        .ok_or_else(|| String::from("the executed updates cannot be counted"))
        .and_then(|sum| {
            if sum == state.index {
                Ok(())
            } else {
                Err(format!("index {} where {sum} updates were executed", state.index))
            }
        })
}
