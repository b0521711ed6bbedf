//! Recorded inputs, a bounded number of each kind.

use crate::rng::Rng;
use prime::pre_order::State;
use wire::prime::{Incoming, Prime};
use wire::{Input, Time};

/// What kind of input a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    PoRequest,
    PoAcks,
    PoAru,
    PoRequestConflict,
    PoAruConflict,
    ProofMatrix,
    PrePrepare,
    Update,
    Recovered,
    Start,
    Timer,
    Other,
}

/// How many kinds there are.
const KINDS: usize = 12;

/// Samples kept of each kind.
const KEPT: usize = 96;

impl Kind {
    fn of(input: &Input<Prime>) -> Self {
        match input {
            Input::Recovered(_) => Self::Recovered,
            Input::Start(_) => Self::Start,
            Input::Update(_) => Self::Update,
            Input::Timer => Self::Timer,
            Input::Persisted(_) => Self::Other,
            Input::Message(message) => match message {
                Incoming::PoRequest(_) => Self::PoRequest,
                Incoming::PoAcks(_) => Self::PoAcks,
                Incoming::PoAru(_) => Self::PoAru,
                Incoming::PoRequestConflict(_) => Self::PoRequestConflict,
                Incoming::PoAruConflict(_) => Self::PoAruConflict,
                Incoming::ProofMatrix(_) => Self::ProofMatrix,
                Incoming::PrePrepare(_) => Self::PrePrepare,
                _ => Self::Other,
            },
        }
    }
}

/// One input and the state that it met.
pub(crate) struct Sample {
    /// Before the step.
    pub(crate) state: State,
    /// Of the step.
    pub(crate) now: Time,
    /// What was stepped.
    pub(crate) input: Input<Prime>,
}

/// A fair choice among all inputs of a kind that were seen.
#[derive(Default)]
pub(crate) struct Samples {
    kinds: [Vec<Sample>; KINDS],
    seen: [usize; KINDS],
}

impl Samples {
    /// Maybe keeps an input and the state that it is about to meet.
    pub(super) fn offer(&mut self, rng: &mut Rng, state: &State, now: Time, input: &Input<Prime>) {
        let kind = Kind::of(input) as usize;
        self.seen[kind] += 1;
        let kept = &mut self.kinds[kind];
        let place = if kept.len() < KEPT { kept.len() } else { rng.index(self.seen[kind]) };
        if place >= KEPT {
            return;
        }
        let sample = Sample { state: state.clone(), now, input: input.clone() };
        match kept.get_mut(place) {
            Some(old) => *old = sample,
            None => kept.push(sample),
        }
    }

    /// One of the samples of `kind`, or, if there are none, of any that a running server met.
    pub(crate) fn draw(&self, rng: &mut Rng, kind: Option<Kind>) -> &Sample {
        let wanted = kind.map(|kind| &self.kinds[kind as usize]);
        if let Some(sample) = wanted.and_then(|samples| rng.pick(samples)) {
            return sample;
        }
        let restart = [Kind::Recovered as usize, Kind::Start as usize];
        let running = || self.kinds.iter().enumerate().filter(|(kind, _)| !restart.contains(kind));
        let at = rng.index(running().map(|(_, samples)| samples.len()).sum());
        let mut running = running().flat_map(|(_, samples)| samples);
        running.nth(at).expect("a world has samples")
    }

    /// All samples of `kind`.
    pub(crate) fn of(&self, kind: Kind) -> &[Sample] {
        &self.kinds[kind as usize]
    }
}
