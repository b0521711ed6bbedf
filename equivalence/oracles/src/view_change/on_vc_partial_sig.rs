//! What `view_change.on_vc_partial_sig` must do.

use super::definitions::{judge, outside, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, VcPartialSig};
use wire::{Config, Effect, Proofs, Reject, Verified};

/// The first partial signature of each server for each list is kept, N of a server (5.3, "Proof
/// Generation Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<VcPartialSig>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_vc_partial_sig", config, before);
    let (signer, constraint) = (message.signer(), &message.body().constraint);
    let of_signer = before.rounds.get(&constraint.view);
    let of_signer = of_signer.and_then(|round| round.partials.get(&signer));
    let signed = of_signer.and_then(|held| held.get(&constraint.ids));
    let signed = signed.map(|partial| &partial.body().constraint);
    if let Some(reason) = outside(before, constraint.view) {
        expected.since("rejects what `state.outside` says of its view");
        expected.reject(signer, reason);
    } else if message.body().share.is_some() != (config.proofs == Proofs::Threshold) {
        expected.since(
            "rejects `Invalid` if it has a share and proofs are certificates, or none and not",
        );
        expected.reject(signer, Reject::Invalid);
    } else if signed == Some(constraint) {
        expected.since("rejects `Duplicate` if one of this signer for the same constraint is held");
        expected.reject(signer, Reject::Duplicate);
    } else if signed.is_some() {
        expected.since("rejects `Equivocation` if one for the same list with another content is");
        expected.reject(signer, Reject::Equivocation);
    } else if of_signer.is_some_and(|held| held.len() >= config.size()) {
        expected.since("rejects `Full` if N of this signer are held in the round");
        expected.reject(signer, Reject::Full);
    } else {
        expected.since("otherwise it enters the round's `partials`");
        let round = round_mut(&mut expected.state, constraint.view);
        let of_signer = round.partials.entry(signer).or_default();
        of_signer.insert(constraint.ids.clone(), message.clone());
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, config, constraint, ids, now_in, partial, reject, resolution, sign, trips,
    };
    use prime::view_change::State;
    use wire::prime::{Constraint, VcPartialSig};
    use wire::{Config, Point, Proofs, Reject, ReplicaId, Verified, View};

    fn of(list: &[u16], base: u64) -> Constraint {
        Constraint { ids: ids(list), ..constraint(5, &resolution(base, &[])) }
    }

    /// Server 3 signed those.
    fn with(signed: &[Constraint]) -> State {
        let mut state = changing(5);
        for constraint in signed {
            let of_three = now_in(&mut state).partials.entry(ReplicaId(3)).or_default();
            of_three.insert(constraint.ids.clone(), partial(3, constraint));
        }
        state
    }

    #[test]
    fn the_first_for_each_list_is_kept() {
        let config = config();
        let three = [of(&[1, 2, 3], 4), of(&[1, 2, 4], 5), of(&[1, 3, 4], 4)];
        for (held, of_view) in [(&[][..], 5), (&three[..1], 5), (&three[..], 5), (&three[..], 6)] {
            let (before, view) = (with(held), View(of_view));
            let message = partial(3, &Constraint { view, ..of(&[2, 3, 4], 4) });
            let mut after = before.clone();
            let round = after.rounds.entry(view).or_default();
            let of_three = round.partials.entry(ReplicaId(3)).or_default();
            of_three.insert(ids(&[2, 3, 4]), message.clone());
            assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "[rounds");
            let full = [reject(3, Reject::Full)];
            trips(check(&config, &before, &message, &before, &full), "effect 0");
        }
    }

    #[test]
    fn what_is_refused_changes_nothing() {
        let config = config();
        let lists = [&[1, 2, 3], &[1, 2, 4], &[1, 3, 4], &[2, 3, 4]];
        let before = with(&lists.map(|list| of(list, 4)));
        for (constraint, reason) in [
            (Constraint { view: View(4), ..of(&[1, 2, 3], 4) }, Reject::Stale),
            (Constraint { view: View(7), ..of(&[1, 2, 3], 4) }, Reject::BeyondWindow),
            (of(&[1, 2, 3], 4), Reject::Duplicate),
            (of(&[1, 2, 3], 5), Reject::Equivocation),
            (of(&[1, 2], 4), Reject::Full),
        ] {
            let message = partial(3, &constraint);
            let refused = [reject(3, reason)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "effects");
            let wrong = [reject(3, Reject::Invalid)];
            trips(check(&config, &before, &message, &before, &wrong), "effect 0");
            let mut taken = before.clone();
            let of_three = now_in(&mut taken).partials.entry(ReplicaId(3)).or_default();
            of_three.insert(constraint.ids.clone(), partial(3, &of(&[1, 2, 3], 6)));
            trips(check(&config, &before, &message, &taken, &refused), "partials");
        }
    }

    #[test]
    fn a_share_is_there_just_where_proofs_are_threshold_signatures() {
        let before = changing(5);
        let constraint = of(&[1, 2, 3], 4);
        for (proofs, right, wrong) in [
            (Proofs::Certificate, None, Some(Point([1; 48]))),
            (Proofs::Threshold, Some(Point([1; 48])), None),
        ] {
            let config = Config { proofs, ..config() };
            let with = |share| sign(3, VcPartialSig { constraint: constraint.clone(), share });
            let kept = |message: &Verified<VcPartialSig>| {
                let mut state = before.clone();
                let of_three = now_in(&mut state).partials.entry(ReplicaId(3)).or_default();
                of_three.insert(constraint.ids.clone(), message.clone());
                state
            };
            let (right, wrong) = (with(right), with(wrong));
            assert_eq!(check(&config, &before, &right, &kept(&right), &[]), Ok(()));
            let refused = [reject(3, Reject::Invalid)];
            assert_eq!(check(&config, &before, &wrong, &before, &refused), Ok(()));
            trips(check(&config, &before, &wrong, &kept(&wrong), &[]), "effects");
            trips(check(&config, &before, &right, &before, &refused), "effect 0");
        }
    }
}
