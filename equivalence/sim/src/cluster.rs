//! A simulated cluster: one queue of events, one clock, one source of chance.

use crate::absence::Returning;
use crate::aftermath::Aftermath;
use crate::calm::Calm;
use crate::clients::{Clients, Payload};
use crate::cryptography::{Cryptography, Keys};
use crate::delay::{Backlog, Bound, Delays, Measured, Renewals};
use crate::history::History;
use crate::host::{Arrival, Host, Packet, gate};
use crate::linear::Seen;
use crate::memory::Memory;
use crate::monitor::{Monitor, Watched};
use crate::network::Network;
use crate::overrides::Overrides;
use crate::parameters::{Level, Parameters};
use crate::queue::Queue;
use crate::rng::Rng;
use crate::tally::Tally;
use crate::trace::Trace;
use crate::violation::{Finding, Kind, Violation};
use boundary::{Died, SchemeKind};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use wire::machine::{Effect, Status};
use wire::{
    Config, Digest, Gate, Input, Machine, Protocol, ReplicaId, Reply, Service, Time, Update,
    Verified,
};

/// A run that plans more events than this, for each pair of replicas and each [`STRETCH`] of load,
/// makes no progress worth waiting for. Nearly all events are messages, and everybody tells everybody:
/// ten replicas at full load, f of them Byzantine, were seen to need some 45,000.
const MAX_EVENTS: u64 = 250_000;

/// See [`MAX_EVENTS`]. Unit: microseconds.
const STRETCH: u64 = 12_000_000;

/// How often everybody's state is compared before the faults end. Each time all of it is digested, so
/// a long run under load must not do it by the clock.
const SAMPLES: u64 = 6;

/// How often it is looked at, at least, where updates are held against a bound: what is between a
/// view change and the next look is held against nothing. Unit: microseconds.
const LOOK_US: u64 = 400_000;

/// How many events a run of `replicas` may plan in which clients ask for `active`.
fn most_events(replicas: usize, active: u64) -> u64 {
    let pairs = (replicas * replicas) as u64;
    MAX_EVENTS * pairs * active.div_ceil(STRETCH).max(1)
}

/// Makes one replica's machine. What it would verify signatures with is for machines that admit messages
/// anew, since they live behind the boundary.
pub type Factory<M> = dyn Fn(&Config, ReplicaId, &SchemeKind) -> M + Send + Sync;

/// What is simulated.
pub struct Setup<M: Machine> {
    /// Makes the machine of one replica, with the service in its first state.
    pub machine: Box<Factory<M>>,
    /// The service as it is at the start, for the checker's own execution.
    pub service: fn() -> Box<dyn Service>,
    /// What clients ask of it.
    pub payload: Payload,
    /// How many replicas may panic without that being a violation: they count as faulty.
    pub deaths_tolerated: usize,
    /// What is changed about the runs that seeds decide on.
    pub overrides: Overrides,
    /// What signatures are.
    pub cryptography: Cryptography,
    /// Whether to print everything that happens to standard error.
    pub told: bool,
}

/// One input about to be stepped, for whoever records runs.
pub struct Sample<'a, M: Machine> {
    /// At which replica.
    pub replica: ReplicaId,
    /// As it is before the step.
    pub machine: &'a M,
    /// What it is about to take.
    pub input: &'a Input<M::Protocol>,
    /// On that host's clock.
    pub now: Time,
}

