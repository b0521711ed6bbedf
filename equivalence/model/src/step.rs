//! Which steps a state allows, and what a step does.
//!
//! A decision that can be made is made before anything else happens: whether to send a Commit, a
//! Replay-Commit, to install, which of two proposals to prepare. A yes only lets others do more,
//! so a run in which it comes later is a part of the run in which it comes at once; a no holds
//! until the server leaves the view. In the last view, from which no Report follows, a no is
//! never worth more than a yes, and is left out.

use crate::action::Action;
use crate::model::Model;
use crate::scope::{has, members};
use crate::state::{Phase, State, small};

impl Model {
    /// Every step that the state allows; only decisions, of one server, if one is due.
    #[must_use]
    pub fn actions(&self, state: &State) -> Vec<Action> {
        let mut actions = Vec::new();
        for server in members(self.awake()) {
            let view = usize::from(state.servers[server].view);
            if self.plain {
                self.votes(state, server, view, &mut actions);
                continue;
            }
            self.decisions(state, server, view, &mut actions);
            if !actions.is_empty() {
                return actions;
            }
        }
        for server in members(self.awake()) {
            self.execute(state, server, &mut actions);
            self.leave(state, server, &mut actions);
            self.late(state, server, &mut actions);
        }
        for view in 1..self.scope.views {
            self.replays(state, view, &mut actions);
            self.faulty_reports(state, view, &mut actions);
        }
        actions
    }

    /// Whether steps are the ways to make one decision that is due.
    #[must_use]
    pub fn due(&self, state: &State, actions: &[Action]) -> bool {
        let Some(
            Action::Commit { server, view, .. }
            | Action::Prepare { server, view, .. }
            | Action::ReplayCommit { server, view, .. }
            | Action::Install { server, view, .. },
        ) = actions.first().copied()
        else {
            return false;
        };
        !self.plain && usize::from(state.servers[server].view) == view
    }

    fn decisions(&self, state: &State, server: usize, view: usize, into: &mut Vec<Action>) {
        let answers = if view == self.scope.last() { [true].as_slice() } else { &[true, false] };
        let there = &state.views[view];
        if self.may_replay_commit(state, server, view) && !has(there.replay_decided, server) {
            into.extend(answers.iter().map(|yes| Action::ReplayCommit { server, view, yes: *yes }));
            return;
        }
        let open = !has(there.install_decided | there.installed, server);
        if there.phase == Phase::Committed && open {
            // Who carries the Replay anyway loses nothing by installing: it need not commit.
            let carries = usize::from(state.servers[server].held) == view;
            let answers = if carries { &[true] } else { answers };
            into.extend(answers.iter().map(|yes| Action::Install { server, view, yes: *yes }));
            return;
        }
        for number in self.window(state, server, view) {
            if self.may_prepare(state, server, view, number) {
                self.prepares(state, server, view, number, into);
                return;
            }
            if self.may_commit(state, server, view, number) && !has(there.decided[number], server) {
                let commit = |yes: &bool| Action::Commit { server, view, number, yes: *yes };
                into.extend(answers.iter().map(commit));
                return;
            }
        }
    }

    fn may_replay_commit(&self, state: &State, server: usize, view: usize) -> bool {
        let there = &state.views[view];
        let able = self.reach(state) >= usize::from(there.resolution.need);
        let sees = able || !self.rules.own_execution;
        there.phase == Phase::Certified
            && there.resolution.lie == 0
            && sees
            && !has(there.replay_commits, server)
    }

    fn may_commit(&self, state: &State, server: usize, view: usize, number: usize) -> bool {
        let there = &state.views[view];
        let executed = usize::from(state.servers[server].aru) >= number;
        let moot = has(there.commits[number], server) || executed && has(there.ordered, number);
        !moot && self.prepared(state, view, number).is_some()
    }

    /// Whether a server has yet to choose between two proposals, and a certificate can come of it.
    fn may_prepare(&self, state: &State, server: usize, view: usize, number: usize) -> bool {
        let prepares = state.views[view].prepares[number];
        let hope = self.quorum(prepares | self.may_still(state, view));
        let hope = hope || !self.rules.no_stale_votes;
        self.equivocates(view) && !has(prepares, server) && hope
    }

    /// Of two proposals the one that is prepared first is called the first.
    fn prepares(
        &self,
        state: &State,
        server: usize,
        view: usize,
        number: usize,
        into: &mut Vec<Action>,
    ) {
        let there = &state.views[view];
        into.push(Action::Prepare { server, view, number, twin: false });
        if there.prepares[number] & !there.twins[number] != 0 {
            into.push(Action::Prepare { server, view, number, twin: true });
        }
    }

    /// Executing is worth a step of its own only where it makes somebody's state complete.
    fn execute(&self, state: &State, server: usize, into: &mut Vec<Action>) {
        let Some(at) = state.servers.get(server) else { return };
        let reach = small(self.reach(state));
        let reports = &state.views[usize::from(at.view)].reports;
        let named = reports.iter().map(|report| report.aru).filter(|aru| *aru > at.aru).min();
        let named = if self.plain { Some(at.aru + 1) } else { named };
        if let Some(number) = named.filter(|number| *number <= reach) {
            into.push(Action::Execute { server, number });
        }
    }

