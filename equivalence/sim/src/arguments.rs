//! What a runner is told on its command line.

use crate::adversary::Adversaries;
use crate::cryptography::Cryptography;
use crate::overrides::Overrides;
use crate::parameters::Faults;
use crate::run::Options;
use std::ops::Range;
use std::path::PathBuf;

/// How a runner is used.
pub(crate) const USAGE: &str = "\
Runs a simulated cluster once for each seed and checks safety, then progress.

Usage: RUNNER [--replicas N] [--recovering K] [--seeds A..B] [--faults none|network|swarm]
              [--adversary NAME|all|none] [--scenario NAME] [--threads T] [--tolerate-deaths D]
              [--without NAMES] [--clients C] [--updates U] [--milliseconds MS] [--rate R]
              [--aggregate MS] [--cryptography real|stub] [--minimise SEED]
              [--library PATH]... [--json|--sealed] [--tell]

  --replicas N         replicas, 3f + 2k + 1 or more (4)
  --recovering K       of which may be recovering at once (0)
  --seeds A..B         seeds from A up to, not including, B (0..100)
  --faults NAME        which faults the seeds may choose from; swarm: everything (network)
  --adversary NAME     how up to f replicas are Byzantine; `all`: as the seed chooses (none)
  --scenario NAME      runs with a purpose instead: leader-delay, leader-delay-too-long,
                       leader-delay-robust, busy-hosts, steady-load, rejoin
  --without NAMES      leaves faults out: adversaries, loss, doubles, stragglers, partitions,
                       overtaking, jitter, uplinks, kills, lost-disks, outages, power-cuts, frozen,
                       signatures, drift, late-timers, joined by commas
  --clients C          how many clients, instead of what the seed says; so too:
  --updates U          most updates of each of them before the faults end
  --milliseconds MS    how long faults and load last
  --rate R             updates a simulated second that all clients together ask for
  --aggregate MS       time between two PO-Requests, PO-ARUs and Pre-Prepares of a replica
  --cryptography NAME  real: Ed25519 as in a deployed cluster, with keys that the seed decides on;
                       stub: digests instead. Threshold signatures are stubs either way (stub)
  --minimise SEED      looks for the smallest run of SEED that goes wrong in the same way
  --threads T          worker threads; the result does not depend on them (1)
  --tolerate-deaths D  replicas that may panic and count as faulty (0)
  --library PATH       loads a replica from a shared library; give it once for each replica
  --called TEXT        what to print for RUNNER in the line that reproduces a violation
  --tell               prints everything that happens to standard error
  --json               one JSON object on standard output
  --sealed             the same for a program: to the socket that standard input is, under the key
                       read from it

Example: RUNNER --replicas 4 --seeds 0..1000 --faults network
Exit codes: 0 all holds, 1 bad usage, 3 liveness lost, 4 safety broken.";

/// The arguments, checked one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) options: Options,
    pub(crate) seeds: Range<u64>,
    pub(crate) threads: usize,
    pub(crate) deaths_tolerated: usize,
    pub(crate) overrides: Overrides,
    pub(crate) cryptography: Cryptography,
    pub(crate) minimised: Option<u64>,
    pub(crate) libraries: Vec<PathBuf>,
    pub(crate) called: String,
    pub(crate) json: bool,
    /// The same under a seal, and not on standard output: see [`verdict::Key`].
    pub(crate) sealed: bool,
    pub(crate) told: bool,
    pub(crate) help: bool,
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} takes a number, not `{value}`"))
}

fn range(value: &str) -> Result<Range<u64>, String> {
    let parts = value.split_once("..").and_then(|(a, b)| Some(a.parse().ok()?..b.parse().ok()?));
    parts
        .filter(|range: &Range<u64>| !range.is_empty())
        .ok_or_else(|| format!("--seeds takes a range such as 0..100, not `{value}`"))
}

