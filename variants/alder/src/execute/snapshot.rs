//! The state as bytes, written by hand: little-endian numbers, `u32` counts before lists.

use prime::execute::State;
use wire::client::Outcome;

/// Tags of `Outcome`'s variants, by position.
const DONE: u8 = 0;
const BEYOND_WINDOW: u8 = 1;
const FORGOTTEN: u8 = 2;

/// Appends a count.
fn count(out: &mut Vec<u8>, items: usize) {
    let mut value = u32::MAX;
    if let Ok(fits) = u32::try_from(items) {
        value = fits;
    }
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends a number.
fn number(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// How many bytes `snapshot` writes.
fn room(state: &State) -> usize {
    let mut sum = 4 + 8 * state.prefix.len() + 8 + 8 + 4;
    for (_, table) in &state.clients {
        sum += 4 + 8 + 4 + 4;
        for (_, outcome) in &table.replies {
            sum += 8 + 1;
            if let Outcome::Done(answer) = outcome {
                sum += 4 + answer.len();
            }
        }
        for (_, update) in &table.held {
            sum += 8 + 8 + 4 + update.payload.len();
        }
    }
    sum
}

/// The canonical encoding of `state`.
pub fn snapshot(state: &State) -> Vec<u8> {
    let mut out = Vec::with_capacity(room(state));
    count(&mut out, state.prefix.len());
    for entry in &state.prefix {
        number(&mut out, entry.0);
    }
    number(&mut out, state.executed.0);
    number(&mut out, state.index);
    count(&mut out, state.clients.len());
    for (client, table) in &state.clients {
        out.extend_from_slice(&client.0.to_le_bytes());
        number(&mut out, table.low.0);
        count(&mut out, table.replies.len());
        for (seq, outcome) in &table.replies {
            number(&mut out, seq.0);
            match outcome {
                Outcome::Done(answer) => {
                    out.push(DONE);
                    count(&mut out, answer.len());
                    out.extend_from_slice(answer);
                }
                Outcome::BeyondWindow => out.push(BEYOND_WINDOW),
                Outcome::Forgotten => out.push(FORGOTTEN),
            }
        }
        count(&mut out, table.held.len());
        for (seq, update) in &table.held {
            number(&mut out, seq.0);
            number(&mut out, update.seq.0);
            count(&mut out, update.payload.len());
            out.extend_from_slice(&update.payload);
        }
    }
    out
}
