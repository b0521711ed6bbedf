//! The state as a run of tokens, drawn up twice: once to be measured, once to be written.

use prime::execute::{ClientTable, State};
use wire::client::Outcome;

/// The pieces that every encoding here consists of.
enum Token<'a> {
    /// A variant's position.
    Tag(u8),
    /// A count or a client.
    Short(u32),
    /// A number.
    Long(u64),
    /// Bytes as they are, after their count.
    Bytes(&'a [u8]),
}

/// A length as it is written; lengths here fit, by far.
fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The tokens of one client's table.
fn table(table: &ClientTable, sink: &mut impl FnMut(Token<'_>)) {
    sink(Token::Long(table.low.0));
    sink(Token::Short(count(table.replies.len())));
    for (seq, outcome) in &table.replies {
        sink(Token::Long(seq.0));
        match outcome {
            Outcome::Done(answer) => {
                sink(Token::Tag(0));
                sink(Token::Bytes(answer));
            }
            Outcome::BeyondWindow => sink(Token::Tag(1)),
            Outcome::Forgotten => sink(Token::Tag(2)),
        }
    }
    sink(Token::Short(count(table.held.len())));
    for (seq, update) in &table.held {
        sink(Token::Long(seq.0));
        sink(Token::Long(update.seq.0));
        sink(Token::Bytes(&update.payload));
    }
}

/// The tokens of the state.
fn tokens(state: &State, sink: &mut impl FnMut(Token<'_>)) {
    sink(Token::Short(count(state.prefix.len())));
    for entry in &state.prefix {
        sink(Token::Long(entry.0));
    }
    sink(Token::Long(state.executed.0));
    sink(Token::Long(state.index));
    sink(Token::Short(count(state.clients.len())));
    for (client, entry) in &state.clients {
        sink(Token::Short(client.0));
        table(entry, sink);
    }
}

/// Returns the canonical encoding of the whole state.
pub fn snapshot(state: &State) -> Vec<u8> {
    let mut length = 0;
    tokens(state, &mut |token| {
        length += match token {
            Token::Tag(_) => 1,
            Token::Short(_) => 4,
            Token::Long(_) => 8,
            Token::Bytes(bytes) => 4 + bytes.len(),
        };
    });
    let mut out = Vec::with_capacity(length);
    tokens(state, &mut |token| match token {
        Token::Tag(tag) => out.push(tag),
        Token::Short(number) => out.extend_from_slice(&number.to_le_bytes()),
        Token::Long(number) => out.extend_from_slice(&number.to_le_bytes()),
        Token::Bytes(bytes) => {
            out.extend_from_slice(&count(bytes.len()).to_le_bytes());
            out.extend_from_slice(bytes);
        }
    });
    out
}
