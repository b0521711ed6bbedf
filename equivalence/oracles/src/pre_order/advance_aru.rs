//! What `pre_order.advance_aru` must do.

use super::expected::Expected;
use crate::Finding;
use prime::pre_order::State;
use wire::{Config, ReplicaId};

/// The gap-free certified prefix `PO_Aru[o]` (4.1, "Preordering Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    originator: ReplicaId,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("advance_aru", config, before);

    expected.since("walks from aru + 1 upwards, stops at the first number without a certificate");
    expected.advance(originator);
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{config, request, slot, slot_mut, state, trips};
    use wire::{PoSeq, ReplicaId};

    #[test]
    fn the_prefix_grows_up_to_the_first_gap() {
        let (config, mut before) = (config(), state());
        let requests = [1, 2, 4].map(|s| request(2, s, s));
        for request in &requests {
            *slot_mut(&mut before, 2, request.body().seq.0) = slot(request, &[1, 3]);
        }
        let mut after = before.clone();
        slot_mut(&mut after, 2, 1).certified = Some(requests[0].digest());
        slot_mut(&mut after, 2, 2).certified = Some(requests[1].digest());
        after.columns[1].aru = PoSeq(2);
        assert_eq!(check(&config, &before, ReplicaId(2), &after), Ok(()));

        trips(check(&config, &before, ReplicaId(2), &before), "aru");
        let mut eager = after.clone();
        slot_mut(&mut eager, 2, 4).certified = Some(requests[2].digest());
        trips(check(&config, &before, ReplicaId(2), &eager), "certified");
        let mut leap = after;
        leap.columns[1].aru = PoSeq(4);
        trips(check(&config, &before, ReplicaId(2), &leap), "aru");
    }

    #[test]
    fn a_certificate_with_one_vote_too_few_is_found() {
        let (config, mut before) = (config(), state());
        let a = request(2, 1, 1);
        *slot_mut(&mut before, 2, 1) = slot(&a, &[2, 3]);
        let mut after = before.clone();
        slot_mut(&mut after, 2, 1).certified = Some(a.digest());
        after.columns[1].aru = PoSeq(1);
        trips(check(&config, &before, ReplicaId(2), &after), "aru");
        assert_eq!(check(&config, &before, ReplicaId(2), &before), Ok(()));
    }
}
