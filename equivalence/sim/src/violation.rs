//! What a run can find wrong.

use std::fmt;
use wire::ReplicaId;

/// The property that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Two replicas, or one before and after a restart, executed different updates at one place.
    Agreement,
    /// Something was executed that no client signed.
    Validity,
    /// An update was executed twice, or before one that its client submitted earlier.
    ExactlyOnce,
    /// A correct replica's reply differs from what execution gives.
    Answer,
    /// Replicas that executed equally far are in different states.
    State,
    /// A correct replica holds another correct one for faulty, or one not any more that it proved to be.
    Blacklist,
    /// A correct replica contradicted itself on the wire.
    Equivocation,
    /// A correct replica's message was refused by a correct decoder or gate.
    Refused,
    /// The order of execution does not explain what clients saw: an update stands before one that
    /// was answered when it was submitted, or an answer is not what the order gives.
    Linearizability,
    /// A queue grew beyond its bound.
    Bound,
    /// What a replica remembers or logs goes on growing.
    Memory,
    /// A replica panicked.
    Death,
    /// Replicas worked without end while time stood still or nearly so.
    Livelock,
    /// After the faults ended something was not executed or answered in time.
    Progress,
    /// A correct replica that lost its log did not come back in time, or one that was restarted is of
    /// no use where it is needed.
    Rejoin,
    /// No client had an answer for longer than one replica's absence may make them wait.
    Pause,
    /// Leaders were replaced in stable times, more often than there can be bad ones.
    Unstable,
    /// An update took longer than a leader that stays in power may make it.
    BoundedDelay,
}

impl Kind {
    /// Whether safety is broken, rather than liveness lost.
    #[must_use]
    pub fn is_safety(self) -> bool {
        match self {
            Self::Agreement
            | Self::Validity
            | Self::ExactlyOnce
            | Self::Answer
            | Self::State
            | Self::Blacklist
            | Self::Equivocation
            | Self::Refused
            | Self::Linearizability => true,
            Self::Bound
            | Self::Memory
            | Self::Death
            | Self::Livelock
            | Self::Progress
            | Self::Rejoin
            | Self::Pause
            | Self::Unstable
            | Self::BoundedDelay => false,
        }
    }
}

/// The first thing that went wrong in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which property.
    pub kind: Kind,
    /// When. Unit: microseconds of virtual time.
    pub at: u64,
    /// At which replica, if at one.
    pub replica: Option<ReplicaId>,
    /// In words.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {} us", self.kind, self.at)?;
        if let Some(replica) = self.replica {
            write!(f, ", replica {replica}")?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// What a checker says: which property, and how it was broken.
pub(crate) type Finding = (Kind, String);
