//! What `recon.forget` must do.

use super::definitions::{drop_parts, judge};
use crate::Finding;
use crate::expected::Expected;
use prime::recon::State;
use wire::{Config, PoSeq, ReplicaId};

/// What a stable checkpoint covers is gone everywhere but in `answered`.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    covered: &[PoSeq],
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recon.forget", config, before);
    expected.since("drops (o, s) with s <= covered[o] in archive, sent, parts and want");
    let gone = |(o, s): (ReplicaId, PoSeq)| covered.get(o.index()).is_some_and(|&c| s <= c);
    let state = &mut expected.state;
    state.archive.retain(|&identifier, _| !gone(identifier));
    state.sent.retain(|&identifier, _| !gone(identifier));
    state.want.retain(|&identifier, _| !gone(identifier));
    drop_parts(state, gone);
    judge(&expected, after, &[])
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::vector;
    use crate::recon::kit::{config, content, hold, id, request, signed_part, state, trips};
    use prime::recon::State;
    use wire::{PoSeq, Time};

    /// Knows of these everywhere.
    fn knows(identifiers: &[(u16, u64)]) -> State {
        let mut state = state();
        for &(o, s) in identifiers {
            let request = request(o, s, 1);
            state.archive.insert(id(o, s), content(&request));
            state.sent.entry(id(o, s)).or_default().insert(wire::ReplicaId(3));
            state.want.insert(id(o, s), Time(1));
            hold(&mut state, &signed_part(4, &request));
        }
        for (o, s) in [(2, 1), (2, 3)] {
            state.answered[2].insert(id(o, s), (Time(1), 9));
        }
        state
    }

    #[test]
    fn what_is_covered_goes_and_the_rest_stays() {
        let before = knows(&[(2, 1), (2, 2), (2, 3), (3, 1)]);
        let after = knows(&[(2, 3), (3, 1)]);
        let covered = vector(&[9, 2, 0, 0]);
        let run = |after: &State| check(&config(), &before, &covered, after);
        assert_eq!(run(&after), Ok(()));
        let off_by_one = knows(&[(2, 2), (2, 3), (3, 1)]);
        trips(run(&off_by_one), "sent");
        trips(run(&knows(&[(2, 3)])), "sent");
        let trip = |change: fn(&mut State), place| {
            let mut wrong = after.clone();
            change(&mut wrong);
            trips(run(&wrong), place);
        };
        trip(|s| drop(s.archive.insert(id(2, 2), content(&request(2, 2, 1)))), "archive");
        trip(|s| hold(s, &signed_part(4, &request(2, 2, 1))), "parts");
        trip(
            |s| {
                s.want.remove(&(wire::ReplicaId(3), PoSeq(1)));
            },
            "want",
        );
        trip(|s| s.answered[2].clear(), "answered");
    }

    #[test]
    fn an_archived_body_that_changes_is_found() {
        let before = knows(&[(2, 1)]);
        let mut after = before.clone();
        let archived = after.archive.entry(id(2, 1)).or_insert_with(|| content(&request(2, 1, 1)));
        archived.body = content(&request(2, 1, 7)).body;
        trips(check(&config(), &before, &vector(&[0; 4]), &after), "archive");
    }
}
