//! Cases: what the seed and a position decide.

use crate::make;
use crate::rng::Rng;
use crate::slots::{Draw, Slot};
use crate::state::{column, mutate, settle};
use crate::world::{Corpus, Sample, WIDE, World};
use prime::pre_order::State;
use wire::{PoSeq, ReplicaId, Time};

/// One input of one slot.
pub(crate) struct Case<S: Slot> {
    /// Which world.
    pub(crate) world: usize,
    /// What the call meets.
    pub(crate) state: State,
    /// What it is called with.
    pub(crate) args: S::Args,
}

impl<S: Slot> Clone for Case<S> {
    fn clone(&self) -> Self {
        Self { world: self.world, state: self.state.clone(), args: self.args.clone() }
    }
}

/// Makes the cases of one slot, one after the other or any by its position.
pub(crate) struct Maker<'a, S: Slot> {
    corpus: &'a Corpus,
    stream: u64,
    /// The scene made last: several cases share one.
    scene: Option<Scene<'a>>,
    slot: std::marker::PhantomData<S>,
}

struct Scene<'a> {
    group: u64,
    world: usize,
    state: State,
    now: Time,
    sample: &'a Sample,
}

impl<'a, S: Slot> Maker<'a, S> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        let letters = S::NAME.bytes().map(u64::from).collect::<Vec<_>>();
        let stream = Rng::of(&letters).draw();
        Self { corpus, stream, scene: None, slot: std::marker::PhantomData }
    }

    /// Case number `index`.
    pub(crate) fn case(&mut self, index: u64) -> Case<S> {
        if index.is_multiple_of(2)
            && let Some(args) = S::scope(&self.corpus.worlds[0], index / 2)
        {
            let state = State::new(&self.corpus.worlds[0].config, ReplicaId(1));
            return Case { world: 0, state, args };
        }
        let group = index / S::GROUP;
        let scene = match self.scene.take() {
            Some(scene) if scene.group == group => scene,
            _ => self.make_scene(group),
        };
        let mut rng = Rng::of(&[self.corpus.seed, self.stream, 2, index]);
        let args = S::make(&mut Draw {
            rng: &mut rng,
            world: &self.corpus.worlds[scene.world],
            state: &scene.state,
            now: scene.now,
            input: &scene.sample.input,
        });
        let case = Case { world: scene.world, state: scene.state.clone(), args };
        self.scene = Some(scene);
        case
    }

    fn make_scene(&self, group: u64) -> Scene<'a> {
        let mut rng = Rng::of(&[self.corpus.seed, self.stream, 1, group]);
        let index = match rng.below(1000) {
            0 => WIDE,
            1..600 => 0,
            600..800 => 1,
            _ => 2,
        };
        let world = &self.corpus.worlds[index];
        let kind = if rng.percent(60) { S::KIND } else { None };
        let sample = world.samples.draw(&mut rng, kind);
        let mut state = sample.state.clone();
        if index == WIDE {
            crowd(&mut rng, world, &mut state);
        }
        let changes = rng.choose([0, 1, 1, 2, 3, 5]);
        mutate(&mut rng, world, &mut state, sample.now, changes);
        S::prepare(&mut rng, world, &mut state, sample.now);
        Scene { group, world: index, state, now: sample.now, sample }
    }
}

/// Fills a state of the wide world: inputs on which a careless version takes long.
fn crowd(rng: &mut Rng, world: &World, state: &mut State) {
    for originator in world.config.replicas() {
        let mut made = column(rng, world, state, originator);
        let edge = made.retired.0 + world.config.windows.preorder;
        let mut seq = PoSeq(made.aru.0 + 2);
        while seq.0 <= edge {
            let content = crate::state::possible_content(rng, world, state, originator, seq);
            let slot = made.slots.entry(seq).or_default();
            if slot.request.is_none() && rng.percent(90) {
                slot.request = content;
            }
            for voter in world.config.replicas().filter(|voter| *voter != originator) {
                let named = slot.request.as_ref().map(|request| request.digest());
                let digest = named.unwrap_or_else(|| World::no_digest(rng));
                slot.acks.entry(voter).or_insert(digest);
            }
            seq = seq.next();
        }
        settle(&world.config, originator, &mut made);
        if originator == state.me {
            state.last_own = state.last_own.max(PoSeq(edge));
        }
        state.columns[originator.index()] = made;
    }
    make::with_crowded_queue(rng, world, state, Time(0));
    crate::state::index_updates(state);
}
