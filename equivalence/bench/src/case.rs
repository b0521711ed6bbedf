//! Cases: what the seed and a position decide.

use crate::make;
use crate::rng::Rng;
use crate::slots::{Argument, Cases, Draw, Facts, Judged, Typed, Use};
use crate::state::{self, column, mutate, possible_content, settle, tidy};
use crate::tree::{Node, known};
use crate::world::{Corpus, Kind, Sample, WIDE, World};
use prime::pre_order::{Column, State};
use std::marker::PhantomData;
use std::sync::Arc;
use wire::prime::PoRequest;
use wire::{Config, PoSeq, ReplicaId, Time, Verified};

/// The world of a case that belongs to none: it cannot be made smaller.
pub(crate) const NOWHERE: usize = usize::MAX;

/// One input of one slot.
#[derive(Clone)]
pub(crate) struct Case {
    /// Which world or recorded cluster; [`NOWHERE`] if none.
    pub(crate) world: usize,
    /// What its replicas are told.
    pub(crate) config: Arc<Config>,
    /// What the call meets. Cases share it with what they were made of.
    pub(crate) state: Arc<dyn Node>,
    /// What it is called with.
    pub(crate) args: Arc<dyn Node>,
    /// Whether this can come up in a cluster beyond doubt, so that a panic of the reference is its
    /// fault. Where it is not, such a panic says that the input was none.
    pub(crate) sure: bool,
}

/// Makes the cases of one slot, one after the other or any by its position.
pub(crate) trait Make {
    /// Case number `index`; `None` if nothing is known to make one of.
    fn case(&mut self, index: u64) -> Option<Case>;
}

/// Cases with one thing less, each with its number.
pub(crate) type Lessened<'a> = Box<dyn Iterator<Item = (usize, Case)> + 'a>;

/// The stream of chance that belongs to a slot.
pub(crate) fn stream(slot: &str) -> u64 {
    let letters = slot.bytes().map(u64::from).collect::<Vec<_>>();
    Rng::of(&letters).draw()
}

/// The cases of a slot whose arguments have makers of their own.
pub(crate) struct Made<S>(PhantomData<fn() -> S>);

impl<S> Made<S> {
    pub(crate) const NEW: Self = Self(PhantomData);
}

/// What a [`Typed`] slot says, its types forgotten.
trait Drawn: Sync {
    fn kind(&self) -> Option<Kind>;
    fn group(&self) -> u64;
    fn prepare(&self, rng: &mut Rng, world: &World, state: &mut State, now: Time);
    fn make(&self, draw: &mut Draw<'_>) -> Arc<dyn Node>;
    fn scope(&self, world: &World, index: u64) -> Option<Arc<dyn Node>>;
    fn smaller(&self, args: &dyn Node, world: &World) -> Vec<Arc<dyn Node>>;
}

fn node<T: Node>(value: T) -> Arc<dyn Node> {
    Arc::new(value)
}

impl<S: Typed> Drawn for Made<S> {
    fn kind(&self) -> Option<Kind> {
        S::KIND
    }

    fn group(&self) -> u64 {
        S::GROUP
    }

    fn prepare(&self, rng: &mut Rng, world: &World, state: &mut State, now: Time) {
        S::prepare(rng, world, state, now);
    }

    fn make(&self, draw: &mut Draw<'_>) -> Arc<dyn Node> {
        node(S::make(draw))
    }

    fn scope(&self, world: &World, index: u64) -> Option<Arc<dyn Node>> {
        S::scope(world, index).map(node)
    }

    fn smaller(&self, args: &dyn Node, world: &World) -> Vec<Arc<dyn Node>> {
        known::<S::Args>(args).smaller(world).into_iter().map(node).collect()
    }
}

impl<S: Typed> Cases for Made<S> {
    fn maker<'a>(&'a self, slot: &'a dyn Judged, corpus: &'a Corpus) -> Box<dyn Make + 'a> {
        Box::new(Maker::new(slot.facts().name, self, corpus))
    }

    fn smaller<'a>(
        &'a self,
        slot: &'a dyn Judged,
        corpus: &'a Corpus,
        case: &'a Case,
        from: usize,
    ) -> Lessened<'a> {
        smaller(self, slot.facts().uses, corpus, case, from)
    }

    fn world(&self, corpus: &Corpus, config: &Config) -> usize {
        corpus.worlds.iter().position(|world| *world.config == *config).unwrap_or(NOWHERE)
    }

    fn show(&self, facts: &Facts, case: &Case) -> String {
        let args = known::<S::Args>(&*case.args).show();
        match facts.uses {
            Use::Ignores => args,
            Use::Reads | Use::Changes => format!("{}\n{args}", state::show(known(&*case.state))),
        }
    }

    fn changes(&self, before: &dyn Node, after: &dyn Node) -> String {
        state::changes(known(before), known(after))
    }

    fn size(&self, state: &dyn Node) -> usize {
        state::size(known(state))
    }

    fn same(&self, one: &dyn Node, other: &dyn Node) -> bool {
        state::same(known(one), known(other))
    }
}

