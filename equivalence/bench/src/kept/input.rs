//! A whole input.

use super::{Kept, Misfit, field, only};
use crate::rng::Rng;
use crate::tree::{Hand, Pools};
use serde_json::{Value, json};
use wire::{Config, Digest};

const FIELDS: [&str; 5] = ["slot", "config", "state", "args", "sure"];

/// The parts of an input.
#[derive(Debug)]
pub(crate) struct Parts<S, A> {
    pub(crate) config: Config,
    pub(crate) state: S,
    pub(crate) args: A,
    pub(crate) sure: bool,
}

/// Writes an input of `slot` down.
pub(crate) fn write<S: Kept, A: Kept>(
    slot: &str,
    config: &Config,
    (state, args): (&S, &A),
    sure: bool,
) -> Value {
    json!({
        "slot": slot,
        "config": config.keep(),
        "state": state.keep(),
        "args": args.keep(),
        "sure": sure,
    })
}

/// Has an input again.
///
/// # Errors
/// Where it does not fit the types as they are now.
pub(crate) fn read<S: Kept, A: Kept>(value: &Value) -> Result<Parts<S, A>, Misfit> {
    only(value, &FIELDS)?;
    let pools = Pools::default();
    let nobody = Config::new(Digest::default(), 4, 1, 0);
    let config: Config = field(value, "config", &Hand::new(&nobody, &pools, Rng::of(&[])))?;
    config.check().map_err(|error| Misfit::new(error).at("config"))?;
    let hand = Hand::new(&config, &pools, Rng::of(&[]));
    let (state, args) = (field(value, "state", &hand)?, field(value, "args", &hand)?);
    let sure = field(value, "sure", &hand)?;
    Ok(Parts { config, state, args, sure })
}
