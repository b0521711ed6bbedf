//! Cases: what the seed and a position decide.

use crate::make;
use crate::rng::Rng;
use crate::slots::{Argument, Draw, Slot, Typed, Use};
use crate::state::{self, column, mutate, possible_content, settle, tidy};
use crate::world::{Corpus, Sample, WIDE, World};
use prime::pre_order::{Column, State};
use std::sync::Arc;
use wire::prime::PoRequest;
use wire::{Config, PoSeq, ReplicaId, Time, Verified};

/// One input of one slot.
pub(crate) struct Case<S: Slot> {
    /// Which world or recorded cluster.
    pub(crate) world: usize,
    /// What its replicas are told.
    pub(crate) config: Arc<Config>,
    /// What the call meets.
    pub(crate) state: S::State,
    /// What it is called with.
    pub(crate) args: S::Args,
    /// Whether this can come up in a cluster beyond doubt, so that a panic of the reference is its
    /// fault. Where it is not, such a panic says that the input was none.
    pub(crate) sure: bool,
}

impl<S: Slot> Clone for Case<S> {
    fn clone(&self) -> Self {
        let (state, args) = (self.state.clone(), self.args.clone());
        Self { world: self.world, config: Arc::clone(&self.config), state, args, sure: self.sure }
    }
}

/// Makes the cases of one slot, one after the other or any by its position.
pub(crate) trait Make<S: Slot> {
    /// Case number `index`; `None` if nothing is known to make one of.
    fn case(&mut self, index: u64) -> Option<Case<S>>;
}

/// Cases with one thing less, each with its number.
pub(crate) type Lessened<'a, S> = Box<dyn Iterator<Item = (usize, Case<S>)> + 'a>;

/// The stream of chance that belongs to a slot.
pub(crate) fn stream(slot: &str) -> u64 {
    let letters = slot.bytes().map(u64::from).collect::<Vec<_>>();
    Rng::of(&letters).draw()
}

/// Makes the cases of a slot whose arguments have makers of their own.
pub(crate) struct TypedMaker<'a, S: Typed> {
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

impl<'a, S: Typed> TypedMaker<'a, S> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        Self { corpus, stream: stream(S::NAME), scene: None, slot: std::marker::PhantomData }
    }

    fn made(&mut self, index: u64) -> Case<S> {
        let worlds = &self.corpus.worlds;
        if index.is_multiple_of(2)
            && let Some(args) = S::scope(&worlds[0], index / 2)
        {
            let config = Arc::clone(&worlds[0].config);
            let state = State::new(&config, ReplicaId(1));
            return Case { world: 0, config, state, args, sure: true };
        }
        let group = index / S::GROUP;
        let scene = match self.scene.take() {
            Some(scene) if scene.group == group => scene,
            _ => self.make_scene(group),
        };
        let mut rng = Rng::of(&[self.corpus.seed, self.stream, 2, index]);
        let world = &worlds[scene.world];
        let args = S::make(&mut Draw {
            rng: &mut rng,
            world,
            state: &scene.state,
            now: scene.now,
            input: &scene.sample.input,
        });
        let (config, state) = (Arc::clone(&world.config), scene.state.clone());
        let case = Case { world: scene.world, config, state, args, sure: true };
        self.scene = Some(scene);
        case
    }

    fn make_scene(&self, group: u64) -> Scene<'a> {
        let mut rng = Rng::of(&[self.corpus.seed, self.stream, 1, group]);
        let index = match rng.below(1000) {
            0..4 => WIDE,
            4..600 => 0,
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
        tidy(&mut state);
        Scene { group, world: index, state, now: sample.now, sample }
    }
}

impl<S: Typed> Make<S> for TypedMaker<'_, S> {
    fn case(&mut self, index: u64) -> Option<Case<S>> {
        Some(self.made(index))
    }
}

/// Cases with one thing less, the state's first.
pub(crate) fn smaller<'a, S: Typed>(
    corpus: &'a Corpus,
    case: &'a Case<S>,
    from: usize,
) -> Lessened<'a, S> {
    let world = &corpus.worlds[case.world];
    let known = S::USE != Use::Ignores;
    let states = known.then(|| state::smaller(&world.config, &case.state)).into_iter().flatten();
    let states = states.map(|state| Case { state, ..case.clone() });
    let args = case.args.smaller(world).into_iter();
    let args = args.map(|args| Case { args, ..case.clone() });
    Box::new(states.chain(args).enumerate().skip(from))
}