/// Makes the cases of a slot whose arguments have makers of their own.
struct Maker<'a> {
    corpus: &'a Corpus,
    stream: u64,
    drawn: &'a dyn Drawn,
    /// The scene made last: several cases share one.
    scene: Option<Scene<'a>>,
}

struct Scene<'a> {
    group: u64,
    world: usize,
    state: Arc<dyn Node>,
    now: Time,
    sample: &'a Sample,
}

impl<'a> Maker<'a> {
    fn new(slot: &str, drawn: &'a dyn Drawn, corpus: &'a Corpus) -> Self {
        Self { corpus, stream: stream(slot), drawn, scene: None }
    }

    fn made(&mut self, index: u64) -> Case {
        let worlds = &self.corpus.worlds;
        if index.is_multiple_of(2)
            && let Some(args) = self.drawn.scope(&worlds[0], index / 2)
        {
            let config = Arc::clone(&worlds[0].config);
            let state = node(State::new(&config, ReplicaId(1)));
            return Case { world: 0, config, state, args, sure: true };
        }
        let group = index / self.drawn.group();
        let scene = match self.scene.take() {
            Some(scene) if scene.group == group => scene,
            _ => self.make_scene(group),
        };
        let mut rng = Rng::of(&[self.corpus.seed, self.stream, 2, index]);
        let world = &worlds[scene.world];
        let args = self.drawn.make(&mut Draw {
            rng: &mut rng,
            world,
            state: known(&*scene.state),
            now: scene.now,
            input: &scene.sample.input,
        });
        let (config, state) = (Arc::clone(&world.config), Arc::clone(&scene.state));
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
        let kind = if rng.percent(60) { self.drawn.kind() } else { None };
        let sample = world.samples.draw(&mut rng, kind);
        let mut state = sample.state.clone();
        if index == WIDE {
            crowd(&mut rng, world, &mut state);
        }
        let changes = rng.choose([0, 1, 1, 2, 3, 5]);
        mutate(&mut rng, world, &mut state, sample.now, changes);
        self.drawn.prepare(&mut rng, world, &mut state, sample.now);
        tidy(&mut state);
        Scene { group, world: index, state: node(state), now: sample.now, sample }
    }
}

impl Make for Maker<'_> {
    fn case(&mut self, index: u64) -> Option<Case> {
        Some(self.made(index))
    }
}

/// Cases with one thing less, the state's first.
fn smaller<'a>(
    drawn: &'a dyn Drawn,
    uses: Use,
    corpus: &'a Corpus,
    case: &'a Case,
    from: usize,
) -> Lessened<'a> {
    let world = &corpus.worlds[case.world];
    let held = uses != Use::Ignores;
    let states = held.then(|| state::smaller(&world.config, known(&*case.state)));
    let states = states.into_iter().flatten();
    let states = states.map(|state| Case { state: node(state), ..case.clone() });
    let args = drawn.smaller(&*case.args, world).into_iter();
    let args = args.map(|args| Case { args, ..case.clone() });
    Box::new(states.chain(args).enumerate().skip(from))
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
        let name = S::FACTS.name;
        let mut maker = Maker::new(name, &Made::<S>::NEW, corpus());
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
            if S::FACTS.uses != Use::Ignores {
                let state: &State = known(&*case.state);
                let sound = oracles::invariants::check(&config, state);
                let own = &state.columns[state.me.index()].slots;
                let numbered = own.keys().all(|number| *number <= state.last_own);
                assert!(
                    sound.is_ok() && numbered,
                    "{name} case {index}: {sound:?}\n{}",
                    state::show(state)
                );
            }
            let again = Maker::new(name, &Made::<S>::NEW, corpus()).made(index);
            assert!(again.args.same(&*case.args) && again.state.same(&*case.state));
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
