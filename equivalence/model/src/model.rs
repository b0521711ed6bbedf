//! A scope, the rules and the faults: everything that a run holds fixed.

use crate::rules::Rules;
use crate::scope::{Scope, has, select};
use crate::state::{NONE, Phase, Resolution, State, Value, proposal};

/// What a run holds fixed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Model {
    /// How small.
    pub scope: Scope,
    /// Which rules hold.
    pub rules: Rules,
    /// The faulty server, if there is one. Its votes for everything count as sent; as a leader it
    /// proposes two values for every number, and every Replay for which there is a proof.
    pub faulty: Option<usize>,
    /// Servers that take no more steps: crashed.
    pub asleep: u8,
    /// Whether the faulty server votes.
    pub helps: bool,
    /// Whether a faulty leader's Replays are voted on one by one. Off, everybody votes for the one
    /// that wins: of two lists only one can gather Q votes, as nobody votes twice, and votes for
    /// the other lead nowhere.
    pub split: bool,
    /// Without the reductions: decisions wait as long as they like, numbers are executed at any
    /// time, nothing is forgotten. For checking the reductions, in scopes that bear it.
    pub plain: bool,
    /// Whether monotony counts as a property.
    pub monotony: bool,
}

impl Model {
    /// A model whose servers are all awake.
    #[must_use]
    pub fn new(scope: Scope, rules: Rules, faulty: Option<usize>) -> Self {
        Self {
            scope,
            rules,
            faulty,
            asleep: 0,
            helps: true,
            split: false,
            plain: false,
            monotony: true,
        }
    }

    /// The correct servers, as a mask.
    #[must_use]
    pub fn correct(&self) -> u8 {
        let all = u8::MAX >> (8 - self.scope.servers);
        self.faulty.map_or(all, |faulty| all & !(1 << faulty))
    }

    /// The correct servers that still take steps, as a mask.
    #[must_use]
    pub fn awake(&self) -> u8 {
        self.correct() & !self.asleep
    }

    /// Whether a view's leader is the faulty server.
    #[must_use]
    pub fn equivocates(&self, view: usize) -> bool {
        self.faulty == Some(self.scope.leader(view))
    }

    /// Whether a view's Replays are voted on one by one.
    #[must_use]
    pub fn splits(&self, view: usize) -> bool {
        self.split && self.equivocates(view)
    }

    /// Whether the votes of these correct servers make Q, with what the faulty server adds.
    #[must_use]
    pub fn quorum(&self, votes: u8) -> bool {
        votes.count_ones() + u32::from(self.helps && self.faulty.is_some()) >= self.scope.quorum
    }

    /// Who may vote in a view.
    #[must_use]
    pub fn voters(&self, state: &State, view: usize) -> u8 {
        let stale = !self.rules.no_stale_votes;
        select(self.awake(), |server| {
            let at = usize::from(state.servers[server].view);
            at == view || (stale && at > view)
        })
    }

    /// The numbers at which a server takes part in a view.
    pub fn window(
        &self,
        state: &State,
        server: usize,
        view: usize,
    ) -> impl Iterator<Item = usize> + use<> {
        let there = &state.views[view];
        let from = if has(there.installed, server) {
            usize::from(there.resolution.start)
        } else if self.rules.install_first {
            self.scope.numbers + 1
        } else {
            1
        };
        from..=self.scope.numbers
    }

    /// The value for which a view has a prepare certificate at a number.
    #[must_use]
    pub fn prepared(&self, state: &State, view: usize, number: usize) -> Option<Value> {
        let there = &state.views[view];
        let (prepares, twins) = (there.prepares[number], there.twins[number]);
        // A leader's Pre-Prepare stands for its Prepare: who prepares has it.
        if prepares & !twins != 0 && self.quorum(prepares & !twins) {
            return Some(proposal(view, false));
        }
        (twins != 0 && self.quorum(twins)).then(|| proposal(view, true))
    }

    /// What Q Commits of a view order at a number.
    #[must_use]
    pub fn ordered(&self, state: &State, view: usize, number: usize) -> Option<Value> {
        has(state.views[view].ordered, number).then(|| self.prepared(state, view, number))?
    }

    /// What a view's committed Replay puts at a number.
    #[must_use]
    pub fn replayed(&self, state: &State, view: usize, number: usize) -> Option<Value> {
        let there = &state.views[view];
        let bound = there.resolution.bound[number];
        (there.phase == Phase::Committed && bound != NONE).then_some(bound)
    }

    /// The state before anything happened: everybody is in view 0, which needs no replay.
    #[must_use]
    pub fn initial(&self) -> State {
        let mut state = State::default();
        let first = &mut state.views[0];
        first.phase = Phase::Committed;
        first.resolution = Resolution { start: 1, ..Resolution::default() };
        first.installed = self.correct();
        self.settle(&mut state);
        state
    }
}
