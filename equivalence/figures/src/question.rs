//! What is asked about the clusters that could be made of the versions.

use crate::failures::Failures;
use thiserror::Error;

/// The largest cluster that figures are computed for: up to here numbers of clusters fit a float.
pub const MOST_REPLICAS: u32 = 64;

/// Clusters of some size, each of distinct versions, and what they tolerate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Members of a cluster. From 1 to [`MOST_REPLICAS`] and to the number of versions.
    pub replicas: u32,
    /// How many of them may fail on one input. Below `replicas`.
    pub tolerate: u32,
    /// Decides all that is drawn.
    pub seed: u64,
    /// Resamples that an interval rests on, and clusters drawn where they cannot all be counted.
    pub samples: u32,
}

/// A question that has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadQuestion {
    /// No cluster can be made.
    #[error("clusters of {replicas} distinct versions cannot be made of {versions}: take fewer")]
    TooLarge {
        /// Members of a cluster.
        replicas: u32,
        /// Versions that there are.
        versions: u32,
    },
    /// More, or fewer, than figures are computed for.
    #[error("a cluster has from 1 to {MOST_REPLICAS} replicas, and not {replicas}")]
    Replicas {
        /// Members of a cluster.
        replicas: u32,
    },
    /// More failures are tolerated than there can be.
    #[error(
        "a cluster of {replicas} cannot tolerate {tolerate}: more than {tolerate} of them never fail"
    )]
    Tolerance {
        /// Members of a cluster.
        replicas: u32,
        /// How many may fail.
        tolerate: u32,
    },
    /// An interval needs samples.
    #[error("an interval needs at least one sample")]
    NoSamples,
}

impl Question {
    /// Whether it can be asked about `failures`.
    ///
    /// # Errors
    /// Numbers that do not fit together.
    pub fn check(&self, failures: &Failures) -> Result<(), BadQuestion> {
        let Self { replicas, tolerate, samples, .. } = *self;
        let versions = failures.versions();
        if !(1..=MOST_REPLICAS).contains(&replicas) {
            return Err(BadQuestion::Replicas { replicas });
        }
        if replicas > versions {
            return Err(BadQuestion::TooLarge { replicas, versions });
        }
        if tolerate >= replicas {
            return Err(BadQuestion::Tolerance { replicas, tolerate });
        }
        if samples == 0 { Err(BadQuestion::NoSamples) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_do_not_fit_are_named() {
        let failures = Failures::parse("version,input\n", 5, 10).unwrap();
        let ask = |replicas, tolerate, samples| {
            Question { replicas, tolerate, seed: 1, samples }.check(&failures)
        };
        assert_eq!(ask(5, 1, 1), Ok(()));
        assert_eq!(ask(6, 1, 1), Err(BadQuestion::TooLarge { replicas: 6, versions: 5 }));
        assert_eq!(ask(0, 0, 1), Err(BadQuestion::Replicas { replicas: 0 }));
        assert_eq!(ask(65, 0, 1), Err(BadQuestion::Replicas { replicas: 65 }));
        assert_eq!(ask(3, 3, 1), Err(BadQuestion::Tolerance { replicas: 3, tolerate: 3 }));
        assert_eq!(ask(3, 2, 0), Err(BadQuestion::NoSamples));
    }
}
