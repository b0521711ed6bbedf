//! Work that several machines, or several sittings, share.

use std::fmt::{self, Display};
use std::str::FromStr;

/// One of several parts of some work, written I/N.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    /// From 1.
    part: usize,
    parts: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/');
        let numbers = numbers.and_then(|(one, all)| Some((one.parse().ok()?, all.parse().ok()?)));
        match numbers {
            Some((part, parts)) if (1..=parts).contains(&part) => Ok(Self { part, parts }),
            _ => Err("this is no part I of N parts: write I/N, with I from 1 to N".to_owned()),
        }
    }
}

impl Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.part, self.parts)
    }
}

impl Shard {
    /// Its share: as much as every other part's, or one more, and next to each other, so that little
    /// of what belongs together is in two.
    pub(crate) fn of<T>(self, all: Vec<T>) -> Vec<T> {
        let bound = |part: usize| all.len() * part / self.parts;
        let (from, to) = (bound(self.part - 1), bound(self.part));
        all.into_iter().take(to).skip(from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_together_are_everything_once() {
        for parts in 1..9 {
            let part = |part| Shard { part, parts }.of((0..7).collect());
            let together: Vec<i32> = (1..=parts).flat_map(part).collect();
            assert_eq!(together, [0, 1, 2, 3, 4, 5, 6], "{parts} parts");
        }
        assert_eq!("2/3".parse(), Ok(Shard { part: 2, parts: 3 }));
        for wrong in ["0/3", "4/3", "1", "x/3", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
