//! Servers that are away at times that were chosen, and how they come back while the others serve.
//!
//! One that starts again *executes along* at the first look at which it has executed all that anybody had
//! executed at the look before, and is *back* when it also takes part in everything, so far as it says. Both
//! are demanded within a time; and from when it goes until it must be back, that no two answers in a
//! row, whichever clients they are for, lie further apart than a time.

use crate::cluster::{Cluster, Event};
use crate::monitor::Watched;
use crate::violation::Kind;
use wire::{Machine, ReplicaId};

/// How often those are looked at that start again. Unit: microseconds.
const LOOK_US: u64 = 100_000;

/// One server goes and comes back. Times are in microseconds.
#[derive(Clone, Debug)]
pub struct Absence {
    /// Which.
    pub replica: ReplicaId,
    /// When it goes down.
    pub from: u64,
    /// When it starts again.
    pub until: u64,
    /// Whether it starts with an empty disk.
    pub loses_disk: bool,
    /// Within what time of its start it must execute along with the others.
    pub along: u64,
    /// Within what time of its start it must be back.
    pub back: u64,
    /// Longest time between two answers from `from` until it must be back.
    pub pause: u64,
}

/// How one server came back. Times since its start, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comeback {
    /// Which.
    pub replica: ReplicaId,
    /// Whether its disk was empty.
    pub lost_disk: bool,
    /// Updates that the others executed while it was away.
    pub missed: u64,
    /// When it executed along.
    pub along: u64,
    /// When it was back.
    pub back: u64,
}

/// One that is away, or has started again.
pub(crate) struct Returning {
    /// Index of the absence.
    absence: usize,
    /// What anybody had executed when it went.
    went: u64,
    /// What anybody had executed when it started, once it has.
    started: Option<u64>,
    /// What anybody had executed at the last look.
    front: u64,
    along: Option<u64>,
}

impl<M: Machine<Protocol: Watched>> Cluster<'_, M> {
    /// Plans everybody's absences.
    pub(crate) fn plan_absences(&mut self) {
        for (index, absence) in self.parameters.crashes.absences.iter().enumerate() {
            self.queue.push(absence.from, Event::Leave(index));
            self.queue.push(absence.until, Event::Enter(index));
        }
    }

    /// Somebody goes.
    pub(crate) fn leave(&mut self, index: usize) {
        let Absence { replica, loses_disk, .. } = self.parameters.crashes.absences[index];
        let host = replica.index();
        if self.hosts[host].is_up() {
            self.end(host, false);
            self.tally.kills += 1;
        }
        if loses_disk {
            self.lose_disk_of(host);
        }
        let went = self.history.length();
        let one = Returning { absence: index, went, started: None, front: went, along: None };
        self.returning.push(one);
    }

    /// Somebody starts again.
    pub(crate) fn enter(&mut self, index: usize) {
        let Absence { replica, .. } = self.parameters.crashes.absences[index];
        let host = replica.index();
        if self.hosts[host].is_up() || self.hosts[host].frozen {
            return;
        }
        self.restart(host);
        let front = self.history.length();
        let idle = self.returning.iter().all(|one| one.started.is_none());
        for one in self.returning.iter_mut().filter(|one| one.absence == index) {
            (one.started, one.front) = (Some(front), front);
        }
        if idle {
            self.queue.push(self.now + LOOK_US, Event::Watch);
        }
    }

    /// Looks at those that have started again.
    pub(crate) fn watch(&mut self) {
        for mut one in std::mem::take(&mut self.returning) {
            let Some(started) = one.started else {
                self.returning.push(one);
                continue;
            };
            let absence = self.parameters.crashes.absences[one.absence].clone();
            let Absence { replica, until, .. } = absence;
            let (took, reached) = (self.now - until, self.history.reached(replica));
            if reached >= one.front {
                one.along.get_or_insert(took);
            }
            one.front = self.history.length();
            match one.along {
                Some(along) if !(absence.loses_disk && self.recovers(replica.index())) => {
                    self.tally.comebacks.push(Comeback {
                        replica,
                        lost_disk: absence.loses_disk,
                        missed: started - one.went,
                        along,
                        back: took,
                    })
                }
                None if took > absence.along => {
                    let detail = format!(
                        "{took} us after its start it is at {reached} of {} updates",
                        one.front
                    );
                    self.fail(Some(replica), (Kind::Rejoin, detail));
                }
                Some(_) if took > absence.back => {
                    let detail = format!("{took} us after its start it takes no full part yet");
                    self.fail(Some(replica), (Kind::Rejoin, detail));
                }
                Some(_) | None => self.returning.push(one),
            }
        }
        if self.returning.iter().any(|one| one.started.is_some()) {
            self.queue.push(self.now + LOOK_US, Event::Watch);
        }
    }

    /// A client has an answer.
    pub(crate) fn look_at_pause(&mut self) {
        let last = std::mem::replace(&mut self.answered_at, self.now);
        let pause = self.now - last;
        let absences = &self.parameters.crashes.absences;
        let meets = |one: &&Absence| last <= one.until + one.back && self.now >= one.from;
        let allowed = absences.iter().filter(meets).map(|one| one.pause).min();
        let Some(allowed) = allowed.filter(|_| !self.calm) else { return };
        self.tally.longest_pause = self.tally.longest_pause.max(pause);
        if pause > allowed {
            let detail = format!("no client had an answer for {pause} us; {allowed} are allowed");
            self.fail(None, (Kind::Pause, detail));
        }
    }
}
