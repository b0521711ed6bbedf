//! Oracles: what each slot must do, and what must hold of each state, written from the contracts
//! and the report alone.
//!
//! No oracle calls a slot. Each says by itself which state and which effects an input calls for,
//! as directly as the definitions put it, and holds an outcome against that. So a fault that the
//! reference shares with every version is found all the same.
//!
//! - One module for each component has one module for each slot, with a function `check`. For a
//!   slot that changes a state it takes the configuration, the state before, the slot's other
//!   arguments in their order, the state after, and the effects if the slot can emit any. For
//!   another slot it takes the slot's arguments and its result.
//! - [`invariants`] says what holds of every state and of every step.

pub mod decode;
mod effects;
pub mod invariants;
pub mod pre_order;

use std::fmt;

/// One way in which an outcome is not what the contract calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The sentence of the contract, or the definition of the report, that is broken, and where.
    pub rule: String,
    /// What it calls for.
    pub expected: String,
    /// What was found.
    pub got: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, got {}", self.rule, self.expected, self.got)
    }
}

impl std::error::Error for Finding {}

/// Holds an answer against the one that a definition gives.
fn answer<T: PartialEq + fmt::Debug>(rule: &str, expected: &T, got: &T) -> Result<(), Finding> {
    if expected == got {
        return Ok(());
    }
    Err(Finding {
        rule: rule.to_string(),
        expected: format!("{expected:?}"),
        got: format!("{got:?}"),
    })
}
