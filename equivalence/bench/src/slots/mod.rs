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
pub use order::Order;
pub use recon::Recon;
pub use suspect::Suspect;
pub use view_change::ViewChange;

use crate::case::{Case, Lessened, Make};
use crate::rng::Rng;
use crate::tree::Tree;
use crate::world::{Corpus, Kind, World};
use oracles::Finding;
use prime::pre_order;
use service::Ledger;
use std::time::Instant;
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
pub(crate) struct Outcome<S: Slot> {
    /// After the call; `None` for a slot that changes none.
    pub(crate) state: Option<S::State>,
    /// In the order emitted.
    pub(crate) effects: Vec<Effect<Prime>>,
    /// What was returned.
    pub(crate) output: S::Output,
    /// The service after the call, if the slot calls one.
    pub(crate) service: Ledger,
    /// How long the call took.
    pub(crate) nanoseconds: u64,
}

impl<S: Slot> Outcome<S> {
    /// Whether something came of it: another state than `before`, an effect that is no reject, a
    /// result that is not the empty one.
    pub(crate) fn matters(&self, before: &S::State) -> bool {
        let rejected = |effect: &Effect<Prime>| matches!(effect, Effect::Reject { .. });
        self.state.as_ref().is_some_and(|after| !S::same(after, before))
            || !self.effects.iter().all(rejected)
            || !self.output.is_empty()
    }
}

/// One slot.
pub(crate) trait Slot: Sized + 'static {
    /// What it reads or changes: its component's state.
    type State: Clone + Send;
    /// Its exact type, as a pointer.
    type Function: Copy + Send + Sync + 'static;
    /// Its arguments beside state, configuration, effects and service.
    type Args: Clone + Send;
    /// Its result.
    type Output: Tree;
    /// `component.slot`.
    const NAME: &'static str;
    /// What it does with the state.
    const USE: Use;
    /// The reasons that its contract lists.
    const REJECTS: &'static [Reject];
    /// Whether an oracle judges it. Without one no version of it is accepted.
    const ORACLE: bool;

    /// The function of the reference.
    fn reference() -> Self::Function;

    /// Calls a version on a copy of `state`.
    fn run(
        function: Self::Function,
        config: &Config,
        state: &Self::State,
        args: &Self::Args,
    ) -> Outcome<Self>;

    /// Asks the oracle. `before` is the state that the call met.
    ///
    /// # Errors
    /// What the oracle found.
    fn check(
        config: &Config,
        before: &Self::State,
        args: &Self::Args,
        outcome: &Outcome<Self>,
    ) -> Result<(), Finding>;

    /// What makes its cases.
    fn maker(corpus: &Corpus) -> Box<dyn Make<Self> + '_>;

    /// Cases with one thing less, from number `from` on, each with its number. They are found one by
    /// one.
    fn smaller<'a>(corpus: &'a Corpus, case: &'a Case<Self>, from: usize) -> Lessened<'a, Self>;

    /// A case for a person.
    fn show(case: &Case<Self>) -> String;

    /// What a call changed, for a person.
    fn changes(before: &Self::State, after: &Self::State) -> String;

    /// How much a state holds, in entries of its collections.
    fn size(state: &Self::State) -> usize;

    /// Whether both states are the same, in what `==` passes over too.
    fn same(one: &Self::State, other: &Self::State) -> bool;
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

/// A slot whose states and arguments were recorded.
pub(crate) trait Tapped: Slot<State: Tree, Args: Tree> {
    /// What its arguments are called.
    const ARGUMENTS: &'static [&'static str];

    /// Whether it is given what a peer says.
    const HEARS: bool;

    /// Whether the component may meet the second state, given that it met the first, as far as the
    /// documentation of states says; `None` for a slot that meets none.
    const SOUND: Option<Sound<Self::State>>;
}

/// Whether one of the arguments is called `message`: that is what a peer's are called.
const fn hears(arguments: &[&str]) -> bool {
    let mut at = 0;
    while at < arguments.len() {
        if matches!(arguments[at].as_bytes(), b"message") {
            return true;
        }
        at += 1;
    }
    false
}

fn elapsed(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The outcome of a `call` that may change the state that it is given.
fn changed<S: Slot>(
    state: &S::State,
    call: impl FnOnce(&mut S::State, &mut Effects<Prime>, &mut Ledger) -> S::Output,
) -> Outcome<S> {
    let mut after = state.clone();
    let (mut effects, mut service) = (Effects::default(), Ledger::default());
    let start = Instant::now();
    let output = call(&mut after, &mut effects, &mut service);
    let nanoseconds = elapsed(start);
    Outcome { state: Some(after), effects: effects.drain(), output, service, nanoseconds }
}

/// The outcome of a `call` that changes nothing.
fn unchanged<S: Slot>(call: impl FnOnce() -> S::Output) -> Outcome<S> {
    let start = Instant::now();
    let output = call();
    let nanoseconds = elapsed(start);
    let service = Ledger::default();
    Outcome { state: None, effects: Vec::new(), output, service, nanoseconds }
}