    /// What comes late: an install certificate, and without the rule, votes for views left.
    fn late(&self, state: &State, server: usize, into: &mut Vec<Action>) {
        let at = state.servers[server];
        for view in 0..usize::from(at.view) {
            let there = &state.views[view];
            let higher = view > usize::from(at.held) && usize::from(at.view) < self.scope.last();
            if there.phase == Phase::Committed && higher && self.rules.carry_from_install {
                into.push(Action::HoldLate { server, view });
            }
            if !self.rules.no_stale_votes {
                self.votes(state, server, view, into);
            }
        }
    }

    /// Every vote that a server can send in a view, none of them due.
    fn votes(&self, state: &State, server: usize, view: usize, into: &mut Vec<Action>) {
        let there = &state.views[view];
        if self.may_replay_commit(state, server, view) {
            into.push(Action::ReplayCommit { server, view, yes: true });
        }
        if there.phase == Phase::Committed && !has(there.installed, server) {
            into.push(Action::Install { server, view, yes: true });
        }
        for number in self.window(state, server, view) {
            if self.may_prepare(state, server, view, number) {
                self.prepares(state, server, view, number, into);
            } else if self.may_commit(state, server, view, number) {
                into.push(Action::Commit { server, view, number, yes: true });
            }
        }
    }

    fn replays(&self, state: &State, view: usize, into: &mut Vec<Action>) {
        let there = &state.views[view];
        let leader = self.scope.leader(view);
        let here = usize::from(state.servers[leader].view) == view;
        let leads = has(self.awake(), leader) && here;
        if there.phase != Phase::Open || there.replay != 0 {
            return;
        }
        for list in 0..self.scope.lists.len() {
            if there.signers[list] == 0 || !self.quorum(there.signers[list]) {
                continue;
            }
            let lies = [false, true];
            let lies =
                &lies[..if self.equivocates(view) && !self.rules.sign_resolution { 2 } else { 1 }];
            for lie in lies.iter().copied() {
                if self.splits(view) {
                    let free = members(self.voters(state, view)).filter(|id| there.picks[*id] == 0);
                    into.extend(free.map(|server| Action::ReplayPrepare {
                        server,
                        view,
                        list,
                        lie,
                    }));
                } else if self.equivocates(view) || leads {
                    into.push(Action::Replay { view, list, lie });
                }
            }
        }
    }

    /// The state after a step.
    #[must_use]
    pub fn apply(&self, state: &State, action: &Action) -> State {
        let mut next = *state;
        self.act(&mut next, action);
        self.settle(&mut next);
        next
    }

    fn act(&self, state: &mut State, action: &Action) {
        match *action {
            Action::Commit { server, view, number, yes } => {
                let there = &mut state.views[view];
                there.decided[number] |= 1 << server;
                there.commits[number] |= u8::from(yes) << server;
            }
            Action::Prepare { server, view, number, twin } => {
                let there = &mut state.views[view];
                there.prepares[number] |= 1 << server;
                there.twins[number] |= u8::from(twin) << server;
            }
            Action::ReplayCommit { server, view, yes } => {
                self.replay_commit(state, server, view, yes)
            }
            Action::Install { server, view, yes } => {
                let there = &mut state.views[view];
                there.install_decided |= 1 << server;
                there.installed |= u8::from(yes) << server;
                hold(state, server, view, yes && self.rules.carry_from_install);
            }
            Action::Execute { server, number } => state.servers[server].aru = number,
            Action::Leave { server, ref report, .. } => self.go_on(state, server, report),
            Action::Replay { view, list, lie } => {
                state.views[view].replay = small(2 * list + 1 + usize::from(lie));
            }
            Action::ReplayPrepare { server, view, list, lie } => {
                state.views[view].picks[server] = small(2 * list + 1 + usize::from(lie));
            }
            Action::FaultyReport { view, ref report } => {
                if let Some(faulty) = self.faulty {
                    state.views[view].reports[faulty] = *report;
                }
            }
            Action::HoldLate { server, view } => hold(state, server, view, true),
        }
    }

    fn replay_commit(&self, state: &mut State, server: usize, view: usize, yes: bool) {
        let there = &mut state.views[view];
        there.replay_decided |= 1 << server;
        there.replay_commits |= u8::from(yes) << server;
        if yes && self.rules.own_execution {
            let at = &mut state.servers[server];
            at.aru = at.aru.max(there.resolution.need);
        }
        hold(state, server, view, yes && self.rules.carry_from_commit);
    }
}

/// The next Report carries this view's Replay certificate, or a higher one.
fn hold(state: &mut State, server: usize, view: usize, yes: bool) {
    if yes {
        let at = &mut state.servers[server];
        at.held = at.held.max(small(view));
    }
}
