//! Slots as the bench sees them: one adapter each.
//!
//! An adapter says what the slot's function is, how a case's arguments are drawn, how a version is
//! called, which oracle judges it, and which reasons for rejecting its contract lists. The table
//! is in [`table`]; everything that several adapters share is here.

mod argument;
mod output;
pub(crate) mod table;

pub(crate) use argument::Argument;
pub(crate) use output::{Output, same_content};

use crate::rng::Rng;
use crate::world::{Kind, World};
use oracles::Finding;
use prime::pre_order::State;
use wire::prime::Prime;
use wire::{Config, Effect, Input, Reject, Time};

/// What a slot does with the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// A handler.
    Changes,
    /// A pure function of the state and more.
    Reads,
    /// A pure function of its arguments.
    Ignores,
}

/// What came of one call.
pub(crate) struct Outcome<O> {
    /// After the call; `None` for a slot that changes none.
    pub(crate) state: Option<State>,
    /// In the order emitted.
    pub(crate) effects: Vec<Effect<Prime>>,
    /// What was returned.
    pub(crate) output: O,
    /// How long the call took.
    pub(crate) nanoseconds: u64,
}

/// What arguments are drawn from.
pub(crate) struct Draw<'a> {
    pub(crate) rng: &'a mut Rng,
    pub(crate) world: &'a World,
    /// What the call will meet.
    pub(crate) state: &'a State,
    /// About the time of the call.
    pub(crate) now: Time,
    /// What was recorded with the state, before the state was changed.
    pub(crate) input: &'a Input<Prime>,
}

/// One slot.
pub(crate) trait Slot: 'static {
    /// Its exact type, as a pointer.
    type Function: Copy + Send + Sync + 'static;
    /// Its arguments beside state, configuration and effects.
    type Args: Argument;
    /// Its result.
    type Output: Output;
    /// `component.slot`.
    const NAME: &'static str;
    /// What it does with the state.
    const USE: Use;
    /// The reasons that its contract lists.
    const REJECTS: &'static [Reject];
    /// The kind of recorded input whose states suit it.
    const KIND: Option<Kind>;
    /// How many cases share one state: making states costs more than making arguments.
    const GROUP: u64;

    /// The function of the reference.
    fn reference() -> Self::Function;

    /// Calls a version on a copy of `state`.
    fn run(
        function: Self::Function,
        config: &Config,
        state: &State,
        args: &Self::Args,
    ) -> Outcome<Self::Output>;

    /// Asks the oracle. `before` is the state that the call met.
    ///
    /// # Errors
    /// What the oracle found.
    fn check(
        config: &Config,
        before: &State,
        args: &Self::Args,
        outcome: &Outcome<Self::Output>,
    ) -> Result<(), Finding>;

    /// Brings a state to where the slot has something to do.
    fn prepare(rng: &mut Rng, world: &World, state: &mut State, now: Time);

    /// Draws arguments.
    fn make(draw: &mut Draw<'_>) -> Self::Args;

    /// Argument number `index` of the slot's small scope, if it has one that large.
    fn scope(world: &World, index: u64) -> Option<Self::Args>;
}
