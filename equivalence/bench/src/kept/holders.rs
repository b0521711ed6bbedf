//! What holds other values: options, boxes, tuples, sequences, sets and maps.

use super::{Kept, Misfit, exactly, items};
use crate::tree::Hand;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use wire::List;

/// `null`, or an array with the one thing that there is.
impl<T: Kept> Kept for Option<T> {
    fn keep(&self) -> Value {
        self.as_ref().map_or(Value::Null, |held| json!([held.keep()]))
    }

    fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
        if value.is_null() {
            return Ok(None);
        }
        T::had(&exactly(value, 1)?[0], hand).map(Some)
    }
}

impl<T: Kept> Kept for Box<T> {
    fn keep(&self) -> Value {
        (**self).keep()
    }

    fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
        T::had(value, hand).map(Self::new)
    }
}

/// All items of an array.
fn all<T: Kept, C: FromIterator<T>>(value: &Value, hand: &Hand<'_>) -> Result<C, Misfit> {
    let had = |(at, item)| T::had(item, hand).map_err(|misfit| misfit.at(at));
    items(value)?.iter().enumerate().map(had).collect()
}

macro_rules! sequences {
    ($([$($bound:tt)*] $type:ty;)*) => { $(
        impl<T: Kept $($bound)*> Kept for $type {
            fn keep(&self) -> Value {
                self.iter().map(Kept::keep).collect()
            }

            fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
                all(value, hand)
            }
        }
    )* };
}

sequences! {
    [] Vec<T>;
    [] VecDeque<T>;
    [+ Ord] BTreeSet<T>;
}

impl<T: Kept, const MAX: usize> Kept for List<T, MAX> {
    fn keep(&self) -> Value {
        self.iter().map(Kept::keep).collect()
    }

    fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
        Self::new(all(value, hand)?).map_err(Misfit::new)
    }
}

/// Pairs of key and value.
impl<K: Kept + Ord, V: Kept> Kept for BTreeMap<K, V> {
    fn keep(&self) -> Value {
        self.iter().map(|(key, value)| json!([key.keep(), value.keep()])).collect()
    }

    fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
        all::<(K, V), Self>(value, hand)
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),*) $count:literal;)*) => { $(
        impl<$($name: Kept),*> Kept for ($($name,)*) {
            fn keep(&self) -> Value {
                Value::Array(vec![$(self.$index.keep()),*])
            }

            fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
                let items = exactly(value, $count)?;
                let _ = (items, hand);
                Ok(($($name::had(&items[$index], hand).map_err(|misfit| misfit.at($index))?,)*))
            }
        }
    )* };
}

tuples! {
    () 0;
    (A 0) 1;
    (A 0, B 1) 2;
    (A 0, B 1, C 2) 3;
    (A 0, B 1, C 2, D 3) 4;
    (A 0, B 1, C 2, D 3, E 4) 5;
    (A 0, B 1, C 2, D 3, E 4, F 5) 6;
}