/// Sees every step of a run before it is taken.
pub type Recorder<'a, M> = &'a mut dyn FnMut(&Sample<'_, M>);

/// What can happen. Hosts and clients are meant by index.
pub(crate) enum Event<P: Protocol> {
    Packet(usize, Rc<Packet<P>>),
    Request(usize, Verified<Update>),
    Answer(Verified<Reply>),
    Wake(usize),
    /// Host, life, token.
    Written(usize, u64, u64),
    /// Host, life, token.
    Synced(usize, u64, u64),
    Client(usize),
    Part,
    Mend,
    Kill,
    KillAll,
    LoseDisk,
    /// Index of the absence that begins.
    Leave(usize),
    /// Index of the absence that ends.
    Enter(usize),
    Watch,
    /// Host, life that ended.
    Restart(usize, u64),
    Sample,
    Heal,
    Poll,
}

/// A cluster in the middle of a run.
pub(crate) struct Cluster<'a, M: Machine<Protocol: Watched>> {
    pub(crate) setup: &'a Setup<M>,
    pub(crate) parameters: Parameters,
    pub(crate) recorder: Option<Recorder<'a, M>>,
    pub(crate) now: u64,
    pub(crate) queue: Queue<Event<M::Protocol>>,
    pub(crate) rng: Rng,
    /// What adversaries draw their chance from.
    pub(crate) malice: u64,
    pub(crate) hosts: Vec<Host<M>>,
    pub(crate) network: Network,
    pub(crate) clients: Clients,
    pub(crate) history: History,
    /// What clients saw.
    pub(crate) seen: Seen,
    pub(crate) memory: Memory,
    /// Once the faults have ended.
    pub(crate) after: Option<Calm>,
    pub(crate) aftermath: Aftermath,
    /// Who is away at a time that was chosen, or comes back.
    pub(crate) returning: Vec<Returning>,
    /// When any client had an answer last. Unit: microseconds.
    pub(crate) answered_at: u64,
    pub(crate) monitor: <M::Protocol as Watched>::Monitor,
    pub(crate) gate: Gate,
    /// The same for machines that verify for themselves.
    pub(crate) scheme: SchemeKind,
    /// If BOUNDED-DELAY is demanded, and there is a bound.
    pub(crate) delays: Option<Delays>,
    /// What came of it, once it is demanded no more.
    pub(crate) measured: Option<Measured>,
    /// Signatures that the gate verified.
    pub(crate) verified: Arc<AtomicU64>,
    pub(crate) trace: Trace,
    pub(crate) tally: Tally,
    /// The faults have ended.
    pub(crate) calm: bool,
    pub(crate) done: bool,
    pub(crate) violation: Option<Violation>,
    /// States seen, by what was executed: (number, updates).
    states: BTreeMap<(u64, u64), Digest>,
    /// When they are compared next.
    compare_at: u64,
    /// Where effects are taken out to: growing it anew at each step costs more than the steps.
    pub(crate) taken: Vec<Effect<M::Protocol>>,
    /// Where messages are encoded, for the same reason.
    pub(crate) encoded: Vec<u8>,
}

impl<'a, M: Machine<Protocol: Watched>> Cluster<'a, M> {
    pub(crate) fn new(
        seed: u64,
        parameters: Parameters,
        setup: &'a Setup<M>,
        recorder: Option<Recorder<'a, M>>,
    ) -> Self {
        let mut rng = Rng::new(seed);
        let config = &parameters.config;
        let keys = Keys::new(setup.cryptography, config, parameters.load.clients);
        let size = config.size();
        let hosts = config
            .replicas()
            .map(|id| Host::new(config, id, &keys, &parameters.hosts, &mut rng))
            .collect();
        let network = Network::new(size, parameters.links.clone(), rng.fork());
        let load = parameters.load.clone();
        let clients = Clients::new(config, &keys, load, setup.payload, rng.fork());
        let (counting, verified) = keys.verifying();
        let gate = gate(config, counting);
        let owed = parameters.stable_from.zip(Bound::of(&parameters));
        let delays = owed.map(|(from, bound)| {
            let backlog = Backlog::of(&parameters, from, &bound);
            Delays::new(bound, from, Renewals::of(&parameters), backlog)
        });
        Self {
            setup,
            recorder,
            now: 0,
            queue: Queue::new(),
            rng,
            malice: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            hosts,
            network,
            clients,
            history: History::new(size, (setup.service)()),
            seen: Seen::default(),
            memory: Memory::new(
                config,
                &parameters.load,
                parameters.is_steady().then_some(parameters.active),
            ),
            after: None,
            aftermath: Aftermath::default(),
            returning: Vec::new(),
            answered_at: 0,
            monitor: Monitor::new(config, &parameters.faulty),
            gate,
            scheme: keys.kind(),
            delays,
            measured: None,
            verified,
            trace: Trace::new(seed, setup.told),
            tally: Tally { faulty: parameters.faulty.clone(), ..Tally::default() },
            calm: false,
            done: false,
            violation: None,
            states: BTreeMap::new(),
            compare_at: 0,
            taken: Vec::new(),
            encoded: Vec::new(),
            parameters,
        }
    }

