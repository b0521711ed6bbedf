//! What runs on a simulated host: a correct replica, as it is, or a faulty one.

use super::Faulty;
use wire::machine::Status;
use wire::{Digest, Effects, Input, Machine, Time};

/// A replica of either kind. A correct one costs what it costs alone.
pub(crate) enum Player<M: Machine> {
    Correct(M),
    Faulty(Box<Faulty<M>>),
}

impl<M: Machine> Player<M> {
    /// The machine, if it plays by the rules.
    pub(crate) fn correct(&self) -> Option<&M> {
        match self {
            Self::Correct(machine) => Some(machine),
            Self::Faulty(_) => None,
        }
    }

    pub(crate) fn step(
        &mut self,
        now: Time,
        input: Input<M::Protocol>,
        effects: &mut Effects<M::Protocol>,
    ) {
        match self {
            Self::Correct(machine) => machine.step(now, input, effects),
            Self::Faulty(machine) => machine.step(now, input, effects),
        }
    }

    pub(crate) fn deadline(&self) -> Option<Time> {
        match self {
            Self::Correct(machine) => machine.deadline(),
            Self::Faulty(machine) => machine.deadline(),
        }
    }

    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Correct(machine) => machine.status(),
            Self::Faulty(machine) => machine.status(),
        }
    }

    pub(crate) fn replicated(&self) -> Digest {
        match self {
            Self::Correct(machine) => machine.replicated(),
            Self::Faulty(machine) => machine.replicated(),
        }
    }
}
