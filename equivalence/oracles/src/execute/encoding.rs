//! The canonical encoding of execution's state, written out: little-endian numbers, lists and maps
//! with a count of four bytes, variants with a tag of one.

use prime::execute::{ClientTable, State};
use std::collections::BTreeMap;
use wire::client::{MAX_PAYLOAD, Outcome};
use wire::{Blob, ClientId, ClientSeq, PoSeq, Seq, Update};

type Payload = Blob<MAX_PAYLOAD>;

fn put_count(out: &mut Vec<u8>, count: usize) {
    let count = u32::try_from(count).expect("no list here has 2^32 items");
    out.extend(count.to_le_bytes());
}

fn put_payload(out: &mut Vec<u8>, payload: &Payload) {
    put_count(out, payload.len());
    out.extend(payload.iter());
}

fn put_table(out: &mut Vec<u8>, table: &ClientTable) {
    out.extend(table.low.0.to_le_bytes());
    put_count(out, table.replies.len());
    for (seq, outcome) in &table.replies {
        out.extend(seq.0.to_le_bytes());
        match outcome {
            Outcome::Done(answer) => {
                out.push(0);
                put_payload(out, answer);
            }
            Outcome::BeyondWindow => out.push(1),
            Outcome::Forgotten => out.push(2),
        }
    }
    put_count(out, table.held.len());
    for (seq, update) in &table.held {
        out.extend(seq.0.to_le_bytes());
        out.extend(update.seq.0.to_le_bytes());
        put_payload(out, &update.payload);
    }
}

/// `prefix`, `executed`, `index`, and by client `low`, `replies` and `held`.
pub(crate) fn encode(state: &State) -> Vec<u8> {
    let mut out = Vec::new();
    put_count(&mut out, state.prefix.len());
    state.prefix.iter().for_each(|s| out.extend(s.0.to_le_bytes()));
    out.extend(state.executed.0.to_le_bytes());
    out.extend(state.index.to_le_bytes());
    put_count(&mut out, state.clients.len());
    for (client, table) in &state.clients {
        out.extend(client.0.to_le_bytes());
        put_table(&mut out, table);
    }
    out
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn short(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn long(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_le_bytes)
    }

    /// Every item takes a byte at least, so that a false count ends with the bytes.
    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        (0..self.short()?).map(|_| item(self)).collect()
    }

    fn payload(&mut self) -> Option<Payload> {
        let count = usize::try_from(self.short()?).ok().filter(|&count| count <= MAX_PAYLOAD)?;
        let (payload, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Blob::new(payload.to_vec()).ok()
    }

    fn outcome(&mut self) -> Option<Outcome> {
        match self.bytes()? {
            [0] => self.payload().map(Outcome::Done),
            [1] => Some(Outcome::BeyondWindow),
            [2] => Some(Outcome::Forgotten),
            _ => None,
        }
    }

    fn update(&mut self) -> Option<Update> {
        Some(Update { seq: ClientSeq(self.long()?), payload: self.payload()? })
    }

    fn by_number<T>(
        &mut self,
        item: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<BTreeMap<ClientSeq, T>> {
        let items = self.list(|rest| Some((ClientSeq(rest.long()?), item(rest)?)))?;
        Some(items.into_iter().collect())
    }

    fn table(&mut self) -> Option<ClientTable> {
        Some(ClientTable {
            low: ClientSeq(self.long()?),
            replies: self.by_number(Self::outcome)?,
            held: self.by_number(Self::update)?,
        })
    }
}

/// The state of which `bytes` are the encoding, if there is one.
pub(crate) fn decode(bytes: &[u8]) -> Option<State> {
    let mut rest = Rest(bytes);
    let prefix = rest.list(|rest| rest.long().map(PoSeq))?;
    let (executed, index) = (Seq(rest.long()?), rest.long()?);
    let clients = rest.list(|rest| Some((ClientId(rest.short()?), rest.table()?)))?;
    let clients = clients.into_iter().collect();
    let state = State { prefix, executed, index, clients };
    // Maps in another order, a key that comes twice and bytes left over are no encoding.
    (encode(&state) == bytes).then_some(state)
}
