//! Execution: ordered updates reach the service, each once (report, section 4.1, "Global Ordering
//! Phase").
//!
//! Upon a global number being ordered, with every lower one executed and all content at hand,
//! - its new identifiers are taken in order ([`order_of`]), and the updates of each in the order of
//!   its request ([`apply_request`]);
//! - each update is executed, held back, answered again or refused by its client's count
//!   ([`apply_update`]);
//! - then the number counts as executed ([`finish_number`]).
//!
//! Upon a checkpoint or a transfer of state,
//! - everything replicated here becomes bytes ([`snapshot`]) and comes back from them
//!   ([`restore_tables`]).
//!
//! All of [`State`] is replicated: it is equal at all correct servers that executed equally far.
//!
//! # Deviations from the report
//!
//! - The report lets a client have one update under way and does not say what a repeated one does.
//!   Here a client may use `windows.client` numbers from its lowest unanswered one on; each number is
//!   executed once, in the client's order, decided at execution and so alike everywhere. An update that
//!   comes before its predecessor is held back, one too far ahead is refused; other clients do not wait.
//! - Answers are kept, because a lost one is asked for again: those of the last `windows.client`
//!   numbers, so a client within its window is never told that its answer is forgotten.

mod apply_request;
mod apply_update;
mod finish_number;
mod order_of;
mod restore_tables;
mod snapshot;

pub use apply_request::apply_request;
pub use apply_update::apply_update;
pub use finish_number::finish_number;
pub use order_of::order_of;
pub use restore_tables::restore_tables;
pub use snapshot::snapshot;

use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;
use wire::client::Outcome;
use wire::prime::Prime;
use wire::{ClientId, ClientSeq, Config, PoSeq, Seq, Update};

/// The effects of execution are those of Prime.
pub type Effects = wire::Effects<Prime>;

/// What is known of one client.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ClientTable {
    /// All of the client's numbers up to here were executed. Never decreases.
    pub low: ClientSeq,
    /// The answers to the last `windows.client` numbers: keys are those in
    /// `(low - windows.client, low]`, from 1, without a gap.
    pub replies: BTreeMap<ClientSeq, Outcome>,
    /// Updates that wait for `low + 1`; keys in `(low + 1, low + windows.client]`.
    pub held: BTreeMap<ClientSeq, Update>,
}

/// All that execution remembers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct State {
    /// Shape `[n]`, by originator: every (o, s) up to here was executed. Never decreases in any
    /// entry.
    pub prefix: Vec<PoSeq>,
    /// The last global number executed. Never decreases.
    pub executed: Seq,
    /// How many updates were executed: the sum of all `low`. Never decreases.
    pub index: u64,
    /// By client. One entry at most for each enrolled client; only clients of which something was
    /// executed or held back have one.
    pub clients: BTreeMap<ClientId, ClientTable>,
}

impl State {
    /// Nothing executed.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            prefix: vec![PoSeq(0); config.size()],
            executed: Seq(0),
            index: 0,
            clients: BTreeMap::new(),
        }
    }
}
