//! Cases made of what was recorded.

use super::class::typed;
use crate::case::{Case, Lessened, Make, stream};
use crate::clip::clipped;
use crate::quiet;
use crate::rng::Rng;
use crate::slots::{Tapped, Use};
use crate::tree::{self, Hand, Tree};
use crate::world::Corpus;
use std::marker::PhantomData;
use std::sync::Arc;
use wire::{Config, Effect, Reject};

/// Bytes of one argument that a person is shown.
const SHOWN: usize = 2_000;

/// Lines of a state that a person is shown.
const LINES: usize = 50;

/// How many times a change is tried: some have no effect, or leave what cannot be.
const TRIES: usize = 4;

struct Drawn<'a, S: Tapped> {
    cluster: usize,
    state: &'a S::State,
    args: &'a S::Args,
}

/// Makes the cases of one slot.
pub(crate) struct Maker<'a, S: Tapped> {
    corpus: &'a Corpus,
    stream: u64,
    /// By class: those of which something comes, then the others.
    classes: [Vec<Vec<Drawn<'a, S>>>; 2],
    slot: PhantomData<S>,
}

impl<'a, S: Tapped> Maker<'a, S> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        let mut classes = [Vec::new(), Vec::new()];
        for (class, kept) in corpus.taps().of(S::NAME) {
            let samples = kept.samples.iter().filter_map(|sample| {
                let (state, args) = typed::<S>(sample)?;
                Some(Drawn { cluster: sample.cluster, state, args })
            });
            classes[usize::from(!class.matters)].push(samples.collect());
        }
        Self { corpus, stream: stream(S::NAME), classes, slot: PhantomData }
    }

    fn draw(&self, rng: &mut Rng) -> Option<&Drawn<'a, S>> {
        let [matter, others] = &self.classes;
        let classes = match (matter.is_empty(), others.is_empty()) {
            (true, _) => others,
            (_, true) => matter,
            _ if rng.percent(70) => matter,
            _ => others,
        };
        let class = rng.pick(classes)?;
        rng.pick(class)
    }

    /// Arguments of another call in the same cluster.
    fn others(&self, rng: &mut Rng, cluster: usize) -> Option<&S::Args> {
        let drawn = (0..TRIES).filter_map(|_| self.draw(rng)).find(|it| it.cluster == cluster)?;
        Some(drawn.args)
    }
}

impl<S: Tapped> Make<S> for Maker<'_, S> {
    fn case(&mut self, index: u64) -> Option<Case<S>> {
        let mut rng = Rng::of(&[self.corpus.seed, self.stream, index]);
        let drawn = self.draw(&mut rng)?;
        let recorded = &self.corpus.taps().clusters[drawn.cluster];
        let (mut state, mut args) = (drawn.state.clone(), drawn.args.clone());
        let mut sure = true;
        let plan = rng.below(100);
        if (20..30).contains(&plan)
            && let Some(others) = self.others(&mut rng, drawn.cluster)
        {
            (args, sure) = (others.clone(), false);
        }
        let mut hand = Hand::new(&recorded.config, &recorded.pools, rng);
        if (45..100).contains(&plan)
            && let Some(changed) = change_state::<S>(&state, &mut hand)
        {
            (state, sure) = (changed, false);
        }
        if (25..80).contains(&plan) {
            args = change_args::<S>(&state, &args, &mut hand);
            // Whatever a peer says to a server in a state that was must not bring it down.
            sure &= S::HEARS || args.same(drawn.args);
        }
        let config = Arc::clone(&recorded.config);
        Some(Case { world: drawn.cluster, config, state, args, sure })
    }
}

/// Something else that could be said, of the right shape; or of a wrong one that the slot's contract
/// provides for, as its reference says.
fn change_args<S: Tapped>(state: &S::State, args: &S::Args, hand: &mut Hand<'_>) -> S::Args {
    hand.arguments = true;
    for _ in 0..TRIES {
        let mut changed = args.clone();
        for _ in 0..hand.rng.choose([1, 1, 1, 2, 3]) {
            changed.change(hand);
        }
        if !changed.same(args)
            && (changed.fits(hand.config) || is_refused::<S>(hand.config, state, &changed))
        {
            return changed;
        }
    }
    args.clone()
}

/// Whether the reference refuses these arguments as invalid, which its contract lists.
fn is_refused<S: Tapped>(config: &Config, state: &S::State, args: &S::Args) -> bool {
    if !S::HEARS || !S::REJECTS.contains(&Reject::Invalid) {
        return false;
    }
    let outcome = quiet::catch(|| S::run(S::reference(), config, state, args));
    outcome.is_ok_and(|outcome| {
        outcome
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Reject { reason: Reject::Invalid, .. }))
    })
}

/// Another state that the component may meet.
fn change_state<S: Tapped>(state: &S::State, hand: &mut Hand<'_>) -> Option<S::State> {
    let sound = S::SOUND?;
    hand.arguments = false;
    for _ in 0..TRIES {
        let mut changed = state.clone();
        for _ in 0..hand.rng.choose([1, 1, 2, 3]) {
            changed.change(hand);
        }
        if !changed.same(state) && sound(hand.config, state, &changed) {
            return Some(changed);
        }
    }
    None
}

/// Cases with one thing less, the state's first.
pub(crate) fn smaller<'a, S: Tapped>(
    corpus: &'a Corpus,
    case: &'a Case<S>,
    from: usize,
) -> Lessened<'a, S> {
    let recorded = &corpus.taps().clusters[case.world];
    let hand = Hand::new(&recorded.config, &recorded.pools, Rng::of(&[]));
    let states = if S::USE == Use::Ignores { 0 } else { case.state.steps() };
    let all = states + case.args.steps();
    Box::new((from..all).filter_map(move |step| {
        let mut less = case.clone();
        less.sure = false;
        match step.checked_sub(states) {
            None => less.state.lessen(step, &hand),
            Some(step) => less.args.lessen(step, &hand),
        }
        let fits = less.args.fits(&case.config) || !case.args.fits(&case.config);
        let sound = S::SOUND.is_none_or(|sound| sound(&case.config, &case.state, &less.state));
        (sound && fits).then_some((step, less))
    }))
}

/// A case for a person.
pub(crate) fn show<S: Tapped>(case: &Case<S>) -> String {
    let mut lines = Vec::new();
    if S::USE != Use::Ignores {
        let all = tree::show(&case.state);
        lines.extend(all.split('\n').take(LINES).map(String::from));
        let more = all.split('\n').count().saturating_sub(LINES);
        lines.extend((more > 0).then(|| format!("and {more} lines more")));
    }
    lines.push(format!("called with {}", S::ARGUMENTS.join(", ")));
    lines.push(clipped(&case.args, SHOWN));
    lines.join("\n")
}
