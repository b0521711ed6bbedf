//! Byzantine replicas: the cluster stands each of them, and would not without its defences.

mod harm;
mod holds;
mod switched_off;
mod weak;

use sim::{Adversaries, Attack, Faults, Options, Parameters, Report, Setup};
use wire::Machine;

fn setup<M: Machine<Protocol = wire::prime::Prime>>() -> Setup<M> {
    sim::kv_setup(|config, me| M::new(config, me, Box::new(kv::Store::default())))
}

fn options(replicas: u16, faults: Faults, adversaries: Adversaries) -> Options {
    Options { replicas, recovering: 0, faults, adversaries, scenario: None }
}

/// What `seed` makes of four replicas of which the first leader does `attack`.
fn led(seed: u64, attack: Attack) -> Parameters {
    let options = options(4, Faults::None, Adversaries::One(attack));
    let mut parameters = sim::parameters(seed, &options);
    parameters.faulty = [(parameters.first_leader(), attack)].into();
    parameters
}

/// How `seed` is run again by hand.
fn line(report: &Report, options: &Options) -> String {
    let Options { replicas, faults, adversaries, .. } = options;
    let seed = report.seed;
    format!(
        "--replicas {replicas} --seeds {seed}..{} --faults {faults} --adversary {adversaries}",
        seed + 1
    )
}
