//! The share of clusters that have an input on which too many of their members fail.

use crate::failures::Failures;
use crate::question::Question;
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;
use rand::seq::index;
use std::collections::{BTreeMap, BTreeSet};

/// How a figure was had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Everything was counted.
    Exact,
    /// Some were drawn.
    MonteCarlo,
}

/// The share of clusters with a common failure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clusters {
    /// Percent of all clusters.
    pub percent: f64,
    /// 95 % interval (Wilson); the figure itself where all were counted. Percent.
    pub low: f64,
    /// As `low`.
    pub high: f64,
    /// Counted or drawn.
    pub method: Method,
    /// How many clusters were drawn; 0 where all were counted.
    pub samples: u32,
}

/// Beginnings of clusters that are looked at before clusters are drawn instead.
const MOST_STEPS: u64 = 20_000_000;

/// Of all clusters of distinct versions: how many have an input on which more members fail than
/// are tolerated. Exact where the beginnings of clusters without a common failure can be counted.
///
/// # Panics
/// If the question does not fit: see [`Question::check`].
#[must_use]
pub fn clusters(failures: &Failures, question: &Question) -> Clusters {
    assert_eq!(question.check(failures), Ok(()), "the question was to be checked");
    let sets = dangerous(failures, question.tolerate);
    match count(&sets, failures.versions(), question, MOST_STEPS) {
        Some(share) => {
            let percent = 100.0 * share;
            let (low, high) = (percent, percent);
            Clusters { percent, low, high, method: Method::Exact, samples: 0 }
        }
        None => draw(&sets, failures.versions(), question),
    }
}

/// The sets of versions that fail together and are large enough to do harm.
fn dangerous(failures: &Failures, tolerate: u32) -> Vec<&[u32]> {
    let sets = failures.patterns().map(|(failed, _)| failed);
    sets.filter(|failed| failed.len() > tolerate as usize).collect()
}

/// For each version that is in some set, the numbers of its sets.
fn memberships(sets: &[&[u32]]) -> BTreeMap<u32, Vec<usize>> {
    let mut of: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (number, set) in sets.iter().enumerate() {
        set.iter().for_each(|version| of.entry(*version).or_default().push(number));
    }
    of
}

/// How many ways there are to choose; a float, as the numbers are large.
fn choose(from: u32, take: u32) -> f64 {
    if take > from {
        return 0.0;
    }
    (0..take).fold(1.0, |ways, at| ways * f64::from(from - at) / f64::from(at + 1))
}

/// Counts clusters by their beginnings. The versions are put in a row, those in no set last; a
/// cluster is taken in that order, and as soon as its beginning holds a common failure, all ways
/// to complete it from what comes later count at once.
struct Count<'a> {
    versions: u32,
    question: &'a Question,
    /// Numbers of the sets, of each version that is in one.
    sets_of: Vec<Vec<usize>>,
    /// Of each set, how many of the beginning are in it.
    taken: Vec<u32>,
    common: f64,
    steps: u64,
}

fn count(sets: &[&[u32]], versions: u32, question: &Question, most_steps: u64) -> Option<f64> {
    let sets_of = memberships(sets).into_values().collect();
    let taken = vec![0; sets.len()];
    let mut count = Count { versions, question, sets_of, taken, common: 0.0, steps: most_steps };
    count.from(0, 0)?;
    Some(count.common / choose(versions, question.replicas))
}

impl Count<'_> {
    /// Goes on with the version at `next` or a later one; `None` if that takes too many steps.
    fn from(&mut self, next: usize, members: u32) -> Option<()> {
        for at in next..self.sets_of.len() {
            self.steps = self.steps.checked_sub(1)?;
            let mut common = false;
            for set in &self.sets_of[at] {
                self.taken[*set] += 1;
                common |= self.taken[*set] > self.question.tolerate;
            }
            let missing = self.question.replicas - members - 1;
            if common {
                let at = u32::try_from(at).expect("versions are counted in 32 bits");
                self.common += choose(self.versions - at - 1, missing);
            } else if missing > 0 {
                self.from(at + 1, members + 1)?;
            }
            for set in &self.sets_of[at] {
                self.taken[*set] -= 1;
            }
        }
        Some(())
    }
}

/// Draws clusters, and says what share has a common failure.
fn draw(sets: &[&[u32]], versions: u32, question: &Question) -> Clusters {
    let sets_of: Vec<Vec<usize>> = memberships(sets).into_values().collect();
    let mut random = ChaCha8Rng::seed_from_u64(question.seed);
    let (length, amount) = (versions as usize, question.replicas as usize);
    let mut hits = 0;
    for _ in 0..question.samples {
        let mut taken: BTreeMap<usize, u32> = BTreeMap::new();
        let chosen: BTreeSet<usize> = index::sample(&mut random, length, amount).iter().collect();
        for set in chosen.iter().filter_map(|version| sets_of.get(*version)).flatten() {
            *taken.entry(*set).or_default() += 1;
        }
        hits += u32::from(taken.values().any(|taken| *taken > question.tolerate));
    }
    let (low, high) = wilson(hits, question.samples);
    Clusters {
        percent: 100.0 * f64::from(hits) / f64::from(question.samples),
        low: 100.0 * low,
        high: 100.0 * high,
        method: Method::MonteCarlo,
        samples: question.samples,
    }
}

