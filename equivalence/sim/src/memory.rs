//! Bounded memory: what a replica remembers and logs stops growing under a steady load.
//!
//! Three rules. *In every run*, a log begins anew before it covers more numbers than windows allow:
//! 16 order windows may be ordered beyond the last checkpoint that could become stable, and a log is
//! written anew at a stable checkpoint or the one after. *In every run*, a replica holds no more than windows
//! allow for what it executed itself, whatever others send: see [`Limit`]. *In a run without faults* whose
//! first third fills these windows, no more than twice as much is held later. What is kept of the past comes
//! and goes with checkpoints and whoever fetches them, so sizes rise and fall; steady growth triples. Where
//! a replica lost its log it fetches a state, and whoever serves it holds for that long what is twice the
//! size of all else: such a run has a fault.

use crate::parameters::Load;
use crate::violation::{Finding, Kind};
use wire::Config;
use wire::machine::Status;

/// How many times what the first third of a run holds may be held later, beside [`SLACK`].
const GROWTH: u64 = 2;

/// What small states may grow by. Unit: bytes.
const SLACK: u64 = 4_096;

/// What a message costs beside its payload, held as it is: names, numbers, signature and path. Unit: bytes.
const OVERHEAD: u64 = 300;

/// What a vote costs, or a message of which the digest counts: that, and whose it is. Unit: bytes.
const VOTE: u64 = 40;

/// Copies of the replicated state: as it is, as it is served, and as it is fetched.
const COPIES: u64 = 3;

/// How much a replica may hold, by what was executed and by nothing else that others send.
///
/// - What windows let it keep at all: for each originator `preorder` numbers, and as many again that are not
///   executed yet; 16 `order` global numbers and those of four checkpoints; `pending` updates. Of each
///   number, what every replica may have said of it.
/// - What its log holds behind a state: the updates executed since, and those that clients may have under
///   way, at as many originators as they ask.
/// - The replicated state, a few times: the answers that `client` windows keep, and what the service holds.
#[derive(Clone, Copy)]
struct Limit {
    windows: u64,
    /// Updates that all clients have under way at most.
    under_way: u64,
    /// One update, as it is held. Unit: bytes.
    update: u64,
    /// Answers that are kept at most.
    answers: u64,
}

impl Limit {
    fn of(config: &Config, load: &Load) -> Self {
        let (n, windows) = (u64::from(config.n), &config.windows);
        let numbers = 2 * n * windows.preorder + 16 * windows.order + 4 * windows.checkpoint;
        let pending = windows.pending * VOTE;
        let clients = u64::from(load.clients);
        Self {
            windows: numbers * (n + 2) * VOTE + pending,
            under_way: clients * load.outstanding as u64,
            update: load.payload.1 + OVERHEAD,
            answers: clients * windows.client,
        }
    }

    /// Where so many updates were executed, whose answers it may have or be fetching, and `since` of them by
    /// itself since its log began anew. Unit: bytes.
    fn at(&self, n: u64, updates: u64, since: u64) -> u64 {
        let logged = (since + n * self.under_way) * self.update;
        let state = (updates.min(self.answers) + SERVICE_ENTRIES) * self.update;
        self.windows + logged + COPIES * state
    }
}

/// Entries of the service's state that hold a payload each, in the key space of simulated clients.
const SERVICE_ENTRIES: u64 = 8;

/// What was seen of one replica.
#[derive(Clone, Copy, Default)]
struct Held {
    /// How often the log had begun anew, and the number executed when that was seen.
    rewrites: u64,
    base: u64,
    /// Updates executed when that was seen, and when it was seen the time before: what is behind the state
    /// with which a log begins was executed after the one before.
    updates: (u64, u64),
    /// Most bytes held in the first third.
    first: u64,
    /// Whether the windows were full in it.
    filled: bool,
}

/// Watches the memory of all replicas.
pub(crate) struct Memory {
    held: Vec<Held>,
    /// Most numbers that a log covers.
    numbers: u64,
    limit: Limit,
    /// The most that any replica held of what it might, and what it might hold. Unit: bytes.
    pub(crate) fullest: (u64, u64),
    /// Whether any replica was held to what it held before.
    pub(crate) grown: bool,
    /// Updates that fill the windows of all clients.
    updates: u64,
    /// When the first third ends, and when what is looked at ends; `None` where load is not steady.
    steady: Option<(u64, u64)>,
}

impl Memory {
    /// Of a run whose load is steady up to `steady`, if it is.
    pub(crate) fn new(config: &Config, load: &Load, steady: Option<u64>) -> Self {
        let windows = &config.windows;
        Self {
            held: vec![Held::default(); config.size()],
            numbers: 16 * windows.order + 4 * windows.checkpoint,
            limit: Limit::of(config, load),
            fullest: (0, 0),
            grown: false,
            updates: u64::from(load.clients) * windows.client,
            steady: steady.map(|end| (end / 3, end)),
        }
    }

