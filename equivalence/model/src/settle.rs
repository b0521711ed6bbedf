//! What happens by itself, and what no longer matters.
//!
//! A message that only lets others do more, and binds its sender to nothing, is sent as soon as it
//! can be: partial signatures, the votes on a correct leader's Replay and its proposals, and the
//! Prepares on them. A state without it allows a part of what the state with it allows. Then
//! everything is cleared on which no later step depends, so that equal futures are equal states.

use crate::model::Model;
use crate::scope::{has, members, select};
use crate::state::{Phase, Report, Resolution, State, small};

impl Model {
    /// Sends all that binds nobody, then clears all that matters no more.
    pub fn settle(&self, state: &mut State) {
        let mut before = State::default();
        while before != *state {
            before = *state;
            for view in 0..self.scope.views {
                self.advance(state, view);
            }
            if !self.plain {
                self.close_the_last_view(state);
            }
        }
        if self.plain {
            return;
        }
        for view in 0..self.scope.views {
            self.forget(state, view);
        }
    }

    fn advance(&self, state: &mut State, view: usize) {
        let voters = self.voters(state, view);
        if state.views[view].phase == Phase::Open {
            self.sign(state, view, voters);
            self.pick(state, view, voters);
            self.certify(state, view);
        }
        let there = &mut state.views[view];
        if there.phase == Phase::Certified && self.quorum(there.replay_commits) {
            there.phase = Phase::Committed;
        }
        if !self.equivocates(view) {
            self.prepare(state, view, voters);
        }
        for number in 1..=self.scope.numbers {
            if self.quorum(state.views[view].commits[number]) {
                state.views[view].ordered |= 1 << number;
            }
        }
    }

    /// Whether a list's state is complete to a server.
    #[must_use]
    pub fn complete(&self, state: &State, view: usize, list: u8, server: usize) -> bool {
        let aru = state.servers[server].aru;
        members(list).all(|member| {
            let report = &state.views[view].reports[member];
            report.sent == 1 && (!self.rules.own_execution || aru >= report.aru)
        })
    }

    fn sign(&self, state: &mut State, view: usize, voters: u8) {
        if state.views[view].replay != 0 {
            return;
        }
        for (index, list) in self.scope.lists.iter().enumerate() {
            for server in members(voters & !state.views[view].signers[index]) {
                if self.complete(state, view, *list, server) {
                    state.views[view].signers[index] |= 1 << server;
                }
            }
        }
    }

    fn pick(&self, state: &mut State, view: usize, voters: u8) {
        let there = &mut state.views[view];
        if there.replay != 0 {
            members(voters).for_each(|server| there.picks[server] = there.replay);
        }
    }

    /// Who voted for a Replay.
    fn picked(&self, state: &State, view: usize, replay: u8) -> u8 {
        select(self.correct(), |server| state.views[view].picks[server] == replay)
    }

    fn certify(&self, state: &mut State, view: usize) {
        let picks = state.views[view].picks;
        let certified =
            |replay: &u8| *replay != 0 && self.quorum(self.picked(state, view, *replay));
        let Some(replay) = picks.into_iter().find(certified) else { return };
        let (list, lie) = self.replay(replay);
        let mut resolution = self.resolve(state, view, list);
        if lie {
            resolution.lie = 1;
            resolution.bound.iter_mut().for_each(|value| *value = (*value).min(1));
        }
        state.views[view].phase = Phase::Certified;
        state.views[view].resolution = resolution;
    }

    /// The list of a Replay, and whether it states a false resolution.
    fn replay(&self, replay: u8) -> (u8, bool) {
        let index = usize::from(replay - 1);
        (self.scope.lists[index / 2], index % 2 == 1)
    }

    fn prepare(&self, state: &mut State, view: usize, voters: u8) {
        let leader = self.scope.leader(view);
        let others = members(voters & !(1 << leader));
        for server in members(voters & 1 << leader).chain(others) {
            for number in self.window(state, server, view) {
                let prepares = &mut state.views[view].prepares[number];
                if server == leader || has(*prepares, leader) {
                    *prepares |= 1 << server;
                }
            }
        }
    }