    /// Starts every replica and plans the faults.
    pub(crate) fn start(&mut self) {
        (0..self.hosts.len()).for_each(|host| self.restart(host));
        (0..self.clients.count()).for_each(|client| self.plan_client(client));
        let Parameters { links, crashes, active, .. } = &self.parameters;
        let (parts, kills, all, active) = (links.partition_gap, crashes.gap, crashes.all, *active);
        if parts > 0 {
            self.queue.push(self.rng.around(parts), Event::Part);
        }
        if kills > 0 {
            self.queue.push(self.rng.around(kills), Event::Kill);
        }
        for _ in 0..all {
            self.queue.push(self.rng.below(active), Event::KillAll);
        }
        if self.parameters.crashes.lost_disk {
            self.queue.push(self.rng.below(active), Event::LoseDisk);
        }
        self.plan_absences();
        self.queue.push(self.sample_period(), Event::Sample);
        self.queue.push(active, Event::Heal);
    }

    /// Lets the next thing happen. False when the run is over.
    pub(crate) fn advance(&mut self) -> bool {
        if self.done || self.violation.is_some() {
            return false;
        }
        let Some((at, event)) = self.queue.pop() else { return false };
        self.now = at;
        let loaded = self.parameters.active + self.aftermath.lasted(at);
        let most = most_events(self.hosts.len(), loaded);
        if self.queue.planned() > most {
            let detail = format!("{most} events within {at} us");
            self.fail(None, (Kind::Livelock, detail));
        }
        self.happen(event);
        true
    }

    fn happen(&mut self, event: Event<M::Protocol>) {
        match event {
            Event::Packet(host, packet) => {
                self.tally.deliveries += u64::from(self.hosts[host].is_up());
                self.arrive(host, Arrival::Packet(packet));
            }
            Event::Request(host, update) => self.arrive(host, Arrival::Update(update)),
            Event::Answer(reply) => self.answer(&reply),
            Event::Wake(host) => self.work(host),
            Event::Written(host, life, token) if self.hosts[host].life == life => {
                self.hosts[host].disk.end_write(token);
                self.kept(host, Level::Process, token);
            }
            Event::Synced(host, life, token) if self.hosts[host].life == life => {
                self.hosts[host].disk.end_sync(token);
                self.kept(host, Level::Power, token);
            }
            Event::Written(..) | Event::Synced(..) => {}
            Event::Client(client) => self.client(client),
            Event::Part
            | Event::Mend
            | Event::Kill
            | Event::KillAll
            | Event::LoseDisk
            | Event::Leave(_)
                if self.calm => {}
            Event::Leave(index) => self.leave(index),
            Event::Enter(index) => self.enter(index),
            Event::Watch => self.watch(),
            Event::Part => {
                self.network.part();
                let length = self.rng.around(self.parameters.links.partition_us);
                self.queue.push(self.now + length, Event::Mend);
            }
            Event::Mend => {
                self.network.mend();
                let gap = self.rng.around(self.parameters.links.partition_gap);
                self.queue.push(self.now + gap, Event::Part);
            }
            Event::Kill => self.kill_one(),
            Event::LoseDisk => self.lose_disk(),
            Event::KillAll => {
                // One cause takes all.
                let power = self.rng.chance(self.parameters.crashes.power_cuts);
                (0..self.hosts.len()).for_each(|host| self.kill(host, power));
            }
            Event::Restart(host, life) => {
                let ended = &self.hosts[host];
                if ended.life == life && !ended.is_up() && !ended.frozen {
                    self.restart(host);
                }
            }
            Event::Sample => {
                self.look_at_replicas(self.now >= self.compare_at);
                self.queue.push(self.now + self.sample_period(), Event::Sample);
            }
            Event::Heal => self.heal(),
            Event::Poll => self.poll(),
        }
    }

