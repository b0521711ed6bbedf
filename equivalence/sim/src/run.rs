//! One run of one seed, from start to verdict.

use crate::adversary::Adversaries;
use crate::cluster::{Cluster, Recorder, Setup};
use crate::delay::{Bound, Measured};
use crate::monitor::Watched;
use crate::overrides::Overrides;
use crate::parameters::{Faults, Parameters};
use crate::scenario::Scenario;
use crate::tally::Tally;
use crate::violation::Violation;
use wire::{Digest, Machine};

/// What the command line says about every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Replicas.
    pub replicas: u16,
    /// Of which may be recovering at once.
    pub recovering: u16,
    /// Which faults.
    pub faults: Faults,
    /// Which replicas are Byzantine, and how.
    pub adversaries: Adversaries,
    /// What the runs are to show. It decides about faults and adversaries too.
    pub scenario: Option<Scenario>,
}

impl Options {
    /// Whether such a cluster can be: `3f + 2k + 1` replicas for some f above 0.
    ///
    /// # Errors
    /// A sentence for whoever asked for it.
    pub fn check(&self) -> Result<(), String> {
        wire::config::check_size(self.replicas, self.recovering)
    }
}

/// What one seed came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which run.
    pub seed: u64,
    /// What went wrong first, if anything.
    pub violation: Option<Violation>,
    /// Digest of every event in order.
    pub trace: Digest,
    /// Digest of the agreed history: the same whatever signatures are.
    pub history: Digest,
    /// Length of the run. Unit: microseconds of virtual time.
    pub simulated: u64,
    /// Time between two Pre-Prepares of a leader. Unit: microseconds.
    pub pace: u64,
    /// Updates that clients submitted.
    pub submitted: u64,
    /// Updates in the agreed history.
    pub executed: u64,
    /// How long updates took, where that is bounded.
    pub measured: Option<Measured>,
    /// More numbers.
    pub tally: Tally,
}

/// Runs `seed`.
#[must_use]
pub fn run<M: Machine<Protocol: Watched>>(
    seed: u64,
    options: &Options,
    setup: &Setup<M>,
) -> Report {
    run_with(seed, drawn(seed, options, &setup.overrides), setup, None)
}

/// Runs `seed` and shows every step to `recorder` before it is taken.
pub fn record<'a, M: Machine<Protocol: Watched>>(
    seed: u64,
    options: &Options,
    setup: &'a Setup<M>,
    recorder: Recorder<'a, M>,
) -> Report {
    run_with(seed, drawn(seed, options, &setup.overrides), setup, Some(recorder))
}

/// What `seed` decides under `options`.
#[must_use]
pub fn parameters(seed: u64, options: &Options) -> Parameters {
    drawn(seed, options, &Overrides::default())
}

/// What `seed` decides under `options`, changed by `overrides`: from when on BOUNDED-DELAY is demanded
/// depends on what they leave.
pub(crate) fn drawn(seed: u64, options: &Options, overrides: &Overrides) -> Parameters {
    let Options { replicas, recovering, faults, adversaries, scenario } = *options;
    if let Some(scenario) = scenario {
        return overrides.apply(scenario.parameters(seed, replicas, recovering));
    }
    let drawn = Parameters::of_seed(seed, replicas, recovering, faults).with(seed, adversaries);
    let mut parameters = overrides.apply(drawn);
    parameters.stable_from = match faults {
        Faults::None => Some(0),
        Faults::Network | Faults::Swarm => Bound::of(&parameters).map(|bound| {
            let after = bound.owed_after(&parameters);
            parameters.go_on(after);
            parameters.active + after
        }),
    };
    parameters
}

/// Runs `seed` with parameters chosen by hand.
pub fn run_with<'a, M: Machine<Protocol: Watched>>(
    seed: u64,
    parameters: Parameters,
    setup: &'a Setup<M>,
    recorder: Option<Recorder<'a, M>>,
) -> Report {
    let mut cluster = Cluster::new(seed, parameters, setup, recorder);
    cluster.start();
    while cluster.advance() {}
    let measured = cluster.measured();
    (cluster.tally.fullest, cluster.tally.growth) = (cluster.memory.fullest, cluster.memory.grown);
    Report {
        seed,
        violation: cluster.violation,
        trace: cluster.trace.finish(),
        history: cluster.history.digest(),
        simulated: cluster.now,
        pace: cluster.parameters.config.timing.pre_prepare,
        submitted: cluster.history.submissions(),
        executed: cluster.history.length(),
        measured,
        tally: cluster.tally,
    }
}
