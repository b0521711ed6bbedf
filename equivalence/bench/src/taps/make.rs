//! Cases made of what was recorded.

use crate::case::{Case, Lessened, Make, NOWHERE, stream};
use crate::clip::clipped;
use crate::quiet;
use crate::rng::Rng;
use crate::slots::{Cases, Facts, Judged, Use};
use crate::sound;
use crate::tree::{self, Hand, Node};
use crate::world::Corpus;
use std::sync::Arc;
use wire::{Config, Effect, Reject};

/// Bytes of one argument that a person is shown.
const SHOWN: usize = 2_000;

/// Lines of a state that a person is shown.
const LINES: usize = 50;

/// How many times a change is tried: some have no effect, or leave what cannot be.
const TRIES: usize = 4;

/// How often another case is drawn where nothing comes any more of a call of which something came,
/// because it was changed. Percent.
const AGAIN: u64 = 50;

/// How often a call meets what one before it left behind: what it says is held already, or is the next of
/// its kind. Percent.
const AFTER: u64 = 10;

/// How often a call is drawn of which something comes, and how often one at an edge, if there are any of
/// both kinds. Percent.
const MATTER: u64 = 70;
const EDGES: u64 = 8;

struct Drawn<'a> {
    cluster: usize,
    config: &'a Arc<Config>,
    state: &'a Arc<dyn Node>,
    args: &'a Arc<dyn Node>,
    recorded: bool,
    /// Whether something came of it.
    matters: bool,
}

/// The cases of a slot whose calls were recorded.
pub(crate) struct Recorded;

impl Cases for Recorded {
    fn maker<'a>(&'a self, slot: &'a dyn Judged, corpus: &'a Corpus) -> Box<dyn Make + 'a> {
        Box::new(Maker::new(slot, corpus))
    }

    fn smaller<'a>(
        &'a self,
        slot: &'a dyn Judged,
        corpus: &'a Corpus,
        case: &'a Case,
        from: usize,
    ) -> Lessened<'a> {
        smaller(slot, corpus, case, from)
    }

    fn world(&self, corpus: &Corpus, config: &Config) -> usize {
        let clusters = &corpus.taps().clusters;
        clusters.iter().position(|cluster| *cluster.config == *config).unwrap_or(NOWHERE)
    }

    fn show(&self, facts: &Facts, case: &Case) -> String {
        let mut lines = Vec::new();
        if facts.uses != Use::Ignores {
            let all = tree::show(&*case.state);
            lines.extend(all.split('\n').take(LINES).map(String::from));
            let more = all.split('\n').count().saturating_sub(LINES);
            lines.extend((more > 0).then(|| format!("and {more} lines more")));
        }
        lines.push(format!("called with {}", facts.arguments.join(", ")));
        lines.push(clipped(&case.args, SHOWN));
        lines.join("\n")
    }

    fn changes(&self, before: &dyn Node, after: &dyn Node) -> String {
        tree::changes(before, after)
    }

    fn size(&self, state: &dyn Node) -> usize {
        state.size()
    }

    fn same(&self, one: &dyn Node, other: &dyn Node) -> bool {
        one.same(other)
    }
}

/// Makes the cases of one slot.
struct Maker<'a> {
    slot: &'a dyn Judged,
    corpus: &'a Corpus,
    stream: u64,
    /// By class: those of which something comes, then the others.
    classes: [Vec<Vec<Drawn<'a>>>; 2],
    /// Those at edges, by class.
    edges: Vec<Vec<Drawn<'a>>>,
}

impl<'a> Maker<'a> {
    fn new(slot: &'a dyn Judged, corpus: &'a Corpus) -> Self {
        let (name, clusters) = (slot.facts().name, &corpus.taps().clusters);
        let (mut classes, mut edges) = ([Vec::new(), Vec::new()], Vec::new());
        for (class, kept) in corpus.taps().of(name) {
            let samples = kept.samples.iter().map(|sample| Drawn {
                cluster: sample.cluster,
                config: sample.config.as_ref().unwrap_or(&clusters[sample.cluster].config),
                state: &sample.state,
                args: &sample.args,
                recorded: sample.recorded,
                matters: class.matters,
            });
            let others = if class.edge.is_some() {
                &mut edges
            } else {
                &mut classes[usize::from(!class.matters)]
            };
            others.push(samples.collect());
        }
        Self { slot, corpus, stream: stream(name), classes, edges }
    }