    /// `status` is that of the replica at `host`, whose log has begun anew `rewrites` times; `anywhere` so many
    /// updates were executed.
    pub(crate) fn look(
        &mut self,
        now: u64,
        (host, rewrites): (usize, u64),
        anywhere: u64,
        status: &Status,
    ) -> Result<(), Finding> {
        let held = &mut self.held[host];
        let Status { executed, updates, held: bytes, .. } = *status;
        if rewrites != held.rewrites {
            (held.rewrites, held.base) = (rewrites, executed);
            held.updates = (updates, held.updates.0);
        }
        let covered = executed.saturating_sub(held.base);
        if covered > self.numbers {
            let most = self.numbers;
            let detail = format!("the log covers {covered} numbers, {most} at most by the windows");
            return Err((Kind::Memory, detail));
        }
        let replicas = self.held.len() as u64;
        let held = &mut self.held[host];
        let since = updates.saturating_sub(held.updates.1);
        let most = self.limit.at(replicas, anywhere, since);
        if u128::from(bytes) * u128::from(self.fullest.1.max(1))
            > u128::from(self.fullest.0) * u128::from(most)
        {
            self.fullest = (bytes, most);
        }
        if bytes > most {
            let detail = format!("{bytes} bytes held, {most} at most by the windows");
            return Err((Kind::Memory, detail));
        }
        let Some((third, _)) = self.steady.filter(|(_, end)| now <= *end) else { return Ok(()) };
        let first = held.first;
        self.grown |= now > third && held.filled;
        if now <= third {
            held.first = bytes.max(first);
            held.filled = executed >= self.numbers && updates >= self.updates;
        } else if held.filled && bytes > first * GROWTH + SLACK {
            let detail = format!("{bytes} bytes held, {first} at most in the first third");
            return Err((Kind::Memory, detail));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::{Faults, Parameters};
    use wire::Digest;

    fn memory(steady: Option<u64>) -> Memory {
        let mut config = Config::new(Digest::default(), 4, 1, 0);
        (config.windows.order, config.windows.checkpoint) = (8, 8);
        (config.windows.client, config.windows.preorder) = (10, 2_048);
        let load = Load { clients: 2, ..Parameters::of_seed(1, 4, 0, Faults::None).load };
        Memory::new(&config, &load, steady)
    }

    /// What a replica that has executed so many numbers of one update each, and holds so much, says.
    fn status(executed: u64, held: u64) -> Status {
        Status { executed, updates: executed, held, ..Status::default() }
    }

    fn kind(result: Result<(), Finding>) -> Option<Kind> {
        result.err().map(|(kind, _)| kind)
    }

    #[test]
    fn a_log_that_never_begins_anew_is_found() {
        let mut memory = memory(None);
        assert_eq!(kind(memory.look(1, (0, 0), 160, &status(160, 0))), None);
        assert_eq!(kind(memory.look(2, (0, 0), 161, &status(161, 0))), Some(Kind::Memory));
        assert_eq!(kind(memory.look(3, (0, 1), 170, &status(170, 0))), None);
        assert_eq!(kind(memory.look(4, (0, 1), 330, &status(330, 0))), None);
        assert_eq!(kind(memory.look(5, (0, 1), 331, &status(331, 0))), Some(Kind::Memory));
    }

    /// Whatever it executed long ago allows it nothing, and what others send never does.
    #[test]
    fn more_than_windows_allow_is_found_in_every_run() {
        let mut memory = memory(None);
        let most = |updates, since| memory.limit.at(4, updates, since);
        let (early, late) = (most(100, 100), most(1_000, 100));
        assert_eq!(early, late);
        assert_eq!(kind(memory.look(1, (0, 0), 100, &status(100, early))), None);
        assert_eq!(kind(memory.look(2, (0, 0), 100, &status(100, early + 1))), Some(Kind::Memory));
        assert_eq!(memory.fullest, (early + 1, early));
    }

    #[test]
    fn steady_growth_is_found_and_a_steady_size_is_not() {
        let mut memory = memory(Some(60));
        for now in [10, 20, 30, 40, 50, 60] {
            let found = kind(memory.look(now, (0, now), 10 * now, &status(10 * now, 10_000 * now)));
            assert_eq!(found, (now >= 50).then_some(Kind::Memory));
            assert_eq!(
                kind(memory.look(now, (1, now), 10 * now, &status(10 * now, 500_000 + now))),
                None
            );
            // Too short to fill the windows.
            assert_eq!(kind(memory.look(now, (2, now), now, &status(now, 10_000 * now))), None);
        }
        assert_eq!(kind(memory.look(61, (1, 61), 610, &status(610, 1_200_000))), None);
    }
}
