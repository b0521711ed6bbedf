//! What a list of view-change states resolves to: a pure function of those states.

use crate::model::Model;
use crate::scope::members;
use crate::state::{NONE, NOOP, Resolution, State, Value, small, view_of};

impl Model {
    /// What the states of a list's members, sent for `view`, resolve to.
    #[must_use]
    pub fn resolve(&self, state: &State, view: usize, list: u8) -> Resolution {
        let reports = &state.views[view].reports;
        let highest = |of: fn(&crate::state::Report) -> u8| {
            members(list).map(|server| of(&reports[server])).max().unwrap_or_default()
        };
        let need = highest(|report| report.aru);
        let carried = if self.rules.carry_replay { highest(|report| report.carried) } else { 0 };
        let before = state.views[usize::from(carried)].resolution;
        let base = if self.rules.base_of_carried { need.max(before.base) } else { need };
        let mut resolution = Resolution { base, need, ..Resolution::default() };
        resolution.start = 1 + base.max(before.start - 1);
        for number in usize::from(base) + 1..=self.scope.numbers {
            let found = members(list).map(|server| reports[server].certificates[number]);
            let (value, alarm) = self.bind(number, carried, &before, found);
            resolution.bound[number] = value;
            resolution.alarm |= u8::from(alarm);
            if value != NOOP {
                resolution.start = resolution.start.max(small(number) + 1);
            }
        }
        resolution.bound[usize::from(resolution.start).min(self.scope.numbers + 1)..].fill(NONE);
        resolution
    }

    /// What stands at one number above the base, and whether a certificate was too high.
    fn bind(
        &self,
        number: usize,
        carried: u8,
        before: &Resolution,
        found: impl Iterator<Item = Value>,
    ) -> (Value, bool) {
        let rules = &self.rules;
        let (mut best, mut of_carried, mut alarm) = (NONE, NONE, false);
        for value in found.filter(|value| *value != NONE) {
            best = best.max(value);
            match view_of(value) {
                Some(view) if view == usize::from(carried) => of_carried = value,
                Some(view) if view > usize::from(carried) => alarm = rules.carry_replay,
                _ => {}
            }
        }
        let resolved = before.bound[number];
        let value = if !rules.carry_replay {
            best
        } else if resolved != NONE {
            if rules.keep_resolved || best == NONE { resolved } else { best }
        } else if rules.only_carried_view {
            of_carried
        } else {
            best
        };
        (value.max(NOOP), alarm)
    }
}
