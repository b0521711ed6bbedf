//! Cases: what the seed and a position decide.

use crate::make;
use crate::rng::Rng;
use crate::slots::{Draw, Slot};
use crate::state::{column, mutate, settle, tidy};
use crate::world::{Corpus, Sample, WIDE, World};
use prime::pre_order::{Column, State};
use wire::prime::PoRequest;
use wire::{PoSeq, ReplicaId, Time, Verified};

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
    use crate::slots::{Argument, Use, table};
    use crate::world::Kind;
    use std::sync::OnceLock;

    fn corpus() -> &'static Corpus {
        static CORPUS: OnceLock<Corpus> = OnceLock::new();
        CORPUS.get_or_init(|| Corpus::record(3))
    }

    fn states_are_sound<S: Slot>() {
        let mut maker = Maker::<S>::new(corpus());
        for index in 0..400 * S::GROUP {
            if index % S::GROUP > 1 {
                continue;
            }
            let case = maker.case(index);
            let mut config = corpus().worlds[case.world].config.clone();
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
                    crate::state::show(&case.state)
                );
            }
            assert_eq!(Maker::<S>::new(corpus()).case(index).args.show(), case.args.show());
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
