//! What `view_change.on_vc_list` must do.

use super::definitions::{judge, outside, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, VcList};
use wire::{Config, Effect, Reject, Verified};

/// The first list of each server is kept (5.3, "Proof Generation Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<VcList>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_vc_list", config, before);
    let (signer, VcList { view, ids }) = (message.signer(), message.body());
    let ascends = ids.iter().zip(ids.iter().skip(1)).all(|(one, next)| one < next);
    let replicas = ids.iter().all(|&id| config.is_replica(id));
    let held = before.rounds.get(view).and_then(|round| round.lists.get(&signer));
    if let Some(reason) = outside(before, *view) {
        expected.since("rejects what `state.outside` says of its view");
        expected.reject(signer, reason);
    } else if !(ids.len() == config.quorum() && ascends && replicas) {
        expected.since("rejects `Invalid` unless it names exactly Q replicas, strictly ascending");
        expected.reject(signer, Reject::Invalid);
    } else if held == Some(ids) {
        expected.since("rejects `Duplicate` if the same list of this signer is held");
        expected.reject(signer, Reject::Duplicate);
    } else if held.is_some() {
        expected.since("rejects `Equivocation` if another one is held (the first stays)");
        expected.reject(signer, Reject::Equivocation);
    } else {
        expected.since("otherwise it enters the round's `lists`");
        round_mut(&mut expected.state, *view).lists.insert(signer, ids.clone());
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{changing, config, ids, now_in, reject, sign, trips};
    use wire::prime::VcList;
    use wire::{Reject, ReplicaId, View};

    #[test]
    fn the_first_list_of_a_server_enters_also_of_the_next_view() {
        let (config, before) = (config(), changing(5));
        for view in [5, 6] {
            let message = sign(3, VcList { view: View(view), ids: ids(&[1, 2, 4]) });
            let mut after = before.clone();
            let round = after.rounds.entry(View(view)).or_default();
            round.lists.insert(ReplicaId(3), ids(&[1, 2, 4]));
            assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "[rounds");
            trips(
                check(&config, &before, &message, &after, &[reject(3, Reject::Full)]),
                "effect 0",
            );
            let by_four = after.rounds.get_mut(&View(view)).unwrap();
            by_four.lists = [(ReplicaId(4), ids(&[1, 2, 4]))].into();
            trips(check(&config, &before, &message, &after, &[]), "lists");
        }
    }

    #[test]
    fn what_is_refused_changes_nothing_and_the_view_is_judged_first() {
        let (config, mut before) = (config(), changing(5));
        now_in(&mut before).lists.insert(ReplicaId(3), ids(&[1, 2, 4]));
        for (view, named, reason) in [
            (4, &[1, 2][..], Reject::Stale),
            (7, &[1, 2, 4], Reject::BeyondWindow),
            (5, &[1, 2], Reject::Invalid),
            (5, &[1, 2, 3, 4], Reject::Invalid),
            (5, &[1, 4, 2], Reject::Invalid),
            (5, &[1, 1, 2], Reject::Invalid),
            (5, &[1, 2, 5], Reject::Invalid),
            (5, &[0, 1, 2], Reject::Invalid),
            (5, &[1, 2, 4], Reject::Duplicate),
            (5, &[1, 2, 3], Reject::Equivocation),
        ] {
            let message = sign(3, VcList { view: View(view), ids: ids(named) });
            let refused = [reject(3, reason)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "effects");
            let wrong = [reject(3, Reject::Premature)];
            trips(check(&config, &before, &message, &before, &wrong), "effect 0");
            let mut replaced = before.clone();
            now_in(&mut replaced).lists.insert(ReplicaId(3), ids(&[2, 3, 4]));
            trips(check(&config, &before, &message, &replaced, &refused), "lists.r3");
        }
    }
}