/// Wilson's 95 % interval of a share.
fn wilson(hits: u32, of: u32) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    let (n, share) = (f64::from(of), f64::from(hits) / f64::from(of));
    let centre = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((centre - spread) / scale).max(0.0), ((centre + spread) / scale).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn ask(replicas: u32, tolerate: u32) -> Question {
        Question { replicas, tolerate, seed: 1, samples: 20_000 }
    }

    fn table(rows: &[(u32, u64)]) -> String {
        let mut text = String::from("version,input\n");
        for (version, input) in rows {
            let _ = writeln!(text, "{version},{input}");
        }
        text
    }

    /// Five versions; 0, 1 and 2 fail together on one input, 2 and 3 on another.
    fn five() -> Failures {
        let rows = [(0, 7), (1, 7), (2, 7), (2, 9), (3, 9), (4, 1)];
        Failures::parse(&table(&rows), 5, 10).unwrap()
    }

    /// Of the C(5,3) = 10 clusters of three, these have two members in {0,1,2} or both of {2,3}:
    /// 012 013 014 023 024 123 124 234. The others are 034 and 134. So 80 %. With two failures
    /// tolerated only 012 is left: 10 %.
    #[test]
    fn clusters_are_counted_as_by_hand() {
        let one = clusters(&five(), &ask(3, 1));
        assert_eq!((one.percent, one.method, one.samples), (80.0, Method::Exact, 0));
        assert_eq!((one.low, one.high), (80.0, 80.0));
        assert_eq!(clusters(&five(), &ask(3, 2)).percent, 10.0);
        // 4 fails alone: with nothing tolerated every version of the five is in a set.
        assert_eq!(clusters(&five(), &ask(1, 0)).percent, 100.0);
    }

    /// 16 of 48 versions fail on the same input: a cluster of four escapes with at most one of
    /// them, in C(32,4) + 16 C(32,3) = 35,960 + 79,360 = 115,320 of C(48,4) = 194,580 ways.
    #[test]
    fn versions_that_never_fail_are_counted_without_being_listed() {
        let rows: Vec<(u32, u64)> = (0..16).map(|version| (version * 3, 5)).collect();
        let failures = Failures::parse(&table(&rows), 48, 1_000).unwrap();
        let share = 1.0 - 115_320.0 / 194_580.0;
        assert!((clusters(&failures, &ask(4, 1)).percent - 100.0 * share).abs() < 1e-10);
        let sets = dangerous(&failures, 1);
        assert!(count(&sets, 48, &ask(4, 1), 16 + 15 * 16 / 2).is_some());
        assert!(count(&sets, 48, &ask(4, 1), 15 + 15 * 16 / 2).is_none());
    }

    #[test]
    fn what_is_drawn_comes_near_what_is_counted_and_can_be_had_again() {
        let failures = five();
        let question = ask(3, 1);
        let drawn = draw(&dangerous(&failures, 1), 5, &question);
        assert_eq!((drawn.method, drawn.samples), (Method::MonteCarlo, 20_000));
        assert!(drawn.low < 80.0 && 80.0 < drawn.high, "{drawn:?}");
        assert!(drawn.high - drawn.low < 1.2, "{drawn:?}");
        assert_eq!(drawn, draw(&dangerous(&failures, 1), 5, &question));
        let other = Question { seed: 2, ..question };
        assert_ne!(drawn.percent, draw(&dangerous(&failures, 1), 5, &other).percent);
    }

    #[test]
    fn without_failures_no_cluster_fails() {
        let none = Failures::parse("version,input\n", 48, 1_000).unwrap();
        assert_eq!(clusters(&none, &ask(4, 1)).percent, 0.0);
    }

    /// 8 of 10 at z = 1.96: the centre is (0.8 + 0.1921) / 1.3841 = 0.7167, the half width
    /// 1.96 * sqrt(0.016 + 0.0096) / 1.3841 = 0.2266.
    #[test]
    fn the_interval_of_a_share_is_as_by_hand() {
        let (low, high) = wilson(8, 10);
        assert!((low - 0.4902).abs() < 2e-4 && (high - 0.9433).abs() < 2e-4, "{low} {high}");
        let (none, some) = wilson(0, 10);
        assert!(none == 0.0 && 0.2 < some && some < 0.3);
    }
}
