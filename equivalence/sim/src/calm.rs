//! What is expected once the faults have ended: that leaders stay, and that work leads somewhere.
//!
//! The cluster is *stable* from the first look at which everybody has executed all that had been
//! submitted when the faults ended: until then a backlog makes messages larger, and queues longer,
//! than leaders are judged by. Votes that stand at that look are not held against it. From then on
//! leaders are replaced at most 2f+k times (report, section 4.3: at least f+k+1 servers are never
//! suspected by Q others).
//!
//! Work leads nowhere if very many things happen, or very many leaders are elected, while nobody
//! executes and no client gets an answer. Time is no measure for that: a slow network is no livelock.
//!
//! # Counting, not recurrence
//!
//! A livelock repeats itself, so one might report it as soon as the whole cluster's state recurs. It never
//! does: views, the numbers of pings, ages that grow and deadlines differ each time. Forgetting these makes
//! states recur that are no livelock. Whoever waits for a timer looks the same at every look until it fires,
//! and what a view change comes to hangs on delays that are drawn anew for each message, so that a change
//! that failed as the last one did may succeed next. To tell these from a livelock takes a wait for the
//! longest timer (clients ask again, a new life is heeded once in a minute) and for luck to turn, and by
//! then the run is out of time anyway.
//!
//! So what is decided here is less: that more happened without progress than ever led to any. A livelock
//! that changes views is found after 4N elections, one that talks by its events; where nearly nothing
//! happens, the bound on time finds that there is no progress.

use crate::violation::{Finding, Kind};
use wire::Config;

/// Planned events for each pair of replicas that lead nowhere.
const MAX_IDLE: u64 = 40_000;

/// What a look at the replicas showed.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    /// Executions and answers so far.
    pub(crate) progress: u64,
    /// Events planned so far.
    pub(crate) planned: u64,
    /// Updates executed by all that count.
    pub(crate) everywhere: u64,
    /// The highest view that anybody is in or has voted for.
    pub(crate) highest: u64,
}

/// Watches the time after the faults.
pub(crate) struct Calm {
    /// Updates submitted when it began.
    backlog: u64,
    /// Most replacements of stable times.
    changes: u64,
    /// Most elections without progress.
    elections: u64,
    idle: u64,
    /// When there was progress last.
    last: Option<Look>,
    /// The highest view when the cluster became stable.
    stable: Option<u64>,
}

impl Calm {
    /// The faults have ended; `backlog` updates have been submitted.
    pub(crate) fn new(config: &Config, backlog: u64) -> Self {
        let (n, f, k) = (u64::from(config.n), u64::from(config.f), u64::from(config.k));
        let (changes, elections) = (2 * f + k, 4 * n);
        Self { backlog, changes, elections, idle: MAX_IDLE * n * n, last: None, stable: None }
    }

    /// Looks again.
    pub(crate) fn look(&mut self, look: Look) -> Result<(), Finding> {
        let last = self.last.filter(|last| last.progress == look.progress).unwrap_or(look);
        self.last = Some(last);
        let events = look.planned - last.planned;
        let elections = look.highest.saturating_sub(last.highest);
        if events > self.idle || elections > self.elections {
            let detail = format!("{events} events and {elections} elections without an execution");
            return Err((Kind::Livelock, detail));
        }
        if look.everywhere < self.backlog && self.stable.is_none() {
            return Ok(());
        }
        let first = *self.stable.get_or_insert(look.highest);
        let changes = look.highest.saturating_sub(first);
        if changes > self.changes {
            let most = self.changes;
            let detail = format!("{changes} leaders replaced in stable times, not {most} at most");
            return Err((Kind::Unstable, detail));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Digest;

    const START: Look = Look { progress: 5, planned: 100, everywhere: 3, highest: 7 };

    fn calm() -> Calm {
        let mut calm = Calm::new(&Config::new(Digest::default(), 4, 1, 0), 10);
        assert_eq!(kind(calm.look(START)), None);
        calm
    }

    fn kind(result: Result<(), Finding>) -> Option<Kind> {
        result.err().map(|(kind, _)| kind)
    }

    #[test]
    fn leaders_may_fall_until_the_backlog_is_gone_and_twice_afterwards() {
        let mut calm = calm();
        let look = |everywhere, highest| Look { everywhere, highest, ..START };
        assert_eq!(kind(calm.look(look(9, 12))), None);
        assert_eq!(kind(calm.look(look(10, 13))), None);
        assert_eq!(kind(calm.look(look(10, 15))), None);
        assert_eq!(kind(calm.look(look(12, 16))), Some(Kind::Unstable));
    }

    #[test]
    fn work_that_leads_nowhere_is_found_and_slow_work_is_not() {
        let mut calm = calm();
        let look = |progress, planned, highest| Look { progress, planned, highest, ..START };
        assert_eq!(kind(calm.look(look(5, 600_000, 7))), None);
        assert_eq!(kind(calm.look(look(6, 1_200_000, 20))), None);
        assert_eq!(kind(calm.look(look(6, 1_800_000, 36))), None);
        assert_eq!(kind(calm.look(look(6, 1_800_000, 37))), Some(Kind::Livelock));
        assert_eq!(kind(calm.look(look(6, 1_900_000, 30))), Some(Kind::Livelock));
    }
}
