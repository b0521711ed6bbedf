//! Random runs, for scopes that are too large to exhaust.

use crate::action::Action;
use crate::model::Model;
use crate::property::Broken;
use crate::state::State;
use crate::tally::Tally;

/// What many runs came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Walks {
    /// How many runs.
    pub runs: usize,
    /// How many steps in all.
    pub steps: usize,
    /// From how many final states progress was tried.
    pub healed: usize,
    /// The first run that broke a property, and the state to which it led.
    pub broken: Option<(Broken, Vec<Action>, State)>,
    /// What the runs' final states had reached.
    pub tally: Tally,
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = usize::try_from((mixed ^ mixed >> 31) >> 33).unwrap_or(0);
        bits % bound.max(1)
    }
}

/// Runs from the start, each to its end or for a random number of steps, until one breaks.
#[must_use]
pub fn walk(model: &Model, runs: usize, seed: u64) -> Walks {
    let mut walks = Walks::default();
    let mut random = Random(seed);
    while walks.runs < runs && walks.broken.is_none() {
        walks.runs += 1;
        one(model, &mut random, &mut walks);
    }
    walks
}

fn one(model: &Model, random: &mut Random, walks: &mut Walks) {
    let mut state = model.initial();
    let mut path = Vec::new();
    let most = 20 + random.below(140);
    while path.len() < most {
        let Some(action) = choose(model, &state, random) else { break };
        state = model.apply(&state, &action);
        path.push(action);
        if let Some(broken) = model.broken(&state) {
            walks.broken = Some((broken, path.clone(), state));
            break;
        }
    }
    walks.steps += path.len();
    walks.tally.count(model, &state);
    if walks.broken.is_none() && model.hopeful() {
        walks.healed += 1;
        let stuck = model.heal(&state, random.below(model.scope.servers)).err();
        walks.broken = stuck.map(|broken| (broken, path, state));
    }
}

/// Any step; but leaving a view only one time in four that it is drawn, so that views get far.
fn choose(model: &Model, state: &State, random: &mut Random) -> Option<Action> {
    let actions = model.actions(state);
    let mut drawn = *actions.get(random.below(actions.len()))?;
    if matches!(drawn, Action::Leave { .. }) && random.below(4) > 0 {
        drawn = actions[random.below(actions.len())];
    }
    Some(drawn)
}
