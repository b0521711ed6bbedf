//! A reader made of small parts that takes only canonical bytes, and a table of rules for the result.

use prime::execute::{ClientTable, State};
use std::collections::BTreeMap;
use wire::client::{MAX_PAYLOAD, Outcome};
use wire::{Blob, ClientId, ClientSeq, Config, PoSeq, Seq, Update};

/// What is left of the bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, length: usize) -> Result<&'a [u8], String> {
        let (head, rest) = self.0.split_at_checked(length).ok_or("the bytes end too early")?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], String> {
        let (head, rest) = self.0.split_first_chunk().ok_or("the bytes end too early")?;
        self.0 = rest;
        Ok(*head)
    }

    fn tag(&mut self) -> Result<u8, String> {
        self.array::<1>().map(|[tag]| tag)
    }

    fn short(&mut self) -> Result<u32, String> {
        self.array().map(u32::from_le_bytes)
    }

    fn long(&mut self) -> Result<u64, String> {
        self.array().map(u64::from_le_bytes)
    }

    fn count(&mut self) -> Result<usize, String> {
        self.short().map(|count| usize::try_from(count).unwrap_or(usize::MAX))
    }

    fn blob(&mut self) -> Result<Blob<MAX_PAYLOAD>, String> {
        let length = self.count()?;
        if length > MAX_PAYLOAD {
            return Err(format!("{length} bytes where {MAX_PAYLOAD} are allowed"));
        }
        let bytes = self.bytes(length)?;
        Blob::new(bytes.to_vec()).map_err(|_| "too many bytes".into())
    }

    /// As many items as the count in front says.
    fn list<T>(
        &mut self,
        item: impl Fn(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let count = self.count()?;
        let mut items = Vec::new();
        while items.len() < count {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// A map: keys strictly ascending.
    fn map<K: Ord, V>(
        &mut self,
        key: impl Fn(&mut Self) -> Result<K, String>,
        value: impl Fn(&mut Self) -> Result<V, String>,
    ) -> Result<BTreeMap<K, V>, String> {
        let pairs = self.list(|reader| Ok((key(reader)?, value(reader)?)))?;
        if pairs.is_sorted_by(|(a, _), (b, _)| a < b) {
            Ok(pairs.into_iter().collect())
        } else {
            Err("keys that do not ascend".into())
        }
    }

    fn number(&mut self) -> Result<ClientSeq, String> {
        self.long().map(ClientSeq)
    }

    fn outcome(&mut self) -> Result<Outcome, String> {
        match self.tag()? {
            0 => self.blob().map(Outcome::Done),
            1 => Ok(Outcome::BeyondWindow),
            2 => Ok(Outcome::Forgotten),
            tag => Err(format!("no outcome is written as {tag}")),
        }
    }

    fn update(&mut self) -> Result<Update, String> {
        Ok(Update { seq: self.number()?, payload: self.blob()? })
    }

    fn table(&mut self) -> Result<ClientTable, String> {
        Ok(ClientTable {
            low: self.number()?,
            replies: self.map(Self::number, Self::outcome)?,
            held: self.map(Self::number, Self::update)?,
        })
    }

    fn state(&mut self) -> Result<State, String> {
        Ok(State {
            prefix: self.list(|reader| reader.long().map(PoSeq))?,
            executed: Seq(self.long()?),
            index: self.long()?,
            clients: self
                .map(|reader| reader.short().map(ClientId), Self::table)?,
        })
    }
}

/// A rule of a client's table, given the window.
type TableRule<'a> = (fn(&ClientTable, u64) -> bool, &'a str);

/// What every client's table keeps to.
const TABLE_RULES: [TableRule<'_>; 6] = [
    (|table, _| table.low.0 > 0 || !table.held.is_empty(), "a table of a client without updates"),
    (
        |table, window| u64::try_from(table.replies.len()) == Ok(table.low.0.min(window)),
        "not as many replies as there must be",
    ),
    (
        |table, window| {
            // As many as must be, all different: without a gap exactly if the ends are right.
            let first = table.low.0.saturating_sub(window).saturating_add(1);
            table.replies.first_key_value().is_none_or(|(seq, _)| seq.0 == first)
                && table.replies.last_key_value().is_none_or(|(seq, _)| *seq == table.low)
        },
        "replies to other numbers than the last",
    ),
    (
        |table, _| table.replies.values().all(|outcome| matches!(outcome, Outcome::Done(_))),
        "a reply that no execution gave",
    ),
    (
        |table, window| {
            table.held.keys().all(|seq| {
                let ahead = seq.0.saturating_sub(table.low.0);
                ahead > 1 && ahead <= window
            })
        },
        "an update held that the window does not allow",
    ),
    (
        |table, _| table.held.iter().all(|(seq, update)| *seq == update.seq),
        "an update held under another's number",
    ),
];

/// A rule of the whole state.
type StateRule<'a> = (fn(&State, &Config) -> bool, &'a str);

/// What every state keeps to.
const STATE_RULES: [StateRule<'_>; 2] = [
    (|state, config| state.prefix.len() == config.size(), "a prefix of another shape"),
    (
        |state, _| {
            let sum = state
                .clients
                .values()
                .try_fold(0_u64, |sum, table| sum.checked_add(table.low.0));
            sum == Some(state.index)
        },
        "an index that is not the sum of the clients' numbers",
    ),
];

/// The first rule that is broken.
fn broken(config: &Config, state: &State) -> Option<String> {
    let window = config.windows.client;
    STATE_RULES
        .iter()
        .find_map(|(holds, name)| (!holds(state, config)).then(|| String::from(*name)))
        .or_else(|| {
            state.clients.values().find_map(|table| {
                TABLE_RULES
                    .iter()
                    .find_map(|(holds, name)| (!holds(table, window)).then(|| String::from(*name)))
            })
        })
}

/// Returns the state that `bytes` encode, if it is one that execution can be in.
pub fn restore_tables(config: &Config, bytes: &[u8]) -> Result<State, String> {
    let mut reader = Reader(bytes);
    let state = reader.state()?;
    if !reader.0.is_empty() {
        return Err(format!("{} bytes left over", reader.0.len()));
    }
    match broken(config, &state) {
        Some(rule) => Err(rule),
        None => Ok(state),
    }
}