    /// Time between two looks at everybody's status.
    fn sample_period(&self) -> u64 {
        let period = (self.parameters.active / SAMPLES).max(1);
        // What leaders do once the faults have ended is looked at closely as well.
        let closely = self.delays.is_some() || self.after.is_some();
        if closely { period.min(LOOK_US) } else { period }
    }

    /// Notes the first thing that goes wrong.
    pub(crate) fn fail(&mut self, replica: Option<ReplicaId>, (kind, detail): Finding) {
        if self.violation.is_none() {
            self.violation = Some(Violation { kind, at: self.now, replica, detail });
        }
    }

    /// Notes what a checker found at `host`, if anything: a faulty replica breaks no rule.
    pub(crate) fn judge(&mut self, host: usize, result: Result<(), Finding>) {
        let id = self.hosts[host].id;
        if let Err(finding) = result
            && !self.is_faulty(id)
        {
            self.fail(Some(id), finding);
        }
    }

    /// Whether `id` is Byzantine in this run.
    pub(crate) fn is_faulty(&self, id: ReplicaId) -> bool {
        self.parameters.faulty.contains_key(&id)
    }

    fn kill_one(&mut self) {
        let up: Vec<usize> = (0..self.hosts.len()).filter(|&h| self.hosts[h].is_up()).collect();
        if self.hosts.len() - up.len() < self.parameters.crashes.at_once {
            let victim = up[self.rng.index(up.len())];
            let power = self.rng.chance(self.parameters.crashes.power_cuts);
            self.kill(victim, power);
        }
        let gap = self.rng.around(self.parameters.crashes.gap);
        self.queue.push(self.now + gap, Event::Kill);
    }

    /// A correct replica, up or down, loses all that it ever logged.
    fn lose_disk(&mut self) {
        let correct: Vec<usize> =
            (0..self.hosts.len()).filter(|&h| !self.is_faulty(self.hosts[h].id)).collect();
        let victim = correct[self.rng.index(correct.len())];
        self.kill(victim, false);
        self.lose_disk_of(victim);
    }

    /// The disk of `host`, which is down, is gone.
    pub(crate) fn lose_disk_of(&mut self, host: usize) {
        let host = &mut self.hosts[host];
        host.disk.lose();
        (host.lost, host.returned) = (true, None);
        let id = host.id;
        self.monitor.excuse(id);
        self.trace.note(b'L', self.now, id, [0, 0], &Digest::default());
        self.trace.tell(self.now, id, || "loses its disk".into());
    }

    fn kill(&mut self, host: usize, power: bool) {
        if !self.hosts[host].is_up() {
            return;
        }
        self.end(host, power);
        self.tally.kills += 1;
        let down = self.rng.around(self.parameters.crashes.down);
        self.queue.push(self.now + down, Event::Restart(host, self.hosts[host].life));
    }

    pub(crate) fn end(&mut self, host: usize, power: bool) {
        let id = self.hosts[host].id;
        self.trace.note(b'K', self.now, id, [u64::from(power), 0], &Digest::default());
        let how = if power { "loses power" } else { "is killed" };
        self.trace.tell(self.now, id, || how.into());
        self.hosts[host].kill(power, &mut self.rng);
        self.history.restarted(id);
        self.monitor.ended(id);
        if let Some(delays) = &mut self.delays {
            delays.went_down(id);
        }
    }

    /// The machine at `host` panicked.
    pub(crate) fn die(&mut self, host: usize, died: Died) {
        self.end(host, false);
        let id = self.hosts[host].id;
        if !self.is_faulty(id) {
            self.tally.deaths.push((id, died.clone()));
            if self.tally.deaths.len() > self.setup.deaths_tolerated {
                self.fail(Some(id), (Kind::Death, died.to_string()));
            }
        }
        self.hosts[host].frozen = true;
        self.hosts[host].died = Some(died);
    }

