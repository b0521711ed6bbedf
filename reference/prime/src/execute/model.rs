//! The abstract state of execution: what contracts, oracles and recorded inputs speak of.
//!
//! It stays when another version takes the component's place. The reference works on it as it is.

use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;
use wire::client::Outcome;
use wire::prime::Prime;
use wire::{ClientId, ClientSeq, PoSeq, Seq, Update};

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
