//! What the command line changes about the runs that seeds decide on: faults left out, sizes given.
//!
//! The rest of a run stays as its seed decides, so a smaller run of the same seed often goes wrong in
//! the same way.

use crate::parameters::{Level, Parameters};
use std::str::FromStr;
use wire::Proofs;
use wire::monitoring::LONGEST;

/// Takes one fault out of a run.
type Remove = fn(&mut Parameters);

/// What a run can be without, by name.
const FAULTS: [(&str, Remove); 17] = [
    ("adversaries", |run| run.faulty.clear()),
    ("loss", |run| run.links.lost = 0),
    ("doubles", |run| run.links.doubled = 0),
    ("stragglers", |run| run.links.straggles = 0),
    ("partitions", |run| run.links.partition_gap = 0),
    ("overtaking", |run| run.links.in_order = true),
    ("jitter", |run| run.links.jitter = 0),
    ("uplinks", |run| run.links.uplink = 0),
    ("kills", |run| run.crashes.gap = 0),
    ("lost-disks", |run| run.crashes.lost_disk = false),
    ("outages", |run| run.crashes.all = 0),
    ("power-cuts", |run| {
        run.crashes.power_cuts = 0;
        run.hosts.level = Level::Process;
    }),
    ("frozen", |run| run.crashes.frozen = 0),
    ("threshold", |run| run.config.proofs = Proofs::Certificate),
    ("signatures", |run| (run.hosts.sign, run.hosts.verify) = (0, 0)),
    ("drift", |run| run.hosts.drift = 0),
    ("late-timers", |run| run.hosts.late = 0),
];

/// Faults that a run is to be without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Without(u32);

impl Without {
    /// These, and the fault at `index` too.
    fn and(self, index: usize) -> Self {
        Self(self.0 | 1 << index)
    }

    fn has(self, index: usize) -> bool {
        self.0 & 1 << index != 0
    }
}

impl FromStr for Without {
    type Err = String;

    fn from_str(names: &str) -> Result<Self, String> {
        names.split(',').try_fold(Self::default(), |without, name| {
            let index = FAULTS.iter().position(|(known, _)| *known == name);
            index.map(|index| without.and(index)).ok_or_else(|| {
                let known = FAULTS.map(|(known, _)| known).join(", ");
                format!("--without takes names joined by commas, not `{name}`; choose {known}")
            })
        })
    }
}

/// What is changed about every run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Faults left out.
    pub without: Without,
    /// How many clients.
    pub clients: Option<u32>,
    /// Most updates of each client before the faults end.
    pub updates: Option<u64>,
    /// How long faults and load last. Unit: milliseconds.
    pub active: Option<u64>,
    /// Updates that all clients together ask for. Unit: updates a second.
    pub rate: Option<u64>,
    /// Time between two PO-Requests, PO-ARUs and Pre-Prepares of one replica. Unit: milliseconds.
    pub aggregate: Option<u64>,
}

impl Overrides {
    /// Names of the options that set these.
    pub(crate) const OPTIONS: [&str; 6] =
        ["--without", "--clients", "--updates", "--milliseconds", "--rate", "--aggregate"];