    /// From the last view no Report follows, so nothing speaks against executing, and what a
    /// Report would carry does not matter.
    fn close_the_last_view(&self, state: &mut State) {
        let reach = small(self.reach(state));
        for server in members(self.awake()) {
            let server = &mut state.servers[server];
            if usize::from(server.view) == self.scope.last() {
                server.aru = server.aru.max(reach);
                server.held = 0;
            }
        }
    }

    fn forget(&self, state: &mut State, view: usize) {
        if state.views[view].phase == Phase::Open && view > 0 && self.lost(state, view) {
            state.views[view].phase = Phase::Dead;
        }
        let arrived = self.may_still(state, view);
        let there = &mut state.views[view];
        if there.phase != Phase::Open {
            there.reports.fill(Report::default());
            there.signers.fill(0);
            there.picks.fill(0);
            there.replay = 0;
        } else if there.replay != 0 {
            there.signers.fill(0);
        }
        let undecided = arrived & !there.replay_decided;
        let hopeless = there.phase == Phase::Certified
            && !self.quorum(there.replay_commits | undecided)
            && self.rules.no_stale_votes;
        if there.phase == Phase::Committed {
            there.replay_decided = 0;
            there.resolution.need = 0;
        }
        if there.phase == Phase::Committed || hopeless {
            there.replay_commits = 0;
        }
        if hopeless && undecided == 0 && !self.referred(state, view) {
            state.views[view].phase = Phase::Dead;
            state.views[view].resolution = Resolution::default();
        }
        for number in 1..=self.scope.numbers {
            self.forget_votes(state, view, number, arrived);
        }
    }

    fn forget_votes(&self, state: &mut State, view: usize, number: usize, arrived: u8) {
        let value = self.prepared(state, view, number);
        let there = &mut state.views[view];
        if let Some(value) = value {
            there.prepares[number] = self.correct();
            there.twins[number] = if value % 2 == 1 { self.correct() } else { 0 };
        } else if !self.quorum(there.prepares[number] | arrived) && self.rules.no_stale_votes {
            there.prepares[number] = 0;
            there.twins[number] = 0;
        }
        let commits = there.commits[number];
        let open = !has(there.ordered, number) && self.quorum(commits | arrived);
        if !open && self.rules.no_stale_votes {
            let told = |server| self.tells(state, server, view, number);
            state.views[view].commits[number] = select(commits, told);
        }
    }

    /// Whether a server's Commit can still matter in a Report of its own.
    fn tells(&self, state: &State, server: usize, view: usize, number: usize) -> bool {
        let at = state.servers[server];
        let later = state.views[view + 1..self.scope.views].iter();
        usize::from(at.view) < self.scope.last()
            && usize::from(at.aru) < number
            && !(self.rules.carried_first() && view < usize::from(at.held))
            && !later.clone().any(|there| has(there.commits[number], server))
    }

    /// Who has not left a view yet.
    pub(crate) fn may_still(&self, state: &State, view: usize) -> u8 {
        select(self.correct(), |server| usize::from(state.servers[server].view) <= view)
    }

    /// Whether no Replay certificate of a view can come about any more.
    fn lost(&self, state: &State, view: usize) -> bool {
        if !self.rules.no_stale_votes {
            return false;
        }
        let there = &state.views[view];
        let arrived = self.may_still(state, view);
        if !self.splits(view) {
            let leads = self.equivocates(view) || has(arrived, self.scope.leader(view));
            let silent = there.replay == 0 && !leads;
            let votes = if there.replay == 0 { 0 } else { self.picked(state, view, there.replay) };
            return silent || !self.quorum(arrived | votes);
        }
        let free = arrived & self.picked(state, view, 0);
        let ways = there.picks.iter().filter(|replay| **replay != 0);
        !self.quorum(free)
            && !ways.into_iter().any(|replay| self.quorum(free | self.picked(state, view, *replay)))
    }

    /// Whether a certified Replay is carried, or can be.
    fn referred(&self, state: &State, view: usize) -> bool {
        let held = members(self.correct()).any(|id| usize::from(state.servers[id].held) == view);
        let mut reports = state.views.iter().flat_map(|there| &there.reports);
        held || self.faulty.is_some()
            || reports.any(|report| report.sent == 1 && usize::from(report.carried) == view)
    }
}
