//! Which clusters are recorded.

use super::class::class_of;
use super::edges::edges;
use super::record::Run;
use super::staged::staged;
use super::{Class, Cluster, Kept, Sample, Taps};
use crate::rng::Rng;
use crate::slots::Judged;
use crate::spread::spread;
use crate::tree::Pools;
use sim::{Adversaries, Attack, Faults, Options, Parameters};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use wire::{Config, Machine as _};

/// Calls kept of one class, of all runs together.
const KEPT: usize = 24;

/// Replicas, and how many of them may recover at once. Five are one more than they need be: there Q is
/// not 2f+k+1.
const SHAPES: [(u16, u16); 4] = [(4, 0), (5, 0), (6, 1), (7, 0)];

/// Runs without an adversary.
const CALM: usize = 6;

/// One of how many calls shows its whole state to the pools: others' are much the same.
const WHOLE: usize = 16;

/// And one of how many is taken to the edges.
const EDGES: usize = 4;

/// How long faults and load last in one run. Unit: virtual microseconds.
const ACTIVE: u64 = 2_000_000;

/// Time between two proposals. Unit: virtual microseconds.
const ROUND: u64 = 20_000;

/// Clients, and updates that each asks for.
const CLIENTS: u32 = 4;
const UPDATES: u64 = 12;

/// Attacks that make views change, or that correct servers hold proof of: run again and again, with
/// servers that are killed meanwhile.
const AGAIN: [Attack; 4] =
    [Attack::EquivocatingLeader, Attack::BogusChange, Attack::SilentLeader, Attack::Slanderer];

/// How often.
const TIMES: usize = 2;

/// Runs the first `most` clusters of `seed`, as many at once as there are processors, and keeps what
/// they show, in their order.
pub(super) fn run(seed: u64, most: usize, taps: &mut Taps) {
    let calm = std::iter::repeat_n(Adversaries::None, CALM);
    let once = calm.chain(Attack::all().map(Adversaries::One)).map(|who| (who, false));
    let again = (0..TIMES).flat_map(|_| AGAIN).map(|attack| (Adversaries::One(attack), true));
    let all: Vec<_> = once.chain(again).take(most).collect();
    let shown = spread(all.len(), |cluster| {
        let (adversaries, killed) = all[cluster];
        let (replicas, recovering) = SHAPES[cluster % SHAPES.len()];
        let options =
            Options { replicas, recovering, faults: Faults::Swarm, adversaries, scenario: None };
        let own = Rng::of(&[seed, 0x7461_7073, cluster as u64]).draw();
        one(own, cluster, &options, killed)
    });
    for (cluster, samples) in shown {
        taps.clusters.push(cluster);
        samples.into_iter().for_each(|(slot, class, sample)| keep(taps, slot, class, sample));
    }
}

/// What was kept of one run: slot, class and call.
type Classed = Vec<(&'static str, Class, Sample)>;

fn one(seed: u64, cluster: usize, options: &Options, killed: bool) -> (Cluster, Classed) {
    let setup =
        sim::kv_setup(|config, me| prime::Replica::new(config, me, Box::new(kv::Store::default())));
    let parameters = short(sim::parameters(seed, options), cluster, killed);
    let config = Arc::new(parameters.config.clone());
    let recorder = Rc::new(RefCell::new(Run::new(cluster, Arc::clone(&config), Rng::of(&[seed]))));
    // What went wrong in the run is the simulator's business: the calls are calls all the same.
    let shared: prime::taps::Shared = recorder.clone();
    let _ = prime::taps::record(shared, || sim::run_with(seed, parameters, &setup, None));
    let mut recorded = Cluster { config, pools: Pools::default() };
    let mut classed = Vec::new();
    let mut class = |slot: &dyn Judged, config: &Config, sample: Sample| {
        let own = sample.config.clone();
        if let Some(class) = class_of(slot, own.as_deref().unwrap_or(config), &sample) {
            classed.push((slot.facts().name, class, sample));
        }
    };
    let calls: Vec<_> = recorder.borrow_mut().take().collect();
    for (slot, samples) in &calls {
        for (index, sample) in samples.iter().enumerate() {
            sample.args.collect(&mut recorded.pools);
            if index.is_multiple_of(WHOLE) {
                sample.state.collect(&mut recorded.pools);
            }
            let mut made = staged(slot.facts().name, &recorded.config, sample);
            if index.is_multiple_of(EDGES) {
                made.extend(edges(slot.facts().name, &recorded.config, sample));
            }
            for (name, sample) in made {
                let slot = calls.iter().find(|(slot, _)| slot.facts().name == name);
                let (slot, _) = slot.expect("what is staged is staged for a slot that is recorded");
                class(*slot, &recorded.config, sample);
            }
        }
    }
    for (slot, samples) in calls {
        samples.into_iter().for_each(|sample| class(slot, &recorded.config, sample));
    }
    (recorded, classed)
}

/// A short run of little load and small windows: what is said matters, not how often.
fn short(mut run: Parameters, cluster: usize, killed: bool) -> Parameters {
    (run.active, run.stable_from) = (ACTIVE, None);
    let load = &mut run.load;
    (load.clients, load.outstanding, load.burst) = (CLIENTS, 4, 1);
    (load.updates, load.probes) = (UPDATES, 2);
    load.think = ACTIVE / UPDATES;
    load.probe_time = ACTIVE / 2;
    load.probe_think = load.probe_time / 4;
    if cluster.is_multiple_of(3) {
        brisk(&mut run);
    }
    if killed {
        (run.crashes.gap, run.crashes.down, run.crashes.all) = (100_000, 20_000, 3);
    }
    // In one cluster so much may wait that it matters how it is kept.
    run.config.windows.client = if cluster == 0 { 128 } else { 16 };
    run.config.windows.pending = 64;
    run.config.windows.checkpoint = [4, 8, 16][cluster % 3];
    run
}

/// Few rounds, on links that are quick enough for views to change several times.
fn brisk(run: &mut Parameters) {
    run.links.latency = (run.links.latency.0.min(500), run.links.latency.1.min(2_000));
    run.links.jitter = run.links.jitter.min(2_000);
    let timing = &mut run.config.timing;
    (timing.po_request, timing.po_aru, timing.pre_prepare) = (ROUND, ROUND, ROUND);
    timing.proof_matrix = timing.proof_matrix.min(ROUND);
    timing.retransmit = 5 * ROUND;
    if let Some(rules) = &mut run.config.monitoring {
        (rules.period, rules.delta_pp, rules.sched_slack) = (2 * ROUND, 2 * ROUND, ROUND);
    }
}

/// Keeps a bounded sample of each class, spread evenly over all runs.
fn keep(taps: &mut Taps, slot: &'static str, class: Class, sample: Sample) {
    let kept: &mut Kept = taps.slots.entry(slot).or_default().entry(class).or_default();
    kept.seen += 1;
    if kept.samples.len() < KEPT {
        kept.samples.push(sample);
        return;
    }
    let place = Rng::of(&[0x6b65_6570, kept.seen]).below(kept.seen);
    if let Some(old) = usize::try_from(place).ok().and_then(|place| kept.samples.get_mut(place)) {
        *old = sample;
    }
}
