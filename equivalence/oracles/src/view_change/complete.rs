//! What `view_change.complete` must return.

use super::definitions::collected;
use crate::{Finding, answer};
use prime::view_change::State;
use wire::{ReplicaId, Seq};

/// Whether a server's complete state has been collected (5.3, "State Dissemination Phase").
///
/// # Errors
/// The answer is not what the contract calls for.
pub fn check(
    state: &State,
    originator: ReplicaId,
    executed: Seq,
    got: &bool,
) -> Result<(), Finding> {
    answer("view_change.complete", &collected(state, originator, executed), got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{changing, deliver, hold, now_in, resolution, statement, trips};
    use prime::view_change::{Delivered, State};
    use wire::{ReplicaId, Seq, View};

    #[track_caller]
    fn complete(state: &State, executed: u64, is: bool) {
        let (three, executed) = (ReplicaId(3), Seq(executed));
        assert_eq!(check(state, three, executed, &is), Ok(()));
        trips(check(state, three, executed, &!is), "view_change.complete");
    }

    #[test]
    fn valid_as_far_as_executed_here_and_its_resolution_held() {
        let (empty, chose) = (changing(5), resolution(4, &[false, true]));
        complete(&empty, 9, false);
        let mut unjudged = empty.clone();
        now_in(&mut unjudged).delivered.insert(ReplicaId(3), Delivered::default());
        complete(&unjudged, 9, false);
        let mut other = empty.clone();
        deliver(&mut other, &[2], &statement(0, None));
        complete(&other, 9, false);

        let mut plain = empty.clone();
        deliver(&mut plain, &[3], &statement(4, None));
        complete(&plain, 3, false);
        complete(&plain, 4, true);
        let mut over = plain.clone();
        over.installed = View(5);
        complete(&over, 4, false);

        let mut chosen = empty;
        deliver(&mut chosen, &[3], &statement(4, Some((3, &chose))));
        complete(&chosen, 9, false);
        chosen.resolutions.insert(chose.digest(), chose.clone());
        complete(&chosen, 5, false);
        complete(&chosen, 6, true);
        hold(&mut chosen, &chose);
        complete(&chosen, 4, true);
        complete(&chosen, 3, false);
    }
}