    fn draw(&self, rng: &mut Rng) -> Option<&Drawn<'a>> {
        let [matter, others] = &self.classes;
        // Where nothing comes of what was recorded, edges are all there is.
        let edges = if matter.is_empty() { MATTER } else { EDGES };
        let classes = match (matter.is_empty(), others.is_empty()) {
            _ if !self.edges.is_empty() && rng.percent(edges) => &self.edges,
            (true, _) => others,
            (_, true) => matter,
            _ if rng.percent(MATTER) => matter,
            _ => others,
        };
        let class = rng.pick(classes)?;
        rng.pick(class)
    }

    /// Arguments of another call in the same cluster.
    fn others(&self, rng: &mut Rng, cluster: usize) -> Option<&'a Arc<dyn Node>> {
        let drawn = (0..TRIES).filter_map(|_| self.draw(rng)).find(|it| it.cluster == cluster)?;
        Some(drawn.args)
    }

    /// What the reference makes of a call's state, if the component may meet that.
    fn after(&self, config: &Config, state: &dyn Node, args: &dyn Node) -> Option<Arc<dyn Node>> {
        let outcome = quiet::catch(|| self.slot.run(0, config, state, args)).ok()?;
        let after = outcome.state?;
        (self.slot.sound(config, &*after, &*after) == Some(true)).then(|| Arc::from(after))
    }

    fn made(&self, mut rng: Rng) -> Option<Made> {
        let drawn = self.draw(&mut rng)?;
        let cluster = &self.corpus.taps().clusters[drawn.cluster];
        let (mut state, mut args) = (Arc::clone(drawn.state), Arc::clone(drawn.args));
        let mut sure = drawn.recorded;
        if rng.percent(AFTER)
            && let Some(after) = self.after(drawn.config, &*state, &*args)
        {
            (state, sure) = (after, false);
        }
        let plan = rng.below(100);
        if (20..30).contains(&plan)
            && let Some(others) = self.others(&mut rng, drawn.cluster)
        {
            (args, sure) = (Arc::clone(others), false);
        }
        let mut hand = Hand::new(drawn.config, &cluster.pools, rng);
        if (45..100).contains(&plan)
            && let Some(changed) = change_state(self.slot, &*state, &mut hand)
        {
            (state, sure) = (changed.into(), false);
        }
        if (25..80).contains(&plan) {
            args = change_args(self.slot, &*state, args, &mut hand);
            // Whatever a peer says to a server in a state that was must not bring it down.
            sure &= self.slot.facts().hears() || args.same(&**drawn.args);
        }
        let again = drawn.matters && hand.rng.percent(AGAIN);
        let config = Arc::clone(drawn.config);
        Some(Made { case: Case { world: drawn.cluster, config, state, args, sure }, again })
    }

    /// Whether to draw another in place of this one: of what the reference says is no input, and of
    /// some of those of which nothing comes any more.
    fn is_lost(&self, made: &Made) -> bool {
        let Made { case, again } = made;
        let run = || self.slot.run(0, &case.config, &*case.state, &*case.args);
        !case.sure
            && quiet::catch(run)
                .map_or(true, |outcome| *again && !self.slot.matters(&outcome, &*case.state))
    }
}

/// A case, and whether another is to be drawn if nothing comes of it.
struct Made {
    case: Case,
    again: bool,
}

impl Make for Maker<'_> {
    fn case(&mut self, index: u64) -> Option<Case> {
        let mut last = None;
        for turn in 0..TRIES {
            let made = self.made(Rng::of(&[self.corpus.seed, self.stream, index, turn as u64]))?;
            let lost = self.is_lost(&made);
            last = Some(made.case);
            if !lost {
                break;
            }
        }
        last
    }
}

/// Something else that could be said, of the right shape; or of a wrong one that the slot's contract
/// provides for, as its reference says.
pub(crate) fn change_args(
    slot: &dyn Judged,
    state: &dyn Node,
    args: Arc<dyn Node>,
    hand: &mut Hand<'_>,
) -> Arc<dyn Node> {
    hand.arguments = true;
    for _ in 0..TRIES {
        let mut changed = args.copy();
        for _ in 0..hand.rng.choose([1, 1, 1, 2, 3]) {
            changed.change(hand);
        }
        if !changed.same(&*args)
            && (fits(slot, hand.config, &*changed)
                || is_refused(slot, hand.config, state, &*changed))
        {
            return changed.into();
        }
    }
    args
}

/// Whether decoding lets these arguments through, and they go together.
fn fits(slot: &dyn Judged, config: &Config, args: &dyn Node) -> bool {
    args.fits(config) && sound::arguments(slot.facts().name, config, args)
}

/// Whether the reference refuses these arguments as invalid, which its contract lists.
fn is_refused(slot: &dyn Judged, config: &Config, state: &dyn Node, args: &dyn Node) -> bool {
    if !slot.facts().hears() || !slot.facts().rejects.contains(&Reject::Invalid) {
        return false;
    }
    let outcome = quiet::catch(|| slot.run(0, config, state, args));
    outcome.is_ok_and(|outcome| {
        outcome
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Reject { reason: Reject::Invalid, .. }))
    })
}

/// Another state that the component may meet.
pub(crate) fn change_state(
    slot: &dyn Judged,
    state: &dyn Node,
    hand: &mut Hand<'_>,
) -> Option<Box<dyn Node>> {
    hand.arguments = false;
    for _ in 0..TRIES {
        let mut changed = state.copy();
        for _ in 0..hand.rng.choose([1, 1, 2, 3]) {
            changed.change(hand);
        }
        if !changed.same(state) && slot.sound(hand.config, state, &*changed)? {
            return Some(changed);
        }
    }
    None
}

/// Cases with one thing less, the state's first.
fn smaller<'a>(
    slot: &'a dyn Judged,
    corpus: &'a Corpus,
    case: &'a Case,
    from: usize,
) -> Lessened<'a> {
    let cluster = &corpus.taps().clusters[case.world];
    let hand = Hand::new(&case.config, &cluster.pools, Rng::of(&[]));
    let states = if slot.facts().uses == Use::Ignores { 0 } else { case.state.steps() };
    let all = states + case.args.steps();
    Box::new((from..all).filter_map(move |step| {
        let mut less = Case { sure: false, ..case.clone() };
        let (less_of, step) = match step.checked_sub(states) {
            None => (&mut less.state, step),
            Some(step) => (&mut less.args, step),
        };
        let mut node = less_of.copy();
        node.lessen(step, &hand);
        *less_of = node.into();
        let fits = fits(slot, &case.config, &*less.args) || !fits(slot, &case.config, &*case.args);
        let sound = slot.sound(&case.config, &*case.state, &*less.state) != Some(false);
        (sound && fits).then_some((step, less))
    }))
}
