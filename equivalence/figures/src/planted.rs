//! Joint failure of versions that carry a small fault each, by where such faults show.

use crate::joint::{Estimate, percentile, resampled};
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};

/// One slot of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carriers {
    /// How many inputs all were run on, from 0.
    pub inputs: u64,
    /// For each replica, the mutants of its version: the inputs on which each failed.
    pub members: Vec<Vec<BTreeSet<u64>>>,
}

/// What comes of a fault in every replica.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planted {
    /// The chance that more than so many replicas fail on a random input of a random slot, each
    /// replica's version of the slot replaced by one of its mutants at random, on its own.
    pub more: Estimate,
    /// The same, were each replica's failures spread over all inputs evenly.
    pub independent: f64,
}

/// Figures over slots, each of which has mutants for every replica and at least one input; `None`
/// for no slot. The interval is the percentile interval of a bootstrap over inputs.
#[must_use]
pub fn planted(slots: &[Carriers], tolerate: usize, seed: u64, samples: u32) -> Option<Planted> {
    let inputs: u64 = slots.iter().map(|slot| slot.inputs).sum();
    if inputs == 0 || samples == 0 {
        return None;
    }
    let mut groups: Vec<(u64, f64)> = Vec::new();
    let mut independent = 0.0;
    for slot in slots {
        let alike = alike(slot);
        let chance = |counts: &Vec<usize>| {
            let shares = counts.iter().zip(&slot.members);
            let shares = shares.map(|(count, mutants)| share(*count as f64, mutants.len()));
            more_than(tolerate, &shares.collect::<Vec<_>>())
        };
        let harmful = alike.iter().map(|(counts, inputs)| (*inputs, chance(counts)));
        groups.extend(harmful.filter(|(_, chance)| *chance > 0.0));
        let mean = |mutants: &Vec<BTreeSet<u64>>| {
            let failures: usize = mutants.iter().map(BTreeSet::len).sum();
            share(failures as f64 / slot.inputs as f64, mutants.len())
        };
        let means: Vec<f64> = slot.members.iter().map(mean).collect();
        independent += more_than(tolerate, &means) * slot.inputs as f64 / inputs as f64;
    }
    let mean = |counts: &[u64]| {
        let sum: f64 =
            counts.iter().zip(&groups).map(|(count, (_, chance))| *count as f64 * chance).sum();
        sum / inputs as f64
    };
    let counts: Vec<u64> = groups.iter().map(|(count, _)| *count).collect();
    let estimate = mean(&counts);
    if groups.is_empty() {
        let high = (3.0 / inputs as f64).min(1.0);
        let more = Estimate { estimate, low: 0.0, high, nothing_seen: true };
        return Some(Planted { more, independent });
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut means: Vec<f64> =
        (0..samples).map(|_| mean(&resampled(&counts, inputs, &mut random))).collect();
    means.sort_by(f64::total_cmp);
    let (low, high) = (percentile(&means, 25), percentile(&means, 975));
    Some(Planted { more: Estimate { estimate, low, high, nothing_seen: false }, independent })
}

fn share(part: f64, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part / of as f64 }
}

/// How many inputs there are on which equally many mutants of each replica fail; those on which
/// none does are left out.
fn alike(slot: &Carriers) -> BTreeMap<Vec<usize>, u64> {
    let mut by_input: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (member, mutants) in slot.members.iter().enumerate() {
        for input in mutants.iter().flatten() {
            let counts = by_input.entry(*input).or_insert_with(|| vec![0; slot.members.len()]);
            counts[member] += 1;
        }
    }
    let mut alike = BTreeMap::new();
    for counts in by_input.into_values() {
        *alike.entry(counts).or_default() += 1;
    }
    alike
}

/// The chance that more than `most` of some events happen that do not depend on each other.
fn more_than(most: usize, chances: &[f64]) -> f64 {
    // exactly[k]: that k of those looked at so far happen.
    let mut exactly = vec![1.0];
    for chance in chances {
        let mut next = vec![0.0; exactly.len() + 1];
        for (happened, before) in exactly.iter().enumerate() {
            next[happened] += before * (1.0 - chance);
            next[happened + 1] += before * chance;
        }
        exactly = next;
    }
    exactly.iter().skip(most + 1).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-12
    }

    fn of(members: &[&[&[u64]]]) -> Carriers {
        let set = |inputs: &&[u64]| inputs.iter().copied().collect();
        let members = members.iter().map(|mutants| mutants.iter().map(set).collect());
        Carriers { inputs: 10, members: members.collect() }
    }

    /// Two of three that happen with chance 1/2: 3/8, all three: 1/8.
    #[test]
    fn tails_of_events_are_as_by_hand() {
        assert!(close(more_than(1, &[0.5; 3]), 0.5));
        assert!(close(more_than(2, &[0.5; 3]), 0.125));
        assert!(close(more_than(0, &[0.25, 0.5]), 1.0 - 0.75 * 0.5));
        assert!(close(more_than(3, &[1.0; 3]), 0.0));
    }

    /// Of two mutants of either version one fails on input 3: both at once with chance 1/4 there,
    /// which is one input of ten. Spread evenly each would fail with chance 1/20.
    #[test]
    fn faults_that_show_in_one_place_coincide() {
        let slot = of(&[&[&[3], &[]], &[&[3], &[]]]);
        let planted = planted(&[slot], 1, 7, 2_000).unwrap();
        assert!(close(planted.more.estimate, 0.025), "{planted:?}");
        assert!(close(planted.independent, 0.0025), "{planted:?}");
        assert!(planted.more.low <= 0.025 && planted.more.high >= 0.025, "{planted:?}");
        assert!(planted.more.high > planted.more.low, "{planted:?}");
    }

    #[test]
    fn faults_that_show_in_different_places_do_not() {
        let slot = of(&[&[&[1]], &[&[2]]]);
        let planted = planted(&[slot.clone(), slot], 1, 7, 100).unwrap();
        assert!(planted.more.nothing_seen && close(planted.more.high, 0.15), "{planted:?}");
        assert!(close(planted.independent, 0.01), "{planted:?}");
        assert_eq!(super::planted(&[], 1, 7, 100), None);
    }
}
