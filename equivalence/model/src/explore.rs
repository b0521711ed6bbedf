//! Breadth first through all states of a model.

use crate::action::Action;
use crate::model::Model;
use crate::property::Broken;
use crate::state::State;
use crate::table::{Fingerprint, Table, fingerprint};
use crate::tally::Tally;

/// What came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// How many states were found.
    pub states: usize,
    /// How many steps the farthest of them is away; decisions that follow a step count with it.
    pub depth: usize,
    /// Whether no state is left.
    pub exhausted: bool,
    /// A shortest way to break a property.
    pub broken: Option<(Broken, Vec<Action>)>,
    /// What was reached on the way.
    pub tally: Tally,
}

struct Level {
    packed: Vec<u8>,
    first: u32,
}

/// Where a state leads: the state after a step and all decisions that are due then.
struct Next {
    state: State,
    path: Vec<Action>,
}

/// Explores until a property is broken, no state is left, or there are `cap` states.
#[must_use]
pub fn explore(model: &Model, cap: usize) -> Outcome {
    let mut table = Table::new();
    let mut tally = Tally::default();
    let mut depth = 0;
    let mut level = Level { packed: Vec::new(), first: 0 };
    for next in initial(model) {
        if let Some(found) = visit(model, &next.state, u32::MAX, &mut table, &mut level, &mut tally)
        {
            return outcome(model, &table, depth, false, tally, Some(found));
        }
    }
    let size = model.initial().pack(&model.scope).len();
    while !level.packed.is_empty() {
        let here = std::mem::replace(&mut level, Level { packed: Vec::new(), first: 0 });
        for (index, packed) in (here.first..).zip(here.packed.chunks(size)) {
            if table.len() >= cap {
                return outcome(model, &table, depth, false, tally, None);
            }
            let state = State::unpack(&model.scope, packed);
            for next in successors(model, &state) {
                let found = visit(model, &next.state, index, &mut table, &mut level, &mut tally);
                if found.is_some() {
                    return outcome(model, &table, depth + 1, false, tally, found);
                }
            }
        }
        depth += usize::from(!level.packed.is_empty());
    }
    outcome(model, &table, depth, true, tally, None)
}

type Found = (Broken, u32);

fn visit(
    model: &Model,
    state: &State,
    parent: u32,
    table: &mut Table,
    level: &mut Level,
    tally: &mut Tally,
) -> Option<Found> {
    let packed = model.canonical(state);
    let index = table.insert(fingerprint(&packed), parent)?;
    if level.packed.is_empty() {
        level.first = index;
    }
    level.packed.extend_from_slice(&packed);
    tally.count(model, state);
    model.broken(state).map(|broken| (broken, index))
}

fn outcome(
    model: &Model,
    table: &Table,
    depth: usize,
    exhausted: bool,
    tally: Tally,
    found: Option<Found>,
) -> Outcome {
    let broken = found.map(|(broken, index)| (broken, trace(model, table, index)));
    Outcome { states: table.len(), depth, exhausted, broken, tally }
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
fn trace(model: &Model, table: &Table, last: u32) -> Vec<Action> {
    let mut prints: Vec<Fingerprint> = Vec::new();
    let mut index = last;
    while index != u32::MAX {
        let (print, parent) = table.entry(index);
        prints.push(print);
        index = parent;
    }
    let mut path = Vec::new();
    let mut choices = initial(model);
    for print in prints.iter().rev() {
        let is = |next: &Next| fingerprint(&model.canonical(&next.state)) == *print;
        let Some(found) = choices.into_iter().find(is) else { break };
        path.extend(found.path);
        choices = successors(model, &found.state);
    }
    path
}
