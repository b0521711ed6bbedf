//! What comes of a call, in a word: samples are kept, and cases are drawn, by it.

use super::Sample;
use crate::quiet;
use crate::slots::Tapped;
use crate::tree::{Pools, Tree};
use std::any::Any;
use std::collections::BTreeSet;
use wire::prime::Prime;
use wire::{Config, Effect, Protocol, Record, Reject};

/// A class of calls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Class {
    /// Whether something comes of it: another state, an effect, a result that is not the empty one.
    pub(crate) matters: bool,
    changed: bool,
    empty: bool,
    reasons: BTreeSet<Reject>,
    effects: BTreeSet<&'static str>,
    /// How much there is in the arguments, and how much was returned, as a power of two.
    bulk: (u32, u32),
}

fn kind(effect: &Effect<Prime>) -> &'static str {
    match effect {
        Effect::Persist { record: Record::Promise(_), .. } => "promise",
        Effect::Persist { record: Record::Held(_), .. } => "held",
        Effect::Rewrite { .. } => "rewrite",
        Effect::Send { body, .. } => Prime::kind(body),
        Effect::Relay { .. } => "relay",
        Effect::Reply(_) => "reply",
        Effect::Executed { .. } => "executed",
        Effect::Restored { .. } => "restored",
        Effect::Reject { .. } => "reject",
    }
}

fn bulk<T: Tree>(tree: &T) -> u32 {
    // Beyond some size more is not another matter.
    tree.size().min(64).checked_ilog2().map_or(0, |power| 1 + power / 2)
}

/// The state and arguments of a sample, if they are the slot's.
pub(crate) fn typed<S: Tapped>(sample: &Sample) -> Option<(&S::State, &S::Args)> {
    Some((sample.state.downcast_ref()?, sample.args.downcast_ref()?))
}

/// The class of a sample, found by calling the reference; `None` if that panics.
pub(crate) fn class_of<S: Tapped>(config: &Config, sample: &Sample) -> Option<Class> {
    let (state, args) = typed::<S>(sample).expect("the slot's line copies its signature");
    let outcome = quiet::catch(|| S::run(S::reference(), config, state, args)).ok()?;
    let mut class = Class {
        matters: false,
        changed: outcome.state.as_ref().is_some_and(|after| !S::same(after, state)),
        empty: outcome.output.is_empty(),
        reasons: outcome.output.reason().into_iter().collect(),
        effects: outcome.effects.iter().map(kind).collect(),
        bulk: (bulk(args), bulk(&outcome.output)),
    };
    class.reasons.extend(outcome.effects.iter().filter_map(|effect| match effect {
        Effect::Reject { reason, .. } => Some(*reason),
        _ => None,
    }));
    class.matters = outcome.matters(state);
    Some(class)
}

/// Offers what is in a sample's arguments to the pools, and what is in its state if that is `whole`.
pub(crate) fn pool<S: Tapped>(sample: &Sample, whole: bool, pools: &mut Pools) {
    let (state, args) = typed::<S>(sample).expect("the slot's line copies its signature");
    args.collect(pools);
    if whole {
        state.collect(pools);
    }
}

/// The shape of a state of the slot.
pub(crate) fn shape_of<S: Tapped>(state: &dyn Any) -> u64 {
    state.downcast_ref::<S::State>().map_or(0, Tree::shape)
}
