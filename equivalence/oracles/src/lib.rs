//! Oracles: what each slot must do, and what must hold of each state, written from the contracts
//! and the report alone.
//!
//! No oracle calls a slot. Each says by itself which state and which effects an input calls for,
//! as directly as the definitions put it, and holds an outcome against that. So a fault that the
//! reference shares with every version is found all the same.
//!
//! # Conventions
//!
//! One module for each component has one module for each slot, with a function `check`: the oracle
//! of `component.slot` is `oracles::component::slot::check`. The bench calls it as soon as the
//! slot's line in its table (`equivalence/bench/src/slots/`) says `oracle` in place of `none`; the
//! compiler then holds the two signatures together. What `check` takes, in this order:
//!
//! - *a slot that changes a state*: `config: &Config` (even if the slot takes none), `before:
//!   &State`, the slot's other arguments as the slot takes them and in its order (a service that
//!   the slot calls is left out), `after: &State`, and then, if the slot can emit any, `effects:
//!   &[Effect<Prime>]`; and last, if it returns something, `got: &Output`;
//! - *any other slot*: the slot's arguments as the slot takes them and in its order, and `got:
//!   &Output`.
//!
//! It returns the first [`Finding`]. Write it from the contract (the slot's doc comment), the
//! documentation of the state's fields, and the report: as sets and quantifiers, not as the
//! reference goes about it. Sources here import types of `prime`, and nothing else of it
//! (`tests/independence.rs`). A state's methods, too, are what is judged: say again what they say.
//!
//! A contract that can be read in two ways is mended, not guessed at. Where it says `Requires:`, its
//! oracle need not judge what breaks that.
//!
//! `broadcast/on_rb_echo.rs` is the example to start from:
//!
//! - `Expected` starts as "nothing happens". `since` names the sentence that decides,
//!   `state` is changed to what the contract calls for, `promise`, `send`, `hold`, `relay` and
//!   `reject` say what must be emitted, and `judge` holds the outcome against all that: effects in
//!   order (`Order::Fixed`, where the contract gives one) or as a multiset, the
//!   state by `==`, the first field that differs named. What `==` passes over (the body of a
//!   `Content`, the bytes of a `Snapshot`, what proves a `Replay`) is compared by hand.
//! - What several oracles of a component need stands in its `definitions.rs`.
//! - Its tests (`kit` has a cluster of four, signatures and effects) show an outcome that is right,
//!   and that each way of being wrong trips it, at its place.
//!
//! [`invariants`] says what holds of every state of pre-ordering and of every step.

pub mod broadcast;
pub mod catch_up;
pub mod checkpoint;
pub mod decode;
mod difference;
mod effects;
pub mod execute;
mod expected;
pub mod invariants;
#[cfg(test)]
mod kit;
pub mod order;
pub mod pre_order;
pub mod recon;
pub mod suspect;
pub mod view_change;

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
