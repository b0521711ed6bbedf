//! The replicated state back from bytes.

use crate::execute::{ClientTable, State};
use slots::slot;
use wire::client::Outcome;
use wire::{ClientSeq, Config, codec};

/// Returns the state that `bytes` encode, if it is one that execution can be in.
///
/// The bytes may come from anybody. An error, a sentence for people, unless all of these hold:
/// - they are exactly what [`snapshot`](super::snapshot) gives for the state (one encoding for one
///   state, nothing left over);
/// - `prefix` has N entries;
/// - each client's `replies` have exactly the numbers in `(low - windows.client, low]`, from 1, and
///   every answer is `Done`;
/// - each client's `held` updates stand under their own numbers, all in
///   `(low + 1, low + windows.client]` (an upper end that does not fit is the highest number, as in
///   [`apply_update`](super::apply_update));
/// - no client has neither executed nor held updates;
/// - `index` is the sum of all `low`, which fits.
///
/// That the state is the *right* one is for whoever vouched for the bytes to say.
///
/// # Errors
/// A sentence that says which of these failed, the first in this order; the wording is free.
///
/// Paper: none; the report has no checkpoints. Deviation: none.
///
/// Invariant: what it returns, encoded, is `bytes` again; bytes that differ from that in anything
/// are an error and never a panic.
#[slot(execute.restore_tables)]
pub fn restore_tables(config: &Config, bytes: &[u8]) -> Result<State, String> {
    let state: State = codec::decode(bytes).map_err(|error| error.to_string())?;
    if codec::encode_long(&state) != bytes {
        return Err("the encoding of the client tables is not canonical".to_owned());
    }
    if state.prefix.len() != config.size() {
        return Err(format!("{} prefixes for {} replicas", state.prefix.len(), config.n));
    }
    for (client, table) in &state.clients {
        check(config, table).map_err(|error| format!("client {client}: {error}"))?;
    }
    let sum = state.clients.values().try_fold(0u64, |sum, table| sum.checked_add(table.low.0));
    if sum != Some(state.index) {
        return Err(format!("{} updates executed, but the clients' do not add up", state.index));
    }
    Ok(state)
}

fn check(config: &Config, table: &ClientTable) -> Result<(), String> {
    let (low, window) = (table.low.0, config.windows.client);
    let kept = (low.saturating_sub(window) + 1..=low).map(ClientSeq);
    if !table.replies.keys().copied().eq(kept) {
        return Err("answers are missing or too many".to_owned());
    }
    if !table.replies.values().all(|answer| matches!(answer, Outcome::Done(_))) {
        return Err("an answer is none that execution gives".to_owned());
    }
    let in_window =
        |seq: u64| low.checked_add(1).is_some_and(|next| next < seq) && seq - low <= window;
    if !table.held.iter().all(|(seq, update)| *seq == update.seq && in_window(seq.0)) {
        return Err("a held update is out of place".to_owned());
    }
    if low == 0 && table.held.is_empty() {
        return Err("nothing is known of it".to_owned());
    }
    Ok(())
}
