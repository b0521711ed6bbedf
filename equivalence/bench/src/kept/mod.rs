//! Inputs written down: state, arguments and configuration, field by field, as JSON.
//!
//! A seed and a position mean another input as soon as what makes inputs changes. What is to be met
//! again for years (the input of a ruling, the corpus of a slot) is therefore kept itself. Fields go
//! by their names, so that a kept input can be read, and mended by hand when a field is added.

mod cluster;
mod holders;
mod input;
mod leaves;
mod macros;
mod signed;

pub(crate) use input::{Parts, read, write};
pub(crate) use macros::{enumeration, structure};

use crate::tree::Hand;
use serde_json::Value;
use std::fmt;

/// A value that can be written down and had again.
pub(crate) trait Kept: Sized {
    /// Writes it down.
    fn keep(&self) -> Value;

    /// Has it again. `hand` signs what is signed.
    ///
    /// # Errors
    /// Where the text does not fit the type.
    fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit>;
}

/// Where something that was kept does not fit any more, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// From the inside out.
    path: Vec<String>,
    why: String,
}

impl Misfit {
    pub(crate) fn new(why: impl fmt::Display) -> Self {
        Self { path: Vec::new(), why: why.to_string() }
    }

    /// The same, seen from outside.
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.path.push(place.to_string());
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path: Vec<&str> = self.path.iter().rev().map(String::as_str).collect();
        let path = if path.is_empty() { String::from("input") } else { path.join(".") };
        write!(f, "{path}: {}", self.why)
    }
}

/// The items of an array.
fn items(value: &Value) -> Result<&[Value], Misfit> {
    let items = value.as_array().ok_or_else(|| Misfit::new("this must be an array"))?;
    Ok(items)
}

/// The items of an array that must have `count` of them.
pub(crate) fn exactly(value: &Value, count: usize) -> Result<&[Value], Misfit> {
    let items = items(value)?;
    if items.len() == count {
        return Ok(items);
    }
    Err(Misfit::new(format!("{} items where {count} belong", items.len())))
}

/// The field `name` of an object.
pub(crate) fn field<T: Kept>(value: &Value, name: &str, hand: &Hand<'_>) -> Result<T, Misfit> {
    let field = value.get(name).ok_or_else(|| Misfit::new("this field is missing").at(name))?;
    T::had(field, hand).map_err(|misfit| misfit.at(name))
}

/// Refuses what is no object, and fields that are not in `names`.
pub(crate) fn only(value: &Value, names: &[&str]) -> Result<(), Misfit> {
    let object = value.as_object().ok_or_else(|| Misfit::new("this must be an object"))?;
    match object.keys().find(|key| !names.contains(&key.as_str())) {
        Some(key) => Err(Misfit::new("there is no such field any more").at(key)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
