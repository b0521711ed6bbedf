//! What comes of a call, in a word: samples are kept, and cases are drawn, by it.

use super::Sample;
use crate::quiet;
use crate::slots::Judged;
use crate::tree::Node;
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
    pub(super) reasons: BTreeSet<Reject>,
    effects: BTreeSet<&'static str>,
    /// How much there is in the arguments, and how much was returned, as a power of two.
    bulk: (u32, u32),
    /// At which edge the calls were made, if they were made at one.
    pub(crate) edge: Option<&'static str>,
}

impl Class {
    /// What it is, but for how much there was of it.
    pub(super) fn kind(&self) -> String {
        let Self { matters, changed, empty, reasons, effects, bulk: _, edge: _ } = self;
        format!("{matters} {changed} {empty} {reasons:?} {effects:?}")
    }
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

fn bulk(node: &dyn Node) -> u32 {
    // Beyond some size more is not another matter.
    node.size().min(64).checked_ilog2().map_or(0, |power| 1 + power / 2)
}

/// The class of a sample, found by calling the reference; `None` if that panics.
pub(super) fn class_of(slot: &dyn Judged, config: &Config, sample: &Sample) -> Option<Class> {
    let (state, args) = (&*sample.state, &*sample.args);
    let outcome = quiet::catch(|| slot.run(0, config, state, args)).ok()?;
    let after = outcome.state.as_deref();
    let mut class = Class {
        matters: slot.matters(&outcome, state),
        changed: after.is_some_and(|after| !slot.cases().same(after, state)),
        empty: outcome.output.is_empty(),
        reasons: outcome.output.reason().into_iter().collect(),
        effects: outcome.effects.iter().map(kind).collect(),
        bulk: (bulk(args), bulk(&*outcome.output)),
        edge: sample.edge,
    };
    class.reasons.extend(outcome.effects.iter().filter_map(|effect| match effect {
        Effect::Reject { reason, .. } => Some(*reason),
        _ => None,
    }));
    Some(class)
}
