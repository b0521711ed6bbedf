//! What is demanded once the faults have ended.
//!
//! Three things, one after the other, each within a bound:
//!
//! 1. *Service.* All that was submitted is executed at every correct replica that is not down for good,
//!    and answered.
//! 2. *Return.* Whoever lost its log takes part in everything again: it does not say of itself any more
//!    that it recovers. Clients go on asking until then, as much of a return hangs on what is ordered.
//!    Then they are silent until numbers are passed over that it may have to leave unacknowledged (see
//!    `prime::rejoin`): originators do that when nothing of theirs is under way, and each seldom.
//! 3. *Need.* One that was restarted, the one without its log if there is one, must count. As many others
//!    as f+k leaves go down for good, the Byzantine ones first. A quorum of correct ones is left, so that
//!    nothing is ordered, and no leader is replaced, unless each of them acknowledges and votes. And each
//!    of them is asked for updates for which nobody else is asked. What one without its log may have to leave
//!    unacknowledged (see `prime::rejoin`) may still be ahead of others then; in every other run clients are
//!    silent first for so long that it is passed over.
//!
//! Nothing is excused for longer than a bound that hangs on the configuration. BOUNDED-DELAY is demanded
//! up to the third, also of what is asked of one that recovers, unless it says nothing that binds yet.

use crate::calm::{self, Calm};
use crate::cluster::{Cluster, Event};
use crate::monitor::Watched;
use crate::parameters::Parameters;
use crate::violation::Kind;
use boundary::catch;
use wire::{Machine, ReplicaId};

/// How often completion is looked for. Unit: microseconds.
const POLL_US: u64 = 10_000;

/// What is demanded now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Demand {
    Service,
    Return,
    Need,
}

/// The time after the faults.
pub(crate) struct Aftermath {
    demand: Demand,
    /// Since when clients were to ask. Unit: microseconds, as below.
    asked: u64,
    /// When the first demand was met.
    served: Option<u64>,
    /// Whoever lost its log is back.
    back: bool,
    /// From when on others may go down.
    from: Option<u64>,
}

impl Default for Aftermath {
    fn default() -> Self {
        Self { demand: Demand::Service, asked: 0, served: None, back: false, from: None }
    }
}

impl Aftermath {
    /// How long the second and third demand have taken at `now`.
    pub(crate) fn lasted(&self, now: u64) -> u64 {
        self.served.map_or(0, |served| now - served)
    }
}

/// How long it takes, at most, until numbers are passed over that one without its log leaves
/// unacknowledged: each server heeds a life once in `timing.renewal`, or when a number of its own was under
/// way for so long, and what it says then is ordered.
fn passing(parameters: &Parameters) -> u64 {
    let timing = &parameters.config.timing;
    2 * timing.renewal.max(10 * timing.retransmit) + 4 * timing.retransmit
}

/// How long the return of whoever lost its log takes, at most: for its new life to be ordered, and another
/// one, as others heed it, if the first was not noticed; then for as many numbers as it may not vote on
/// or acknowledge, each of which clients may have to ask for, or which wait to be said again, 8 in two
/// periods.
fn patience(parameters: &Parameters) -> u64 {
    let Parameters { config, load, bound, .. } = parameters;
    let (windows, timing) = (&config.windows, &config.timing);
    let number = (load.probe_think / u64::from(load.clients)).max(timing.pre_prepare);
    let again = timing.po_request.max(timing.retransmit / 4);
    let numbers = windows.order * number + windows.preorder * again;
    bound + 2 * timing.renewal + passing(parameters) + 2 * numbers
}

