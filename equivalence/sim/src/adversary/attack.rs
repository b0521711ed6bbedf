//! The names of the attacks, and which of them a run has.

use super::Adversary;
use super::lying_answers::LyingAnswers;
use super::silent_leader::SilentLeader;
use super::slow_leader::SlowLeader;
use std::fmt;
use std::str::FromStr;
use wire::prime::Prime;

/// How a replica is faulty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
    /// The machine that the setup makes for it is faulty by itself; nothing is put around it.
    Given,
    /// Tells clients what is not so.
    LyingAnswers,
    /// Proposes nothing.
    SilentLeader,
    /// Proposes as late as the threshold of suspicion allows.
    SlowLeader {
        /// How much of the delay that is possible without being replaced. Unit: percent.
        percent: u32,
    },
}

/// Everything that has a name on the command line.
const NAMES: [(&str, Attack); 4] = [
    ("lying-answers", Attack::LyingAnswers),
    ("silent-leader", Attack::SilentLeader),
    ("slow-leader", Attack::SlowLeader { percent: 100 }),
    ("too-slow-leader", Attack::SlowLeader { percent: 110 }),
];

impl Attack {
    /// All that can be asked for by name.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(_, attack)| *attack)
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, attack)| attack == self);
        f.write_str(name.map_or("given", |(name, _)| name))
    }
}

/// The adversary that attacks Prime in this way; `None` for [`Attack::Given`].
pub(crate) fn of_prime(attack: Attack) -> Option<Box<dyn Adversary<Prime>>> {
    Some(match attack {
        Attack::Given => return None,
        Attack::LyingAnswers => Box::new(LyingAnswers),
        Attack::SilentLeader => Box::new(SilentLeader),
        Attack::SlowLeader { percent } => Box::new(SlowLeader::new(percent)),
    })
}

/// Which adversaries a run has, at most f of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Adversaries {
    /// All replicas are correct.
    #[default]
    None,
    /// The seed chooses for each faulty replica.
    All,
    /// All faulty replicas do the same.
    One(Attack),
}

impl FromStr for Adversaries {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "none" => return Ok(Self::None),
            "all" => return Ok(Self::All),
            _ => {}
        }
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, attack)| Self::One(*attack)).ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            format!("there is no adversary `{name}`; choose none, all, {}", names.join(", "))
        })
    }
}

impl fmt::Display for Adversaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::All => f.write_str("all"),
            Self::One(attack) => attack.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_means_what_prints_it() {
        for attack in Attack::all() {
            assert_eq!(attack.to_string().parse(), Ok(Adversaries::One(attack)));
            assert!(of_prime(attack).is_some());
        }
        for name in ["none", "all"] {
            assert_eq!(
                name.parse::<Adversaries>().map(|choice| choice.to_string()),
                Ok(name.into())
            );
        }
        let error = "Silent-Leader".parse::<Adversaries>().unwrap_err();
        assert!(error.contains("`Silent-Leader`") && error.contains("silent-leader"), "{error}");
    }
}