impl Arguments {
    /// Reads `words`, the first being the runner's own name.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut words = words.into_iter();
        let called = words.next().unwrap_or_else(|| "sim".into());
        let options = Options {
            replicas: 4,
            recovering: 0,
            faults: Faults::Network,
            adversaries: Adversaries::None,
            scenario: None,
        };
        let mut arguments = Self {
            options,
            seeds: 0..100,
            threads: 1,
            deaths_tolerated: 0,
            overrides: Overrides::default(),
            cryptography: Cryptography::default(),
            minimised: None,
            libraries: Vec::new(),
            called,
            json: false,
            sealed: false,
            told: false,
            help: false,
        };
        while let Some(name) = words.next() {
            match name.as_str() {
                "--tell" => arguments.told = true,
                "--json" => arguments.json = true,
                verdict::SEALED => arguments.sealed = true,
                "--help" | "-h" => arguments.help = true,
                _ => {
                    let value = words.next();
                    arguments.set(&name, value.as_deref())?;
                }
            }
        }
        arguments.options.check()?;
        let Options { faults, adversaries, scenario, .. } = arguments.options;
        let chosen = faults != options.faults || adversaries != options.adversaries;
        if let Some(scenario) = scenario.filter(|_| chosen) {
            return Err(format!(
                "--scenario {scenario} has its own faults and adversaries; leave --faults and \
                 --adversary out"
            ));
        }
        let (given, needed) = (arguments.libraries.len(), arguments.options.replicas);
        if given > 0 && given != usize::from(needed) {
            return Err(format!("--library was given {given} times for {needed} replicas"));
        }
        Ok(arguments)
    }

    fn set(&mut self, name: &str, value: Option<&str>) -> Result<(), String> {
        let known = [
            "--replicas",
            "--recovering",
            "--seeds",
            "--faults",
            "--adversary",
            "--scenario",
            "--threads",
            "--tolerate-deaths",
            "--library",
            "--minimise",
            "--cryptography",
            "--called",
        ];
        let is_override = Overrides::OPTIONS.contains(&name);
        if !is_override && !known.contains(&name) {
            return Err(format!("there is no option `{name}`; --help lists them"));
        }
        let value = value.ok_or_else(|| format!("{name} takes a value"))?;
        match name {
            _ if is_override => self.overrides.set(name, value)?,
            "--minimise" => self.minimised = Some(number(name, value)?),
            "--replicas" => self.options.replicas = number(name, value)?,
            "--recovering" => self.options.recovering = number(name, value)?,
            "--seeds" => self.seeds = range(value)?,
            "--faults" => self.options.faults = value.parse()?,
            "--adversary" => self.options.adversaries = value.parse()?,
            "--scenario" => self.options.scenario = Some(value.parse()?),
            "--cryptography" => self.cryptography = value.parse()?,
            "--threads" => self.threads = number(name, value)?,
            "--tolerate-deaths" => self.deaths_tolerated = number(name, value)?,
            "--library" => self.libraries.push(value.into()),
            _ => self.called = value.into(),
        }
        Ok(())
    }

    /// The line that runs `seed` alone in the same way.
    pub(crate) fn reproduce(&self, seed: u64) -> String {
        let Options { replicas, recovering, faults, adversaries, scenario } = self.options;
        let mut line = format!("{} --replicas {replicas}", self.called);
        if recovering > 0 {
            line += &format!(" --recovering {recovering}");
        }
        line += &format!(" --seeds {seed}..{}", seed + 1);
        match scenario {
            Some(scenario) => line += &format!(" --scenario {scenario}"),
            None => line += &format!(" --faults {faults}"),
        }
        if adversaries != Adversaries::None {
            line += &format!(" --adversary {adversaries}");
        }
        line += &self.overrides.words();
        if self.cryptography != Cryptography::default() {
            line += &format!(" --cryptography {}", self.cryptography);
        }
        if self.deaths_tolerated > 0 {
            line += &format!(" --tolerate-deaths {}", self.deaths_tolerated);
        }
        for library in &self.libraries {
            line += &format!(" --library {}", library.display());
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn what_is_printed_to_reproduce_a_run_parses_to_that_run() {
        let line = "run --replicas 6 --recovering 1 --seeds 7..9 --faults none --threads 2 \
                    --adversary silent-leader --without loss,kills --clients 3 --rate 7 \
                    --cryptography real";
        let arguments = parse(line).unwrap();
        let again = parse(&arguments.reproduce(8)).unwrap();
        assert_eq!(again.options, arguments.options);
        assert_eq!(again.overrides, arguments.overrides);
        assert_eq!(again.cryptography, Cryptography::Real);
        assert_ne!(again.overrides, Overrides::default());
        assert_eq!(again.seeds, 8..9);
        let arguments = parse("run --replicas 7 --scenario leader-delay").unwrap();
        let again = parse(&arguments.reproduce(0)).unwrap();
        assert_eq!(again.options, arguments.options);
    }

    #[test]
    fn bad_usage_is_named() {
        let bad = [
            ("run --replicas 3", "3 replicas"),
            ("run --replicas 5 --recovering 1", "5 replicas"),
            ("run --seeds 5..5", "--seeds"),
            ("run --seeds x", "--seeds"),
            ("run --faults flood", "flood"),
            ("run --adversary slient-leader", "silent-leader"),
            ("run --scenario delay", "leader-delay"),
            ("run --cryptography rsa", "`rsa`"),
            ("run --scenario leader-delay --faults none", "--faults"),
            ("run --threads", "--threads"),
            ("run --without kills,lots", "`lots`"),
            ("run --milliseconds never", "--milliseconds"),
            ("run --minimise all", "--minimise"),
            ("run --sedes 1..2", "--sedes"),
            ("run --library a", "1 times for 4"),
        ];
        for (line, part) in bad {
            let error = parse(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