impl<M: Machine<Protocol: Watched>> Cluster<'_, M> {
    /// The faults end. Some replicas may stay down; all others must serve.
    pub(crate) fn heal(&mut self) {
        self.calm = true;
        self.network.calm();
        let gone = self.tally.deaths.len();
        for _ in gone..self.parameters.crashes.frozen {
            self.freeze_one(None);
        }
        for host in 0..self.hosts.len() {
            if !self.hosts[host].is_up() && !self.hosts[host].frozen {
                self.restart(host);
            }
        }
        self.after = Some(Calm::new(&self.parameters.config, self.history.submissions()));
        self.clients.probe(self.now);
        self.ask();
        self.queue.push(self.now + POLL_US, Event::Poll);
    }

    /// A correct replica, but not `spared`, goes down for good. Any, but where leaders are not monitored
    /// never the first leader.
    fn freeze_one(&mut self, spared: Option<usize>) {
        let replaced = self.parameters.config.monitoring.is_some();
        let leader = self.parameters.first_leader();
        let may =
            |host: &usize| Some(*host) != spared && (replaced || self.hosts[*host].id != leader);
        let others: Vec<usize> = self.running().filter(may).collect();
        let chosen = others[self.rng.index(others.len())];
        self.freeze(chosen);
    }

    fn freeze(&mut self, host: usize) {
        self.hosts[host].frozen = true;
        if self.hosts[host].is_up() {
            self.end(host, false);
        }
    }

    /// The correct replicas that are not down for good.
    pub(crate) fn running(&self) -> impl Iterator<Item = usize> + Clone {
        (0..self.hosts.len())
            .filter(|&host| !self.hosts[host].frozen && !self.is_faulty(self.hosts[host].id))
    }

    /// Clients begin to ask.
    fn ask(&mut self) {
        self.aftermath.asked = self.now;
        (0..self.clients.count()).for_each(|client| self.plan_client(client));
    }

    /// Goes on to the next demand, or ends the run, when what is demanded is there, or when it is too
    /// late for that.
    pub(crate) fn poll(&mut self) {
        let Parameters { load, bound, .. } = &self.parameters;
        let needs = self.aftermath.demand == Demand::Need;
        let passes = needs && self.lost().next().is_some();
        let bound = bound + if passes { passing(&self.parameters) } else { 0 };
        let waited = self.now - self.aftermath.asked;
        if waited > load.probe_time && !needs {
            self.clients.stop();
        }
        match self.unserved() {
            None => self.proceed(),
            Some(lacking) if waited > bound => {
                let kind = match self.aftermath.demand {
                    Demand::Service | Demand::Return => Kind::Progress,
                    Demand::Need => Kind::Rejoin,
                };
                let detail = format!("{waited} us after {}: {lacking}", self.demanded());
                self.fail(None, (kind, detail));
            }
            Some(_) => {}
        }
        if !self.done {
            self.queue.push(self.now + POLL_US, Event::Poll);
        }
    }

    /// After what this is demanded, for people.
    fn demanded(&self) -> String {
        match self.aftermath.demand {
            Demand::Service => "the faults ended".into(),
            Demand::Return => "clients were to ask until all are back".into(),
            Demand::Need => {
                let left = self.running().map(|host| self.hosts[host].id.to_string());
                format!("replicas {} were left alone", left.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// What was not submitted, answered or executed yet.
    fn unserved(&self) -> Option<String> {
        let length = self.history.length();
        let behind: Vec<String> = self
            .running()
            .map(|host| self.hosts[host].id)
            .filter(|id| self.history.reached(*id) < length)
            .map(|id| format!("replica {id} at {}", self.history.reached(id)))
            .collect();
        let (unanswered, left) = (self.clients.unanswered(), self.clients.left());
        let served = behind.is_empty() && unanswered == 0 && left == 0;
        (!served).then(|| {
            let behind = if behind.is_empty() { "everywhere".into() } else { behind.join(", ") };
            format!(
                "{unanswered} updates are unanswered, {left} not submitted; of {length} executed: \
                 {behind}"
            )
        })
    }

    /// All that clients asked for is done.
    fn proceed(&mut self) {
        if self.aftermath.demand == Demand::Need {
            return self.finish();
        }
        let served = *self.aftermath.served.get_or_insert(self.now);
        // Whoever is back stays back, and to ask costs more than all else in a quiet time.
        let away = if self.aftermath.back { None } else { self.away() };
        let Some(id) = away else { return self.need_in_time() };
        if self.now > served + patience(&self.parameters) {
            let took = self.now - served;
            let what = format!("replica {id}, which lost its log, takes no full part yet");
            self.fail(None, (Kind::Rejoin, format!("{took} us after all was served again {what}")));
        } else {
            self.aftermath.demand = Demand::Return;
            self.clients.probe(self.now);
            self.ask();
        }
    }

    /// The correct replicas that lost their logs and are not down for good.
    fn lost(&self) -> impl Iterator<Item = usize> {
        self.running().filter(|&host| self.hosts[host].lost)
    }

    /// One that lost its log and is not back.
    fn away(&self) -> Option<ReplicaId> {
        self.lost().find(|host| self.recovers(*host)).map(|host| self.hosts[host].id)
    }

    /// Whether the replica at `host` does not take part in everything yet, if it is up at all.
    pub(crate) fn recovers(&self, host: usize) -> bool {
        let machine = self.hosts[host].machine.as_ref();
        // One that panics over it does so at the next look, where it is found.
        machine.is_none_or(|own| catch(|| own.status()).is_ok_and(|status| status.recovering))
    }

    /// Goes on to the third demand, in every other run with a lost log after a quiet time.
    fn need_in_time(&mut self) {
        self.aftermath.back = true;
        let waits = self.lost().next().is_some();
        let from = self.aftermath.from.unwrap_or_else(|| {
            let quiet = waits && self.rng.chance(500_000);
            self.now + if quiet { passing(&self.parameters) } else { 0 }
        });
        self.aftermath.from = Some(from);
        if self.now >= from {
            self.need();
        }
    }

    /// Takes others down until one that was restarted is needed, if there is one.
    fn need(&mut self) {
        let restarted = |&host: &usize| self.hosts[host].life > 0;
        let restarted: Vec<usize> = self.running().filter(restarted).collect();
        let lost = restarted.iter().find(|&&host| self.hosts[host].lost);
        if restarted.is_empty() {
            return self.finish();
        }
        let needed = *lost.unwrap_or_else(|| &restarted[self.rng.index(restarted.len())]);
        self.look_at_replicas(true);
        self.measured = self.measured();
        let faulty = self.parameters.faulty.keys().map(|id| id.index()).collect::<Vec<_>>();
        faulty.into_iter().for_each(|host| self.freeze(host));
        let config = &self.parameters.config;
        for _ in config.quorum()..self.running().count() {
            self.freeze_one(Some(needed));
        }
        self.after = Some(Calm::new(&self.parameters.config, self.history.submissions()));
        let left: Vec<ReplicaId> = self.running().map(|host| self.hosts[host].id).collect();
        self.clients.ask_each(self.now, left);
        self.aftermath.demand = Demand::Need;
        self.ask();
    }

    /// The run is over; what only the whole of it shows is looked at.
    fn finish(&mut self) {
        self.look_at_replicas(true);
        let found = self.seen.check(&self.history.order(), (self.setup.service)().as_mut());
        if let Err(finding) = found {
            self.fail(None, finding);
        }
        self.done = true;
    }

    pub(crate) fn look_of_calm(&self, highest: u64) -> calm::Look {
        let reached = self.running().map(|host| self.history.reached(self.hosts[host].id));
        calm::Look {
            progress: reached.clone().sum::<u64>() + self.tally.answered,
            planned: self.queue.planned(),
            everywhere: reached.min().unwrap_or(0),
            highest,
        }
    }
}
