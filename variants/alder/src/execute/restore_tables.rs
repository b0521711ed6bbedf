//! The state from bytes of anybody: read by a cursor that takes one encoding only, then held
//! against each condition in turn.

use std::collections::BTreeMap;

use prime::execute::{ClientTable, State};
use wire::client::{MAX_PAYLOAD, Outcome};
use wire::{Blob, ClientId, ClientSeq, Config, PoSeq, Seq, Update};

/// Bytes, and how many of them were read.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The next `len` bytes.
fn slice<'a>(cursor: &mut Cursor<'a>, len: usize) -> Result<&'a [u8], String> {
    let Some(end) = cursor.at.checked_add(len) else {
        return Err(String::from("the encoding is not canonical: a length does not fit"));
    };
    let Some(part) = cursor.bytes.get(cursor.at..end) else {
        return Err(String::from("the encoding is not canonical: it ends too early"));
    };
    cursor.at = end;
    Ok(part)
}

fn byte(cursor: &mut Cursor<'_>) -> Result<u8, String> {
    let mut value = 0;
    for b in slice(cursor, 1)? {
        value = *b;
    }
    Ok(value)
}

fn short(cursor: &mut Cursor<'_>) -> Result<u32, String> {
    let mut array = [0_u8; 4];
    array.copy_from_slice(slice(cursor, 4)?);
    Ok(u32::from_le_bytes(array))
}

fn long(cursor: &mut Cursor<'_>) -> Result<u64, String> {
    let mut array = [0_u8; 8];
    array.copy_from_slice(slice(cursor, 8)?);
    Ok(u64::from_le_bytes(array))
}

fn blob(cursor: &mut Cursor<'_>) -> Result<Blob<MAX_PAYLOAD>, String> {
    let len = short(cursor)?;
    let Ok(len) = usize::try_from(len) else {
        return Err(String::from("the encoding is not canonical: a length does not fit"));
    };
    if len > MAX_PAYLOAD {
        return Err(String::from("the encoding is not canonical: a payload is too long"));
    }
    let part = slice(cursor, len)?;
    let Ok(blob) = Blob::new(part.to_vec()) else {
        return Err(String::from("the encoding is not canonical: a payload is too long"));
    };
    Ok(blob)
}

/// An error unless `key` is above all before it.
fn ascend(last: &mut Option<u64>, key: u64) -> Result<(), String> {
    if let Some(before) = *last
        && key <= before
    {
        return Err(String::from("the encoding is not canonical: keys do not ascend"));
    }
    *last = Some(key);
    Ok(())
}

fn table(cursor: &mut Cursor<'_>) -> Result<ClientTable, String> {
    let low = ClientSeq(long(cursor)?);

    let mut replies = Vec::new();
    let mut last = None;
    let count = short(cursor)?;
    let mut done = 0_u32;
    while done < count {
        let key = long(cursor)?;
        ascend(&mut last, key)?;
        let outcome = match byte(cursor)? {
            0 => Outcome::Done(blob(cursor)?),
            1 => Outcome::BeyondWindow,
            2 => Outcome::Forgotten,
            _ => return Err(String::from("the encoding is not canonical: an unknown outcome")),
        };
        replies.push((ClientSeq(key), outcome));
        done += 1;
    }

    let mut held = Vec::new();
    last = None;
    let count = short(cursor)?;
    done = 0;
    while done < count {
        let key = long(cursor)?;
        ascend(&mut last, key)?;
        let seq = ClientSeq(long(cursor)?);
        let payload = blob(cursor)?;
        held.push((ClientSeq(key), Update { seq, payload }));
        done += 1;
    }

    Ok(ClientTable { low, replies: BTreeMap::from_iter(replies), held: BTreeMap::from_iter(held) })
}

/// The state that the bytes encode, whether or not execution can be in it.
fn parse(bytes: &[u8]) -> Result<State, String> {
    let mut cursor = Cursor { bytes, at: 0 };

    let mut prefix = Vec::new();
    let count = short(&mut cursor)?;
    let mut done = 0_u32;
    while done < count {
        prefix.push(PoSeq(long(&mut cursor)?));
        done += 1;
    }
    let executed = Seq(long(&mut cursor)?);
    let index = long(&mut cursor)?;

    let mut clients = Vec::new();
    let mut last = None;
    let count = short(&mut cursor)?;
    done = 0;
    while done < count {
        let key = short(&mut cursor)?;
        ascend(&mut last, u64::from(key))?;
        clients.push((ClientId(key), table(&mut cursor)?));
        done += 1;
    }
    if cursor.at != bytes.len() {
        return Err(String::from("the encoding is not canonical: bytes are left over"));
    }
    Ok(State { prefix, executed, index, clients: BTreeMap::from_iter(clients) })
}

/// Whether the replies are exactly those of the last `window` numbers, each done.
fn replies_fit(table: &ClientTable, window: u64) -> bool {
    let low = table.low.0;
    let mut below = low.saturating_sub(window);
    for (seq, outcome) in &table.replies {
        if below == low || seq.0 != below + 1 || !matches!(outcome, Outcome::Done(_)) {
            return false;
        }
        below += 1;
    }
    below == low
}

/// Whether every held update stands under its number and within the window.
fn held_fit(table: &ClientTable, window: u64) -> bool {
    let next = table.low.0.saturating_add(1);
    let top = table.low.0.saturating_add(window);
    for (seq, update) in &table.held {
        if *seq != update.seq || seq.0 <= next || seq.0 > top {
            return false;
        }
    }
    true
}

/// The state that `bytes` encode, if it is one that execution can be in.
pub fn restore_tables(config: &Config, bytes: &[u8]) -> Result<State, String> {
    let window = config.windows.client;
    let state = parse(bytes)?;
    if state.prefix.len() != config.size() {
        return Err(format!(
            "the prefix has {} entries where there are {} replicas",
            state.prefix.len(),
            config.size()
        ));
    }
    for (client, table) in &state.clients {
        if !replies_fit(table, window) {
            return Err(format!("the replies of {client} are not those of its last numbers"));
        }
    }
    for (client, table) in &state.clients {
        if !held_fit(table, window) {
            return Err(format!("an update held of {client} stands where it may not"));
        }
    }
    for (client, table) in &state.clients {
        if table.low.0 == 0 && table.held.is_empty() {
            return Err(format!("{client} has a table without having executed or held updates"));
        }
    }
    let mut sum = 0_u64;
    for (_, table) in &state.clients {
        let Some(more) = sum.checked_add(table.low.0) else {
            return Err(String::from("the executed numbers' sum does not fit"));
        };
        sum = more;
    }
    if sum != state.index {
        return Err(format!("the index is {} where {sum} updates were executed", state.index));
    }
    Ok(state)
}