    /// Sets what option `name` is for.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        if name == "--without" {
            self.without = value.parse()?;
            return Ok(());
        }
        let most = if name == "--rate" { 100_000 } else { LONGEST / 1_000 };
        let number = value.parse().ok().filter(|number| (1..=most).contains(number));
        let number = number.ok_or_else(|| {
            format!("{name} takes a whole number from 1 to {most}, not `{value}`")
        })?;
        match name {
            "--clients" => {
                let clients = u32::try_from(number).ok().filter(|clients| *clients <= 10_000);
                self.clients = Some(clients.ok_or("--clients takes at most 10000")?);
            }
            "--updates" => self.updates = Some(number),
            "--milliseconds" => self.active = Some(number),
            "--rate" => self.rate = Some(number),
            _ => self.aggregate = Some(number),
        }
        Ok(())
    }

    /// The words that set these, each with a blank before it.
    pub(crate) fn words(&self) -> String {
        let names: Vec<_> = (0..FAULTS.len())
            .filter(|index| self.without.has(*index))
            .map(|index| FAULTS[index].0)
            .collect();
        let mut words = String::new();
        if !names.is_empty() {
            words += &format!(" --without {}", names.join(","));
        }
        let numbers = [
            ("--clients", self.clients.map(u64::from)),
            ("--updates", self.updates),
            ("--milliseconds", self.active),
            ("--rate", self.rate),
            ("--aggregate", self.aggregate),
        ];
        for (name, number) in numbers {
            words += &number.map(|number| format!(" {name} {number}")).unwrap_or_default();
        }
        words
    }

    /// Changes `run`.
    pub(crate) fn apply(&self, mut run: Parameters) -> Parameters {
        for (index, (_, remove)) in FAULTS.iter().enumerate() {
            if self.without.has(index) {
                remove(&mut run);
            }
        }
        if let Some(milliseconds) = self.aggregate {
            let timing = &mut run.config.timing;
            (timing.po_request, timing.po_aru) = (milliseconds * 1_000, milliseconds * 1_000);
            timing.pre_prepare = milliseconds * 1_000;
            timing.retransmit = timing.retransmit.max(10_000 * milliseconds);
            if let Some(rules) = &mut run.config.monitoring {
                rules.delta_pp = rules.delta_pp.max(2 * timing.pre_prepare);
            }
        }
        run.active = self.active.map_or(run.active, |milliseconds| milliseconds * 1_000);
        run.load.clients = self.clients.unwrap_or(run.load.clients);
        if let Some(rate) = self.rate {
            run.load.clients = self.clients.unwrap_or(16);
            let clients = u64::from(run.load.clients);
            let think = (clients * 1_000_000 / rate).max(1);
            (run.load.think, run.load.probe_think, run.load.burst) = (think, think, 1);
            run.load.updates = (run.active * rate / 1_000_000 / clients).max(1);
            run.load.outstanding = 256;
            run.config.windows.client = run.config.windows.client.max(512);
            run.load.retry = run.load.retry.max(10 * run.config.timing.po_request);
        }
        run.load.updates = self.updates.map_or(run.load.updates, |most| most.min(run.load.updates));
        run
    }

    /// The same with one fault less, for every fault that is not left out yet.
    pub(crate) fn faults_left(&self) -> Vec<Without> {
        let left = (0..FAULTS.len()).filter(|index| !self.without.has(*index));
        left.map(|index| Without(1 << index)).collect()
    }

    /// Without these too.
    pub(crate) fn without_too(&self, faults: Without) -> Self {
        Self { without: Without(self.without.0 | faults.0), ..*self }
    }

    /// With half of the clients, of the updates or of the time of a run with `parameters`.
    pub(crate) fn halves(&self, parameters: &Parameters) -> Vec<Self> {
        let Parameters { load, active, .. } = parameters;
        let clients =
            (load.clients > 1).then_some(Self { clients: Some(load.clients / 2), ..*self });
        let updates =
            (load.updates > 1).then_some(Self { updates: Some(load.updates / 2), ..*self });
        let time = (*active > 20_000).then_some(Self { active: Some(active / 2_000), ..*self });
        [clients, updates, time].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Faults;

    #[test]
    fn without_everything_a_run_has_no_faults() {
        let names = FAULTS.map(|(name, _)| name).join(",");
        let overrides = Overrides { without: names.parse().unwrap(), ..Overrides::default() };
        for seed in 0..20 {
            let run = overrides.apply(Parameters::of_seed(seed, 4, 0, Faults::Swarm));
            assert!(run.is_steady());
            assert_eq!((run.crashes.frozen, run.hosts.verify, run.hosts.drift), (0, 0, 0));
            assert_eq!((run.links.uplink, run.hosts.late), (0, 0));
            assert_eq!(run.config.check(), Ok(()));
        }
    }

    #[test]
    fn what_is_said_of_overrides_sets_them() {
        let mut overrides = Overrides::default();
        let words = "--without kills,drift --clients 2 --updates 9 --milliseconds 70 --rate 5 \
                     --aggregate 10";
        let words: Vec<_> = words.split_whitespace().collect();
        words.chunks(2).for_each(|pair| overrides.set(pair[0], pair[1]).unwrap());
        assert_eq!(overrides.words().split_whitespace().count(), words.len());
        let mut again = Overrides::default();
        let said = overrides.words();
        let said: Vec<_> = said.split_whitespace().collect();
        said.chunks(2).for_each(|pair| again.set(pair[0], pair[1]).unwrap());
        assert_eq!(again, overrides);
        assert_eq!(Overrides::default().words(), "");
    }

    #[test]
    fn nonsense_is_named() {
        for (name, value) in [("--without", "kils"), ("--rate", "0"), ("--clients", "100001")] {
            let error = Overrides::default().set(name, value).unwrap_err();
            assert!(error.contains(name), "{error}");
        }
    }
}
