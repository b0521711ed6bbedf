//! Bounded memory: what a replica remembers and logs stops growing under a steady load.
//!
//! Two rules. *In every run*, a log begins anew before it covers more numbers than windows allow:
//! 16 order windows may be ordered beyond the last checkpoint that could become stable, and a log is
//! written anew at a stable checkpoint or the one after. *In a run without faults* whose first
//! third fills these windows, no more than twice as much is held later. What is kept of the past comes
//! and goes with checkpoints and whoever fetches them, so sizes rise and fall; steady growth triples. Where
//! a replica lost its log it fetches a state, and whoever serves it holds for that long what is twice the
//! size of all else: such a run has a fault.

use crate::violation::{Finding, Kind};
use wire::Config;
use wire::machine::Status;

/// How many times what the first third of a run holds may be held later, beside [`SLACK`].
const GROWTH: u64 = 2;

/// What small states may grow by. Unit: bytes.
const SLACK: u64 = 4_096;

/// What was seen of one replica.
#[derive(Clone, Copy, Default)]
struct Held {
    /// How often the log had begun anew, and the number executed when that was seen.
    rewrites: u64,
    base: u64,
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
    /// Updates that fill the windows of all clients.
    updates: u64,
    /// When the first third ends, and when what is looked at ends; `None` where load is not steady.
    steady: Option<(u64, u64)>,
}

impl Memory {
    /// Of a run with so many clients whose load is steady up to `steady`, if it is.
    pub(crate) fn new(config: &Config, clients: u32, steady: Option<u64>) -> Self {
        let windows = &config.windows;
        Self {
            held: vec![Held::default(); config.size()],
            numbers: 16 * windows.order + 4 * windows.checkpoint,
            updates: u64::from(clients) * windows.client,
            steady: steady.map(|end| (end / 3, end)),
        }
    }

    /// `status` is that of the replica at `host`, whose log has begun anew `rewrites` times.
    pub(crate) fn look(
        &mut self,
        now: u64,
        host: usize,
        rewrites: u64,
        status: &Status,
    ) -> Result<(), Finding> {
        let held = &mut self.held[host];
        let Status { executed, updates, held: bytes, .. } = *status;
        if rewrites != held.rewrites {
            (held.rewrites, held.base) = (rewrites, executed);
        }
        let covered = executed.saturating_sub(held.base);
        if covered > self.numbers {
            let most = self.numbers;
            let detail = format!("the log covers {covered} numbers, {most} at most by the windows");
            return Err((Kind::Memory, detail));
        }
        let Some((third, _)) = self.steady.filter(|(_, end)| now <= *end) else { return Ok(()) };
        let first = held.first;
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
    use wire::Digest;

    fn memory(steady: Option<u64>) -> Memory {
        let mut config = Config::new(Digest::default(), 4, 1, 0);
        (config.windows.order, config.windows.checkpoint) = (8, 8);
        config.windows.client = 10;
        Memory::new(&config, 2, steady)
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
        assert_eq!(kind(memory.look(1, 0, 0, &status(160, 0))), None);
        assert_eq!(kind(memory.look(2, 0, 0, &status(161, 0))), Some(Kind::Memory));
        assert_eq!(kind(memory.look(3, 0, 1, &status(170, 0))), None);
        assert_eq!(kind(memory.look(4, 0, 1, &status(330, 0))), None);
        assert_eq!(kind(memory.look(5, 0, 1, &status(331, 0))), Some(Kind::Memory));
    }

    #[test]
    fn steady_growth_is_found_and_a_steady_size_is_not() {
        let mut memory = memory(Some(60));
        for now in [10, 20, 30, 40, 50, 60] {
            let found = kind(memory.look(now, 0, now, &status(10 * now, 10_000 * now)));
            assert_eq!(found, (now >= 50).then_some(Kind::Memory));
            assert_eq!(kind(memory.look(now, 1, now, &status(10 * now, 500_000 + now))), None);
            // Too short to fill the windows.
            assert_eq!(kind(memory.look(now, 2, now, &status(now, 10_000 * now))), None);
        }
        assert_eq!(kind(memory.look(61, 1, 61, &status(610, 5_000_000))), None);
    }
}
