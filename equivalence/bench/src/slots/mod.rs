//! Slots as the bench sees them: one adapter each.
//!
//! An adapter says what the slot's function is, how a case's arguments are drawn, how a version is
//! called, which oracle judges it, and which reasons for rejecting its contract lists. There are two
//! kinds. Those of pre-ordering and decoding are in [`table`], and have makers of their own for what
//! they are called with. All others are a line each in the table of their component: a copy of the
//! slot's signature, the reasons, and `oracle` once `oracles::component::slot::check` exists or `none`
//! as long as it does not. What these are called with was recorded and changed: see [`crate::taps`].

mod adapter;
mod argument;
mod broadcast;
mod catch_up;
mod checkpoint;
mod execute;
mod judged;
mod order;
mod recon;
mod service;
mod suspect;
pub(crate) mod table;
mod view_change;

pub(crate) use argument::Argument;
pub use broadcast::Broadcast;
pub use catch_up::CatchUp;
pub use checkpoint::Checkpoint;
pub use execute::Execute;
pub(crate) use judged::{Cases, Judged, Linked};
pub use order::Order;
pub use recon::Recon;
pub use suspect::Suspect;
pub use view_change::ViewChange;

use crate::calls::surrounded;
use crate::kept::Kept;
use crate::rng::Rng;
use crate::tree::{Node, Tree};
use crate::world::{Kind, World};
use oracles::Finding;
use prime::pre_order;
use service::Ledger;
use std::cell::Cell;
use std::time::{Duration, Instant};
use wire::prime::Prime;
use wire::{Config, Effect, Effects, Input, Reject, Time};

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
pub(crate) struct Outcome {
    /// After the call; `None` for a slot that changes none.
    pub(crate) state: Option<Box<dyn Node>>,
    /// In the order emitted.
    pub(crate) effects: Vec<Effect<Prime>>,
    /// What was returned.
    pub(crate) output: Box<dyn Node>,
    /// The service after the call, if the slot calls one.
    pub(crate) service: Ledger,
    /// How long the call took.
    pub(crate) nanoseconds: u64,
}

/// What an oracle is asked about.
pub(crate) struct Came<'a, S: Slot> {
    /// After the call; as before for a slot that changes none.
    pub(crate) state: &'a S::State,
    /// In the order emitted.
    pub(crate) effects: &'a [Effect<Prime>],
    /// What was returned.
    pub(crate) output: &'a S::Output,
}

/// What is said of a slot beside its types.
#[derive(Debug)]
pub(crate) struct Facts {
    /// `component.slot`.
    pub(crate) name: &'static str,
    /// What it does with the state.
    pub(crate) uses: Use,
    /// The reasons that its contract lists.
    pub(crate) rejects: &'static [Reject],
    /// Whether an oracle judges it. Without one no version of it is accepted.
    pub(crate) oracle: bool,
    /// How many cases show what there is to be found, unless somebody asks for another number.
    pub(crate) cases: u64,
    /// What its arguments are called, if its calls are recorded.
    pub(crate) arguments: &'static [&'static str],
}

impl Facts {
    /// Whether it is given what a peer says: nothing else is called so.
    pub(crate) fn hears(&self) -> bool {
        self.arguments.contains(&"message")
    }
}

/// One slot.
pub(crate) trait Slot: Sized + 'static {
    /// What it reads or changes: its component's state.
    type State: Tree + Kept;
    /// Its exact type, as a pointer.
    type Function: Copy + Send + Sync + 'static;
    /// Its arguments beside state, configuration, effects and service.
    type Args: Tree + Kept;
    /// Its result.
    type Output: Tree;
    /// What is said of it.
    const FACTS: Facts;
    /// Whether the component may meet the second state, given that it met the first, as far as the
    /// documentation of states says; `None` where no states are made up, or made by other rules.
    const SOUND: Option<Sound<Self::State>>;

    /// The function of the reference.
    fn reference() -> Self::Function;

    /// How its cases come about.
    fn cases() -> &'static dyn Cases;

    /// Calls a version on a copy of `state`.
    fn run(
        function: Self::Function,
        config: &Config,
        state: &Self::State,
        args: &Self::Args,
    ) -> Outcome;

    /// Asks the oracle. `before` is the state that the call met.
    ///
    /// # Errors
    /// What the oracle found.
    fn check(
        config: &Config,
        before: &Self::State,
        args: &Self::Args,
        came: &Came<'_, Self>,
    ) -> Result<(), Finding>;
}

/// What arguments are drawn from.
pub(crate) struct Draw<'a> {
    pub(crate) rng: &'a mut Rng,
    pub(crate) world: &'a World,
    /// What the call will meet.
    pub(crate) state: &'a pre_order::State,
    /// About the time of the call.
    pub(crate) now: Time,
    /// What was recorded with the state, before the state was changed.
    pub(crate) input: &'a Input<Prime>,
}

/// A slot whose arguments have makers of their own.
pub(crate) trait Typed: Slot<State = pre_order::State, Args: Argument> {
    /// The kind of recorded input whose states suit it.
    const KIND: Option<Kind>;
    /// How many cases share one state: making states costs more than making arguments.
    const GROUP: u64;

    /// Brings a state to where the slot has something to do.
    fn prepare(rng: &mut Rng, world: &World, state: &mut pre_order::State, now: Time);

    /// Draws arguments.
    fn make(draw: &mut Draw<'_>) -> Self::Args;

    /// Argument number `index` of the slot's small scope, if it has one that large.
    fn scope(world: &World, index: u64) -> Option<Self::Args>;
}

/// Says whether a state can be, that was made out of one that was.
pub(crate) type Sound<S> = fn(&Config, &S, &S) -> bool;

thread_local! {
    /// How long the call under way was busy with what is not the version's own work.
    static ASIDE: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Does some of the harness's `work` within a call of a version, whose time leaves it out.
pub fn aside<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    ASIDE.set(ASIDE.get() + start.elapsed());
    result
}

/// What is timed from here on is another call.
fn begun() -> Instant {
    ASIDE.set(Duration::ZERO);
    Instant::now()
}

fn elapsed(start: Instant) -> u64 {
    let own = start.elapsed().saturating_sub(ASIDE.get());
    u64::try_from(own.as_nanos()).unwrap_or(u64::MAX)
}

/// The outcome of a `call` that may change the state that it is given.
fn changed<T: Tree, O: Tree>(
    state: &T,
    call: impl FnOnce(&mut T, &mut Effects<Prime>, &mut Ledger) -> O,
) -> Outcome {
    let mut after = Box::new(state.clone());
    let (mut effects, mut service) = (Effects::default(), Ledger::default());
    let start = begun();
    let output = surrounded(|| call(&mut after, &mut effects, &mut service));
    let nanoseconds = elapsed(start);
    let output = Box::new(output);
    Outcome { state: Some(after), effects: effects.drain(), output, service, nanoseconds }
}

/// The outcome of a `call` that changes nothing.
fn unchanged<O: Tree>(call: impl FnOnce() -> O) -> Outcome {
    let start = begun();
    let output = surrounded(call);
    let nanoseconds = elapsed(start);
    let (output, service) = (Box::new(output), Ledger::default());
    Outcome { state: None, effects: Vec::new(), output, service, nanoseconds }
}
