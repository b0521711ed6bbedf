//! Leaving a view: what a server reports in the next, and what a faulty one can claim.

use crate::action::Action;
use crate::model::Model;
use crate::scope::{has, members};
use crate::state::{NONE, Phase, Report, State, Value, small, view_of};

impl Model {
    /// The ways in which a server can preinstall the next view.
    ///
    /// Views are entered one by one: who jumps does no more than who passes through a view without
    /// a vote, and the Report it leaves behind there only lets others do more.
    pub(crate) fn leave(&self, state: &State, server: usize, into: &mut Vec<Action>) {
        let at = state.servers[server];
        if usize::from(at.view) >= self.scope.last() {
            return;
        }
        let view = usize::from(at.view) + 1;
        let choices = |number: usize| self.kept(state, server, number);
        let choices: Vec<_> = (1..=self.scope.numbers).map(choices).collect();
        let most = self.reach(state).max(usize::from(at.aru));
        for aru in usize::from(at.aru)..=most {
            let carried = if self.rules.carry_replay { at.held } else { 0 };
            let report = Report { sent: 1, aru: small(aru), carried, ..Report::default() };
            self.spread(report, &choices, &mut |report| {
                into.push(Action::Leave { server, view, report })
            });
        }
    }

    /// What a server's PC-Set can hold at a number: choices that differ by what reached it.
    fn kept(&self, state: &State, server: usize, number: usize) -> Vec<Value> {
        let view = usize::from(state.servers[server].view);
        let mut own = NONE;
        let mut ordered = false;
        for voted in 0..=view {
            if has(state.views[voted].commits[number], server) {
                own = self.prepared(state, voted, number).unwrap_or(NONE);
                ordered = has(state.views[voted].ordered, number);
            }
        }
        let first = usize::from(state.servers[server].held);
        let first = if self.rules.carried_first() && !self.plain { first } else { 0 };
        let mut choices = vec![if view_of(own) < Some(first) { NONE } else { own }];
        if !self.rules.keep_ordered {
            if ordered {
                choices.push(NONE);
            }
            return choices;
        }
        // A commit certificate may have come by without a vote of one's own.
        let learnt = (first..=view).filter_map(|view| self.ordered(state, view, number));
        choices.extend(learnt.filter(|value| *value > own));
        choices
    }

    /// Every Report with one of the choices at each number above the ARU.
    fn spread(&self, report: Report, choices: &[Vec<Value>], out: &mut dyn FnMut(Report)) {
        self.spread_from(usize::from(report.aru) + 1, report, choices, out);
    }

    fn spread_from(
        &self,
        number: usize,
        mut report: Report,
        choices: &[Vec<Value>],
        out: &mut dyn FnMut(Report),
    ) {
        if number > self.scope.numbers {
            return out(report);
        }
        for value in &choices[number - 1] {
            report.certificates[number] = *value;
            self.spread_from(number + 1, report, choices, out);
        }
    }

    pub(crate) fn go_on(&self, state: &mut State, server: usize, report: &Report) {
        let at = &mut state.servers[server];
        let left = usize::from(at.view);
        at.view += 1;
        at.aru = report.aru;
        if self.rules.no_stale_votes {
            let there = &mut state.views[left];
            let others = !(1 << server);
            there.installed &= others;
            there.install_decided &= others;
            there.replay_decided &= others;
            there.decided.iter_mut().for_each(|decided| *decided &= others);
        }
        if state.views[left + 1].phase == Phase::Open {
            state.views[left + 1].reports[server] = *report;
        }
    }

    /// What the faulty server can claim: whatever certificates it can put together.
    ///
    /// It claims as late as it can, when only its own state lacks for a list, and, where nobody
    /// signs on what he did not execute, no ARU beyond what can be executed by then.
    pub(crate) fn faulty_reports(&self, state: &State, view: usize, into: &mut Vec<Action>) {
        let Some(faulty) = self.faulty.filter(|_| self.helps) else { return };
        let there = &state.views[view];
        let reported = members(self.correct()).filter(|id| there.reports[*id].sent == 1).count();
        let lacks = there.phase == Phase::Open && there.reports[faulty].sent == 0;
        if !lacks || there.replay != 0 || reported + 1 < self.scope.lists[0].count_ones() as usize {
            return;
        }
        let most = if self.rules.own_execution { self.reach(state) } else { self.scope.numbers };
        let known = |number: usize| {
            let made = (0..view).filter_map(move |below| self.prepared(state, below, number));
            std::iter::once(NONE).chain(made).collect::<Vec<_>>()
        };
        let choices: Vec<_> = (1..=self.scope.numbers).map(known).collect();
        for carried in 0..if self.rules.carry_replay { view } else { 1 } {
            if !state.views[carried].certified() {
                continue;
            }
            for aru in 0..=most {
                let (aru, carried) = (small(aru), small(carried));
                let report = Report { sent: 1, aru, carried, ..Report::default() };
                self.spread(report, &choices, &mut |report| {
                    into.push(Action::FaultyReport { view, report })
                });
            }
        }
    }
}
