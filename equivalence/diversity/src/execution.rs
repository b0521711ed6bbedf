//! Whose the instructions are that the replicas of a cluster execute.

use crate::cluster::{Common, Make, run};
use crate::owner::{Owner, Slots};
use crate::program::Program;
use crate::{answer, step};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::process::ExitCode;
use wire::ReplicaId;

/// What to measure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    sources: Slots,
    /// Byzantine and recovering replicas that the cluster stands.
    tolerate: u16,
    recovering: u16,
    /// Decides which pieces are followed.
    seed: u64,
    /// Updates to execute.
    updates: u64,
    /// Of so many pieces of what replicas do one is followed.
    one_in: u64,
    /// Most instructions that are noted of one piece.
    most: usize,
}

/// What came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Followed(Followed),
    /// This system lets nothing be followed; a sentence.
    Refused(String),
}

/// The instructions of the pieces that were followed.
#[derive(Debug, Serialize)]
struct Followed {
    /// Updates that every replica executed.
    updates: u64,
    /// Virtual time that it took. Unit: microseconds.
    micros: u64,
    /// Pieces that there were and that were followed; and those of which not all was noted.
    pieces: u64,
    followed: u64,
    cut: u64,
    /// By replica, in order.
    replicas: Vec<BTreeMap<String, u64>>,
}

/// Measures a cluster of these replicas, and says what came of it: instructions by owner, a version as
/// `family/component.slot` and what all share by its crate.
#[must_use]
pub fn execution(makes: &[Make]) -> ExitCode {
    answer(|question: Question| match step::prepare() {
        Ok(()) => measure(makes, question).map(Answer::Followed),
        Err(sentence) => Ok(Answer::Refused(sentence)),
    })
}

/// A stream of chance: which pieces are followed needs to be no better drawn.
struct Chance(u64);

impl Chance {
    fn one_in(&mut self, count: u64) -> bool {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).is_multiple_of(count.max(1))
    }
}

fn measure(makes: &[Make], question: Question) -> Result<Followed, String> {
    let program = Program::of_this_process(question.sources)?;
    let replicas = u16::try_from(makes.len()).map_err(|_| "too many replicas".to_owned())?;
    let common = Common::new(replicas, question.tolerate, question.recovering)?;
    let ids = common.config.replicas().zip(makes);
    let mut members = ids.map(|(id, make)| (id, make.member(&common, id))).collect();
    // What happens while a cluster comes up is no part of its work.
    let warm = question.updates / 10;
    let mut chance = Chance(question.seed);
    let mut counts: BTreeMap<ReplicaId, BTreeMap<usize, u64>> = BTreeMap::new();
    let (mut pieces, mut followed, mut cut) = (0, 0, 0);
    let mut around = |id: ReplicaId, executed: u64, piece: &mut dyn FnMut()| {
        if executed < warm {
            return piece();
        }
        pieces += 1;
        if !chance.one_in(question.one_in) {
            return piece();
        }
        followed += 1;
        let steps = step::noting(question.most, || {
            step::begin();
            piece();
            step::end();
        });
        cut += u64::from(steps.cut);
        let counts = counts.entry(id).or_default();
        for address in steps.addresses {
            *counts.entry(address).or_default() += 1;
        }
    };
    let (updates, time) = run(&common, &mut members, question.updates, &mut around)?;
    let mut owners: BTreeMap<usize, Owner> = BTreeMap::new();
    let mut of_replica = |id: ReplicaId| {
        let mut by_owner: BTreeMap<String, u64> = BTreeMap::new();
        for (address, count) in counts.remove(&id).unwrap_or_default() {
            let owner = owners.entry(address).or_insert_with(|| program.owner(address));
            // What follows is no part of what is followed.
            if *owner != Owner::Shared("diversity".to_owned()) {
                *by_owner.entry(owner.to_string()).or_default() += count;
            }
        }
        by_owner
    };
    let replicas = common.config.replicas().map(&mut of_replica).collect();
    Ok(Followed { updates, micros: time.0, pieces, followed, cut, replicas })
}

#[cfg(test)]
mod tests {
    use super::{Question, Slots, measure};
    use crate::cluster::machine;
    use crate::step;
    use std::collections::BTreeMap;

    #[test]
    fn instructions_of_a_cluster_are_counted_by_whose_they_are() {
        let files = BTreeMap::from([("order/accept.rs".to_owned(), "order.accept".to_owned())]);
        let question = Question {
            sources: Slots { protocol: "prime".to_owned(), files },
            tolerate: 1,
            recovering: 0,
            seed: 1,
            updates: 200,
            one_in: 20,
            most: 1 << 14,
        };
        let makes: Vec<_> = (0..4).map(|_| machine::<prime::Replica>()).collect();
        let may = step::prepare().is_ok();
        let answer = measure(&makes, question).unwrap();
        assert_eq!((answer.updates, answer.replicas.len()), (200, 4));
        assert!(answer.followed > 0 && answer.followed < answer.pieces / 10, "{answer:?}");
        let all = |owner: &str| -> u64 {
            answer.replicas.iter().filter_map(|replica| replica.get(owner)).sum()
        };
        for owner in ["reference/order.accept", "prime", "wire", "core", "sha2"] {
            assert_eq!(all(owner) > 0, may, "{owner}: {:?}", answer.replicas);
        }
        assert_eq!(all("diversity"), 0);
    }

    #[test]
    fn a_cluster_that_cannot_be_is_refused() {
        let sources = Slots { protocol: String::new(), files: BTreeMap::new() };
        let (tolerate, recovering, seed, updates, one_in, most) = (2, 0, 1, 10, 1, 1);
        let question = Question { sources, tolerate, recovering, seed, updates, one_in, most };
        let makes: Vec<_> = (0..4).map(|_| machine::<prime::Replica>()).collect();
        let said = measure(&makes, question).unwrap_err();
        assert!(said.contains("f = 2"), "{said}");
    }
}