/// A case for a person.
pub(crate) fn show<S: Typed>(case: &Case<S>) -> String {
    match S::USE {
        Use::Ignores => case.args.show(),
        Use::Reads | Use::Changes => format!("{}\n{}", state::show(&case.state), case.args.show()),
    }
}

/// Fills a state of the wide world: inputs on which a careless version takes long, and caps that
/// no small state reaches.
fn crowd(rng: &mut Rng, world: &World, state: &mut State) {
    let window = world.config.windows.preorder;
    let fill = rng.choose([12, 12, 12, 12, 40, 40, window]).min(window);
    for originator in world.config.replicas() {
        let mut made = column(rng, world, state, originator);
        let edge = made.retired.0 + fill;
        let mut seq = PoSeq(made.aru.0 + 2);
        while seq.0 <= edge {
            let content = possible_content(rng, world, state, originator, seq);
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
        if originator == state.me && rng.percent(50) {
            heavy(rng, world, originator, &mut made);
        }
        if originator == state.me {
            state.last_own = state.last_own.max(PoSeq(edge));
        }
        state.columns[originator.index()] = made;
    }
    make::with_crowded_queue(rng, world, state, Time(0));
}

/// Makes the first open requests of a column about as large as they may be.
fn heavy(rng: &mut Rng, world: &World, originator: ReplicaId, column: &mut Column) {
    for (seq, slot) in column.slots.iter_mut().filter(|(_, slot)| slot.certified.is_none()) {
        let fits = |r: &&Verified<PoRequest>| {
            r.signer() == originator && r.body().seq == *seq && r.body().updates.len() == 8
        };
        let sizes: Vec<_> = world.extremes.iter().filter(fits).collect();
        if let Some(request) = rng.pick(&sizes) {
            slot.request = Some((*request).clone());
            slot.adopted = None;
            slot.acks.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slots::table;
    use crate::world::Kind;
    use std::sync::OnceLock;

    fn corpus() -> &'static Corpus {
        static CORPUS: OnceLock<Corpus> = OnceLock::new();
        CORPUS.get_or_init(|| Corpus::record(3))
    }

    fn states_are_sound<S: Typed>() {
        let mut maker = TypedMaker::<S>::new(corpus());
        for index in 0..400 * S::GROUP {
            if index % S::GROUP > 1 {
                continue;
            }
            let case = maker.made(index);
            let mut config = (*case.config).clone();
            if matches!(S::KIND, Some(Kind::Recovered | Kind::Start)) {
                // While the log is read no window applies.
                config.windows.preorder = u64::MAX;
            }
            if S::USE != Use::Ignores {
                let sound = oracles::invariants::check(&config, &case.state);
                let own = &case.state.columns[case.state.me.index()].slots;
                let numbered = own.keys().all(|number| *number <= case.state.last_own);
                assert!(
                    sound.is_ok() && numbered,
                    "{} case {index}: {sound:?}\n{}",
                    S::NAME,
                    state::show(&case.state)
                );
            }
            assert_eq!(TypedMaker::<S>::new(corpus()).made(index).args.show(), case.args.show());
        }
    }

    #[test]
    fn a_slot_meets_only_states_that_it_may_rely_on() {
        states_are_sound::<table::OnPoAcks>();
        states_are_sound::<table::OnPoRequest>();
        states_are_sound::<table::OnProofMatrix>();
        states_are_sound::<table::OnUpdate>();
        states_are_sound::<table::Adopt>();
        states_are_sound::<table::AdvanceAru>();
        states_are_sound::<table::MakePoRequest>();
        states_are_sound::<table::MakePoAcks>();
        states_are_sound::<table::MakePoAru>();
        states_are_sound::<table::MakeProofMatrix>();
        states_are_sound::<table::Recover>();
        states_are_sound::<table::Resume>();
        states_are_sound::<table::Retransmit>();
        states_are_sound::<table::Retire>();
    }

    #[test]
    fn worlds_have_seen_what_matters() {
        for world in &corpus().worlds {
            let kinds =
                [Kind::PoRequest, Kind::PoAcks, Kind::PoAru, Kind::PrePrepare, Kind::Update];
            let more = [Kind::Recovered, Kind::Start, Kind::Timer, Kind::PoRequestConflict];
            for kind in kinds.into_iter().chain(more) {
                assert!(!world.samples.of(kind).is_empty(), "n = {}: {kind:?}", world.config.n);
            }
        }
        let kinds = [Kind::PoAruConflict, Kind::ProofMatrix];
        for kind in kinds {
            let met = corpus().worlds.iter().any(|world| !world.samples.of(kind).is_empty());
            assert!(met, "{kind:?}");
        }
    }
}