    /// Looks how correct replicas stand and whom they hold for faulty, and compares their states if
    /// asked to: that digests all of them.
    pub(crate) fn look_at_replicas(&mut self, compare: bool) {
        if compare {
            self.compare_at = self.now + self.parameters.active / SAMPLES;
        }
        let looked = self.statuses(compare);
        for (host, status, _) in &looked {
            let current = &mut self.hosts[*host];
            if current.lost && !status.silent {
                current.returned.get_or_insert(status.executed);
            }
        }
        let mut seen = Vec::new();
        for (host, status, state) in looked {
            self.tally.views = self.tally.views.max(status.view);
            let result = self.judge_status(host, &status, state);
            self.judge(host, result);
            let rewrites = self.hosts[host].disk.rewrites();
            let result =
                self.memory.look(self.now, (host, rewrites), self.history.length(), &status);
            self.judge(host, result);
            seen.push(status);
        }
        let votes = |status: &Status| status.preinstalled + u64::from(status.suspects);
        let look = self.look_of_calm(seen.iter().map(votes).max().unwrap_or(0));
        if let Some(Err(finding)) = self.after.as_mut().map(|after| after.look(look)) {
            self.fail(None, finding);
        }
        self.look_at_delays(&seen);
    }

    /// What the correct replicas that are up say of themselves, by host; and their states, if asked for.
    fn statuses(&mut self, compare: bool) -> Vec<(usize, Status, Option<Digest>)> {
        let mut seen = Vec::new();
        for host in 0..self.hosts.len() {
            if self.is_faulty(self.hosts[host].id) {
                continue;
            }
            let Some(machine) = &self.hosts[host].machine else { continue };
            let look = || (machine.status(), compare.then(|| machine.replicated()));
            match boundary::catch(look) {
                Ok((status, state)) => seen.push((host, status, state)),
                Err(died) => self.die(host, died),
            }
        }
        seen
    }

    /// Whether a correct replica holds only faulty ones for faulty, and all that it proved to be, and its
    /// state is that of others that executed as much.
    fn judge_status(
        &mut self,
        host: usize,
        status: &Status,
        state: Option<Digest>,
    ) -> Result<(), Finding> {
        let wronged = |id: &&ReplicaId| !self.is_excused(**id, status.executed);
        if let Some(id) = status.blacklisted.iter().find(wronged) {
            let detail = format!("holds replica {id}, which is correct, for faulty");
            return Err((Kind::Blacklist, detail));
        }
        let mut proved = self.monitor.proved(self.hosts[host].id).into_iter();
        if let Some(id) = proved.find(|id| !status.blacklisted.contains(id)) {
            let detail = format!("does not hold replica {id} for faulty any more, as it proved");
            return Err((Kind::Blacklist, detail));
        }
        let Some(state) = state else { return Ok(()) };
        let key = (status.executed, status.updates);
        let held = *self.states.entry(key).or_insert(state);
        if held != state {
            let detail = format!("state {state:?} after {key:?}, elsewhere {held:?}");
            return Err((Kind::State, detail));
        }
        Ok(())
    }

    /// Whether one that executed so much may hold `id` for faulty: if it is, or lost its log and its new
    /// life may not be known there yet.
    fn is_excused(&self, id: ReplicaId, executed: u64) -> bool {
        let host = &self.hosts[id.index()];
        let unknown = || host.returned.is_none_or(|returned| executed < returned);
        self.is_faulty(id) || (host.lost && unknown())
    }
}

#[cfg(test)]
mod tests {
    use super::most_events;

    /// What ten replicas say of 11,000 updates, more than 4,000,000 events, is no livelock.
    #[test]
    fn how_much_may_happen_grows_with_the_pairs_and_with_the_time() {
        assert_eq!(most_events(4, 3_000_000), 4_000_000);
        assert_eq!(most_events(10, 12_000_000), 25_000_000);
        assert_eq!(most_events(4, 12_000_001), 8_000_000);
    }
}
