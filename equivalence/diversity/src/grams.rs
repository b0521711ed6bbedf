//! How alike two streams of instructions are: by the runs of five operations in them.
//!
//! An operation is what an instruction does (`mov`, `add`, `jne`), without what it does it to: registers,
//! constants and addresses, which the linker decides, make no difference.

use std::collections::BTreeMap;

/// Operations in a run.
const RUN: usize = 5;

/// How often each run of five operations comes up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grams(BTreeMap<[u16; RUN], u64>);

impl Grams {
    /// Those of one stream. A stream that is shorter than a run is one run by itself.
    pub(crate) fn of(operations: &[u16]) -> Self {
        let mut grams = Self::default();
        grams.add(operations);
        grams
    }

    /// Adds those of another stream.
    pub(crate) fn add(&mut self, operations: &[u16]) {
        if (1..RUN).contains(&operations.len()) {
            let mut run = [u16::MAX; RUN];
            run[..operations.len()].copy_from_slice(operations);
            *self.0.entry(run).or_default() += 1;
        }
        for run in operations.windows(RUN) {
            let run = run.try_into().expect("windows are as long as they were asked for");
            *self.0.entry(run).or_default() += 1;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of the different runs in both together are not in both (Jaccard): 0 to 1.
    pub(crate) fn set_distance(&self, other: &Self) -> f64 {
        let common = self.0.keys().filter(|run| other.0.contains_key(*run)).count();
        let all = self.0.len() + other.0.len() - common;
        if all == 0 { 0.0 } else { 1.0 - common as f64 / all as f64 }
    }

    /// The same where it counts how often each comes up.
    pub(crate) fn distance(&self, other: &Self) -> f64 {
        let of = |run| other.0.get(run).copied().unwrap_or(0);
        let common: u64 = self.0.iter().map(|(run, count)| of(run).min(*count)).sum();
        let both: u64 = self.0.values().chain(other.0.values()).sum();
        let all = both - common;
        if all == 0 { 0.0 } else { 1.0 - common as f64 / all as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::Grams;

    #[test]
    fn equal_streams_are_not_apart_and_strange_ones_all_the_way() {
        let one = Grams::of(&[1, 2, 3, 4, 5, 6, 7]);
        let strange = Grams::of(&[7, 6, 5, 4, 3, 2, 1]);
        assert_eq!((one.set_distance(&one), one.distance(&one)), (0.0, 0.0));
        assert_eq!((one.set_distance(&strange), one.distance(&strange)), (1.0, 1.0));
        let (none, short) = (Grams::of(&[]), Grams::of(&[1, 2]));
        assert!(none.is_empty() && !short.is_empty());
        assert_eq!((none.set_distance(&none), none.set_distance(&short)), (0.0, 1.0));
    }

    #[test]
    fn how_often_a_run_comes_up_counts_for_what_was_executed_alone() {
        let round = [1, 2, 3, 4, 5];
        let (once, often) = (Grams::of(&round), Grams::of(&round.repeat(4)));
        assert_eq!(once.set_distance(&often), 0.8);
        let (more, most) = (Grams::of(&round.repeat(10)), Grams::of(&round.repeat(20)));
        assert_eq!(more.set_distance(&most), 0.0);
        assert!((more.distance(&most) - 0.5).abs() < 0.03);
    }
}
