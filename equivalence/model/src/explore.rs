//! Breadth first through all states of a model.

use crate::action::Action;
use crate::model::Model;
use crate::property::Broken;
use crate::state::State;
use crate::table::{Fingerprint, Table, fingerprint};
use crate::tally::Tally;

/// When to stop although states are left, and how often to look whether a state can recover.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The most states.
    pub states: usize,
    /// The most bytes of memory for states and fingerprints.
    pub bytes: usize,
    /// Every how many states progress is tried from one; 0 is never.
    pub heal_every: usize,
}

/// What came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// How many states were found.
    pub states: usize,
    /// How many steps the farthest of them is away; decisions that follow a step count with it.
    pub depth: usize,
    /// Whether no state is left.
    pub exhausted: bool,
    /// From how many states progress was tried.
    pub healed: usize,
    /// A shortest way to break a property, and the state to which it leads.
    pub broken: Option<(Broken, Vec<Action>, State)>,
    /// What was reached on the way.
    pub tally: Tally,
}

/// The states at one depth, packed, in the order of discovery.
#[derive(Default)]
struct Level {
    packed: Vec<u8>,
    first: u32,
}

/// Where a state leads: the state after a step and all decisions that are due then.
struct Next {
    state: State,
    path: Vec<Action>,
}

/// The parent of a state to which no step leads.
const ROOT: u32 = u32::MAX;

struct Search<'a> {
    model: &'a Model,
    limits: Limits,
    table: Table,
    level: Level,
    depth: usize,
    healed: usize,
    tally: Tally,
    found: Option<(Broken, u32)>,
}

/// Explores until a property is broken, no state is left, or a limit is reached.
#[must_use]
pub fn explore(model: &Model, limits: Limits) -> Outcome {
    let mut search = Search {
        model,
        limits,
        table: Table::new(),
        level: Level::default(),
        depth: 0,
        healed: 0,
        tally: Tally::default(),
        found: None,
    };
    for next in initial(model) {
        search.visit(&next.state, ROOT);
    }
    let exhausted = search.run();
    search.outcome(exhausted)
}

impl Search<'_> {
    /// Level after level; whether no state is left.
    fn run(&mut self) -> bool {
        let size = self.model.initial().pack(&self.model.scope).len();
        while !self.level.packed.is_empty() {
            let here = std::mem::take(&mut self.level);
            for (index, packed) in (here.first..).zip(here.packed.chunks(size)) {
                let bytes = self.table.bytes() + here.packed.len() + self.level.packed.capacity();
                let full = self.table.len() >= self.limits.states || bytes >= self.limits.bytes;
                if full || self.found.is_some() {
                    return false;
                }
                let state = State::unpack(&self.model.scope, packed);
                for next in successors(self.model, &state) {
                    self.visit(&next.state, index);
                }
            }
            self.depth += usize::from(!self.level.packed.is_empty());
        }
        self.found.is_none()
    }

    fn visit(&mut self, state: &State, parent: u32) {
        let packed = self.model.canonical(state);
        let Some(index) = self.table.insert(fingerprint(&packed), parent) else { return };
        if self.level.packed.is_empty() {
            self.level.first = index;
        }
        self.level.packed.extend_from_slice(&packed);
        self.tally.count(self.model, state);
        let mut broken = self.model.broken(state);
        if broken.is_none() && self.model.hopeful() && self.is_turn(index) {
            self.healed += 1;
            broken = self.model.heal(state, index as usize).err();
        }
        self.found = self.found.or_else(|| broken.map(|broken| (broken, index)));
    }

    fn is_turn(&self, index: u32) -> bool {
        self.limits.heal_every > 0 && (index as usize).is_multiple_of(self.limits.heal_every)
    }

    fn outcome(self, exhausted: bool) -> Outcome {
        let broken = self.found.map(|(broken, index)| {
            let (path, state) = trace(self.model, &self.table, index);
            (broken, path, state)
        });
        let Self { table, depth, healed, tally, .. } = self;
        Outcome { states: table.len(), depth, exhausted, healed, broken, tally }
    }
}

fn successors(model: &Model, state: &State) -> Vec<Next> {
    let mut all = Vec::new();
    for action in model.actions(state) {
        let next = Next { state: model.apply(state, &action), path: vec![action] };
        decided(model, next, &mut all);
    }
    all
}

/// Adds the state itself if no decision is due, else what comes of all ways to decide.
fn decided(model: &Model, start: Next, closed: &mut Vec<Next>) {
    let mut open = vec![start];
    while let Some(next) = open.pop() {
        let actions = model.actions(&next.state);
        if !model.due(&next.state, &actions) {
            closed.push(next);
            continue;
        }
        for action in actions {
            let mut path = next.path.clone();
            path.push(action);
            open.push(Next { state: model.apply(&next.state, &action), path });
        }
    }
}

fn initial(model: &Model) -> Vec<Next> {
    let mut all = Vec::new();
    decided(model, Next { state: model.initial(), path: Vec::new() }, &mut all);
    all
}

/// Walks the fingerprints from the start to a state, and finds the steps between them.
fn trace(model: &Model, table: &Table, last: u32) -> (Vec<Action>, State) {
    let mut prints: Vec<Fingerprint> = Vec::new();
    let mut index = last;
    while index != ROOT {
        let (print, parent) = table.entry(index);
        prints.push(print);
        index = parent;
    }
    let (mut path, mut state) = (Vec::new(), model.initial());
    let mut choices = initial(model);
    for print in prints.iter().rev() {
        let is = |next: &Next| fingerprint(&model.canonical(&next.state)) == *print;
        let Some(found) = choices.into_iter().find(is) else { break };
        path.extend(found.path);
        state = found.state;
        choices = successors(model, &state);
    }
    (path, state)
}
