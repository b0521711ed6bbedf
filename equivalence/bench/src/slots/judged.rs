//! A slot and its versions, their types forgotten: what the engine and the recorder work with.

use super::{Came, Facts, Outcome, Slot};
use crate::case::{Case, Lessened, Make, NOWHERE};
use crate::kept::{self, Misfit, Parts};
use crate::tree::{Node, known};
use crate::world::Corpus;
use oracles::Finding;
use prime::taps::Copied;
use serde_json::Value;
use std::any::Any;
use std::sync::Arc;
use wire::prime::Prime;
use wire::{Config, Effect};

/// One slot with its versions. Number 0 is the reference, whether others are linked or not.
pub(crate) trait Judged: Sync {
    /// What is said of it.
    fn facts(&self) -> &'static Facts;

    /// Whose versions are linked, in their order, which counts from 1.
    fn families(&self) -> Vec<&'static str>;

    /// How its cases come about.
    fn cases(&self) -> &'static dyn Cases;

    /// Calls version number `version` on a copy of `state`.
    fn run(&self, version: usize, config: &Config, state: &dyn Node, args: &dyn Node) -> Outcome;

    /// Asks the oracle.
    ///
    /// # Errors
    /// What the oracle found.
    fn check(&self, case: &Case, outcome: &Outcome) -> Result<(), Finding>;

    /// What the recorder copied, as far as it is this slot's.
    fn recorded(&self, state: Copied, args: Copied) -> Option<(Box<dyn Node>, Box<dyn Node>)>;

    /// Which fields of a state that the recorder saw are empty.
    fn shape(&self, state: &dyn Any) -> u64;

    /// Writes a case down.
    fn keep(&self, case: &Case) -> Value;

    /// Has a case again that was written down. It belongs to no world.
    ///
    /// # Errors
    /// Where it does not fit the slot as it is now.
    fn had(&self, value: &Value) -> Result<Case, Misfit>;

    /// Whether the component may meet the state `made`, given that it met `before`; `None` for a slot
    /// of which no states are made up so.
    fn sound(&self, config: &Config, before: &dyn Node, made: &dyn Node) -> Option<bool>;
}

/// How a slot's cases come about, grow smaller and are shown.
pub(crate) trait Cases: Sync {
    /// What makes them.
    fn maker<'a>(&'a self, slot: &'a dyn Judged, corpus: &'a Corpus) -> Box<dyn Make + 'a>;

    /// Cases with one thing less, from number `from` on, each with its number. They are found one by
    /// one.
    fn smaller<'a>(
        &'a self,
        slot: &'a dyn Judged,
        corpus: &'a Corpus,
        case: &'a Case,
        from: usize,
    ) -> Lessened<'a>;

    /// The number of the world or cluster that is told this; [`NOWHERE`] if there is none.
    fn world(&self, corpus: &Corpus, config: &Config) -> usize;

    /// A case for a person.
    fn show(&self, facts: &Facts, case: &Case) -> String;

    /// What a call changed, for a person.
    fn changes(&self, before: &dyn Node, after: &dyn Node) -> String;

    /// How much a state holds, in entries of its collections.
    fn size(&self, state: &dyn Node) -> usize;

    /// Whether both states are the same, in what `==` passes over too.
    fn same(&self, one: &dyn Node, other: &dyn Node) -> bool;
}

impl dyn Judged + '_ {
    /// Whether something came of a call: another state than `before`, an effect that is no reject, a
    /// result that is not the empty one.
    pub(crate) fn matters(&self, outcome: &Outcome, before: &dyn Node) -> bool {
        let rejected = |effect: &Effect<Prime>| matches!(effect, Effect::Reject { .. });
        let state = outcome.state.as_deref();
        state.is_some_and(|after| !self.cases().same(after, before))
            || !outcome.effects.iter().all(rejected)
            || !outcome.output.is_empty()
    }
}

/// A slot with the versions that a runner links.
pub(crate) struct Linked<'a, S: Slot>(pub(crate) &'a [(&'static str, S::Function)]);

impl<S: Slot> Judged for Linked<'_, S> {
    fn facts(&self) -> &'static Facts {
        &S::FACTS
    }

    fn families(&self) -> Vec<&'static str> {
        self.0.iter().map(|(family, _)| *family).collect()
    }

    fn cases(&self) -> &'static dyn Cases {
        S::cases()
    }

    fn run(&self, version: usize, config: &Config, state: &dyn Node, args: &dyn Node) -> Outcome {
        let function = version.checked_sub(1).map_or_else(S::reference, |at| self.0[at].1);
        S::run(function, config, known(state), known(args))
    }

    fn check(&self, case: &Case, outcome: &Outcome) -> Result<(), Finding> {
        let before = known(&*case.state);
        let state = outcome.state.as_deref().map_or(before, known);
        let came = Came { state, effects: &outcome.effects, output: known(&*outcome.output) };
        S::check(&case.config, before, known(&*case.args), &came)
    }

    fn recorded(&self, state: Copied, args: Copied) -> Option<(Box<dyn Node>, Box<dyn Node>)> {
        Some((state.downcast::<S::State>().ok()?, args.downcast::<S::Args>().ok()?))
    }

    fn shape(&self, state: &dyn Any) -> u64 {
        state.downcast_ref::<S::State>().map_or(0, Node::shape)
    }

    fn keep(&self, case: &Case) -> Value {
        let parts: (&S::State, &S::Args) = (known(&*case.state), known(&*case.args));
        kept::write(S::FACTS.name, &case.config, parts, case.sure)
    }

    fn had(&self, value: &Value) -> Result<Case, Misfit> {
        let Parts { config, state, args, sure } = kept::read::<S::State, S::Args>(value)?;
        let (state, args) = (Arc::new(state), Arc::new(args));
        Ok(Case { world: NOWHERE, config: Arc::new(config), state, args, sure })
    }

    fn sound(&self, config: &Config, before: &dyn Node, made: &dyn Node) -> Option<bool> {
        S::SOUND.map(|sound| sound(config, known(before), known(made)))
    }
}
