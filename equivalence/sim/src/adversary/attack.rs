//! The names of the attacks, and which of them a run has.

use super::Adversary;
use super::aru_liar::AruLiar;
use super::bogus_change::BogusChange;
use super::equivocating_leader::EquivocatingLeader;
use super::equivocating_originator::EquivocatingOriginator;
use super::flooder::Flooder;
use super::friends_only::FriendsOnly;
use super::garbage_parts::GarbageParts;
use super::life_announcer::LifeAnnouncer;
use super::lying_answers::LyingAnswers;
use super::mixed::Mixed;
use super::one_server::OneServer;
use super::replayer::Replayer;
use super::selective_sender::SelectiveSender;
use super::silent_leader::SilentLeader;
use super::slanderer::Slanderer;
use super::slow_leader::SlowLeader;
use super::stale_matrices::StaleMatrices;
use super::withheld_number::WithheldNumber;
use std::fmt;
use std::str::FromStr;
use wire::prime::Prime;

/// How a replica is faulty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
    /// The machine that the setup makes for it is faulty by itself; nothing is put around it.
    Given,
    /// Claims requests that it does not hold, or contradicts itself in what it claims.
    AruLiar,
    /// Makes views change, and lies in every message of the change.
    BogusChange,
    /// Proposes two different things under one number.
    EquivocatingLeader,
    /// Sends two different requests under one number.
    EquivocatingOriginator,
    /// Says everything, all the time.
    Flooder,
    /// Acknowledges the requests of a few.
    FriendsOnly,
    /// Reconciles with garbage.
    GarbageParts,
    /// Says again and again that it lost its log.
    LifeAnnouncer,
    /// Tells clients what is not so.
    LyingAnswers,
    /// All others in turn.
    Mixed,
    /// Shows its proposals to one server.
    OneServer,
    /// Says old messages again and again.
    Replayer,
    /// Sends its requests to as few as it can.
    SelectiveSender,
    /// Proposes nothing.
    SilentLeader,
    /// Says all that could have a correct leader replaced.
    Slanderer,
    /// Proposes as late as the threshold of suspicion allows.
    SlowLeader {
        /// How much of the delay that is possible without being replaced. Unit: percent.
        percent: u32,
    },
    /// Proposes old rows.
    StaleMatrices,
    /// Keeps one proposal back.
    WithheldNumber,
}

/// Everything that has a name on the command line.
const NAMES: [(&str, Attack); 19] = [
    ("aru-liar", Attack::AruLiar),
    ("bogus-change", Attack::BogusChange),
    ("equivocating-leader", Attack::EquivocatingLeader),
    ("equivocating-originator", Attack::EquivocatingOriginator),
    ("flooder", Attack::Flooder),
    ("friends-only", Attack::FriendsOnly),
    ("garbage-parts", Attack::GarbageParts),
    ("life-announcer", Attack::LifeAnnouncer),
    ("lying-answers", Attack::LyingAnswers),
    ("mixed", Attack::Mixed),
    ("one-server", Attack::OneServer),
    ("replayer", Attack::Replayer),
    ("selective-sender", Attack::SelectiveSender),
    ("silent-leader", Attack::SilentLeader),
    ("slanderer", Attack::Slanderer),
    ("slow-leader", Attack::SlowLeader { percent: 100 }),
    ("stale-matrices", Attack::StaleMatrices),
    ("too-slow-leader", Attack::SlowLeader { percent: 110 }),
    ("withheld-number", Attack::WithheldNumber),
];

impl Attack {
    /// Whether it may say that it lost its log.
    pub(crate) fn announces_lives(self) -> bool {
        matches!(self, Self::Flooder | Self::Given | Self::LifeAnnouncer | Self::Mixed)
    }

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
        Attack::AruLiar => Box::new(AruLiar::default()),
        Attack::BogusChange => Box::new(BogusChange::default()),
        Attack::EquivocatingLeader => Box::new(EquivocatingLeader::default()),
        Attack::EquivocatingOriginator => Box::new(EquivocatingOriginator),
        Attack::Flooder => Box::new(Flooder::default()),
        Attack::FriendsOnly => Box::new(FriendsOnly),
        Attack::GarbageParts => Box::new(GarbageParts),
        Attack::LifeAnnouncer => Box::new(LifeAnnouncer::default()),
        Attack::LyingAnswers => Box::new(LyingAnswers),
        Attack::Mixed => {
            let others = Attack::all().filter(|other| *other != attack);
            Box::new(Mixed::new(others.filter_map(of_prime).collect()))
        }
        Attack::OneServer => Box::new(OneServer),
        Attack::Replayer => Box::new(Replayer::default()),
        Attack::SelectiveSender => Box::new(SelectiveSender),
        Attack::SilentLeader => Box::new(SilentLeader),
        Attack::Slanderer => Box::new(Slanderer),
        Attack::SlowLeader { percent } => Box::new(SlowLeader::new(percent)),
        Attack::StaleMatrices => Box::new(StaleMatrices::default()),
        Attack::WithheldNumber => Box::new(WithheldNumber::default()),
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
