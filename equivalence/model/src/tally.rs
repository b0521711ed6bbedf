//! What was reached: an exploration that never installs a view shows nothing.

use crate::model::Model;
use crate::scope::members;
use crate::state::{NOOP, Phase, State, view_of};
use std::fmt;

/// Numbers of states in which something holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// A view beside the first was installed.
    pub installed: usize,
    /// Two views or more beside the first were.
    pub installed_twice: usize,
    /// A number is executed from a Replay, with a proposal of an earlier view.
    pub replayed: usize,
    /// A number is executed as a no-op.
    pub skipped: usize,
    /// A proposal of a later view than the first is ordered.
    pub ordered_later: usize,
    /// A view's replay took over what an earlier view's replay had resolved.
    pub carried: usize,
    /// There is a Replay certificate, but its view can no longer be installed.
    pub orphaned: usize,
    /// Everything is executed.
    pub complete: usize,
}

impl Tally {
    pub(crate) fn count(&mut self, model: &Model, state: &State) {
        let views = 1..model.scope.views;
        let committed = |view: &usize| state.views[*view].phase == Phase::Committed;
        let installed = views.clone().filter(committed).count();
        let numbers = 1..=model.reach(state);
        let bound = |view: usize, number: usize| state.views[view].resolution.bound[number];
        let replayed = |kind: fn(u8) -> bool| {
            views
                .clone()
                .filter(committed)
                .any(|view| numbers.clone().any(|n| kind(bound(view, n))))
        };
        let later = views.clone().filter(committed).skip(1).any(|view| {
            let resolved = |n: usize| bound(view, n) > NOOP;
            (1..=model.scope.numbers)
                .any(|n| resolved(n) && view_of(bound(view, n)) < Some(view - 1))
        });
        let ordered = views.clone().any(|view| state.views[view].ordered != 0);
        let orphaned = views.clone().any(|view| {
            let there = &state.views[view];
            let left =
                members(model.correct()).all(|id| usize::from(state.servers[id].view) > view);
            there.phase == Phase::Certified && left
        });
        self.installed += usize::from(installed > 0);
        self.installed_twice += usize::from(installed > 1);
        self.replayed += usize::from(replayed(|value| value > NOOP));
        self.skipped += usize::from(replayed(|value| value == NOOP));
        self.ordered_later += usize::from(ordered);
        self.carried += usize::from(later);
        self.orphaned += usize::from(orphaned);
        self.complete += usize::from(model.reach(state) == model.scope.numbers);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { installed, installed_twice, replayed, skipped, .. } = self;
        let Self { ordered_later, carried, orphaned, complete, .. } = self;
        write!(f, "{installed} with a view installed, {installed_twice} with two, ")?;
        write!(f, "{replayed} executing a proposal by Replay, {skipped} a no-op, ")?;
        write!(f, "{ordered_later} ordering in a later view, {carried} with a carried binding, ")?;
        write!(f, "{orphaned} with a Replay that nobody can install, {complete} complete")
    }
}
