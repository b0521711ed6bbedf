//! How a peer stands with us: what it did that no correct replica does, and whether its link is
//! refused for that.
//!
//! Checking a signature costs far more than making one up. Every correct replica checks what it passes
//! on, under the predicate that we use ourselves, and a link shows whose it is, so a message that does
//! not verify convicts whoever sent it over his own link. A few are forgiven, because a mistake in a
//! `cluster.toml` must not look like an attack at once; then the link is closed and refused for a while.
//! So a faulty peer makes us check at most [`FORGIVEN`] + 1 bad messages in [`REFUSAL`].

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Messages that do not verify, within [`PERIOD`], for which a link stays.
const FORGIVEN: usize = 3;

/// How long such a message is remembered.
const PERIOD: Duration = Duration::from_secs(10);

/// How long a link is refused.
const REFUSAL: Duration = Duration::from_secs(30);

/// Of one peer.
#[derive(Debug, Default)]
pub(crate) struct Standing(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// When the last ones came. At most [`FORGIVEN`].
    recent: Vec<Instant>,
    refused_until: Option<Instant>,
    forged: u64,
}

impl Standing {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a message that does not verify. Whether the link is to be closed for it.
    pub(crate) fn note_forgery(&self, now: Instant) -> bool {
        let mut state = self.lock();
        state.forged += 1;
        state.recent.retain(|at| now.saturating_duration_since(*at) < PERIOD);
        if state.recent.len() < FORGIVEN {
            state.recent.push(now);
            return false;
        }
        state.recent.clear();
        state.refused_until = Some(now + REFUSAL);
        true
    }

    /// Whether its link is refused.
    pub(crate) fn is_refused(&self, now: Instant) -> bool {
        self.lock().refused_until.is_some_and(|until| now < until)
    }

    /// Messages that did not verify, so far.
    pub(crate) fn forged(&self) -> u64 {
        self.lock().forged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_forgeries_are_forgiven_and_more_are_refused_for_a_while() {
        let standing = Standing::default();
        let start = Instant::now();
        let later = |seconds| start + Duration::from_secs(seconds);
        // One in four seconds is never too much.
        for seconds in (0..60).step_by(4) {
            assert!(!standing.note_forgery(later(seconds)));
        }
        assert!(!standing.is_refused(later(60)));
        let told: Vec<_> = (0..4).map(|_| standing.note_forgery(later(100))).collect();
        assert_eq!(told, [false, false, false, true]);
        assert!(standing.is_refused(later(100)) && standing.is_refused(later(129)));
        assert!(!standing.is_refused(later(130)));
        assert!(!standing.note_forgery(later(130)), "it begins anew");
        assert_eq!(standing.forged(), 20);
    }
}
