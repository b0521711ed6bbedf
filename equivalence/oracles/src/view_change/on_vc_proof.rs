//! What `view_change.on_vc_proof` must do.

use super::definitions::{judge, outside, proven, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, VcProof};
use wire::{Config, Effect, Reject, Verified};

/// The first proof of a view is kept (5.3, "Proof Generation Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<VcProof>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_vc_proof", config, before);
    let (signer, proof) = (message.signer(), message.body());
    let view = proof.constraint.view;
    if let Some(reason) = outside(before, view) {
        expected.since("rejects what `state.outside` says of its view");
        expected.reject(signer, reason);
    } else if before.rounds.get(&view).is_some_and(|round| round.proof.is_some()) {
        expected.since("rejects `Duplicate` if the round has a `proof` (any proof serves)");
        expected.reject(signer, Reject::Duplicate);
    } else if !proven(config, &proof.constraint, &proof.proof) {
        expected
            .since("rejects `Invalid` unless at least Q distinct servers signed its constraint");
        expected.reject(signer, Reject::Invalid);
    } else {
        expected.since("otherwise it becomes the round's `proof`");
        round_mut(&mut expected.state, view).proof = Some(proof.clone());
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, config, constraint, join, now_in, partials, proof, reject, resolution, sign,
        trips,
    };
    use wire::prime::{Constraint, Proof, VcProof};
    use wire::{Config, Point, Proofs, Reject, View};

    fn any(view: u64) -> Constraint {
        constraint(view, &resolution(4, &[true]))
    }

    #[test]
    fn the_first_proof_is_kept_also_of_the_next_view() {
        let (config, before) = (config(), changing(5));
        for view in [5, 6] {
            let message = sign(3, proof(&[1, 2, 4], &any(view)));
            let mut after = before.clone();
            let round = after.rounds.entry(View(view)).or_default();
            round.proof = Some(message.body().clone());
            assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "[rounds");
            let round = after.rounds.get_mut(&View(view)).unwrap();
            round.proof_sent = true;
            trips(check(&config, &before, &message, &after, &[]), "proof_sent");
        }
    }

    #[test]
    fn what_is_refused_changes_nothing_and_the_view_is_judged_first() {
        let (config, before) = (config(), changing(5));
        let mut held = before.clone();
        now_in(&mut held).proof = Some(proof(&[1, 2, 3], &any(5)));
        let foreign = partials(&[3], &constraint(5, &resolution(4, &[])));
        let mut mixed = proof(&[1, 2], &any(5));
        mixed.proof = Proof::Certificate(join(&partials(&[1, 2], &any(5)), &foreign));
        for (before, proof, reason) in [
            (&before, proof(&[], &any(4)), Reject::Stale),
            (&before, proof(&[], &any(7)), Reject::BeyondWindow),
            (&held, proof(&[], &any(5)), Reject::Duplicate),
            (&held, proof(&[1, 2, 4], &any(5)), Reject::Duplicate),
            (&before, proof(&[1, 2], &any(5)), Reject::Invalid),
            (&before, proof(&[1, 2, 2], &any(5)), Reject::Invalid),
            (&before, mixed, Reject::Invalid),
        ] {
            let message = sign(3, proof.clone());
            let refused = [reject(3, reason)];
            assert_eq!(check(&config, before, &message, before, &refused), Ok(()));
            trips(check(&config, before, &message, before, &[]), "effects");
            let other = [reject(3, Reject::Full)];
            trips(check(&config, before, &message, before, &other), "effect 0");
            let mut taken = before.clone();
            now_in(&mut taken).proof = Some(proof);
            trips(check(&config, before, &message, &taken, &refused), "proof");
        }
    }

    #[test]
    fn a_proof_is_what_the_cluster_says() {
        let before = changing(5);
        let certificate = proof(&[1, 2, 3], &any(5));
        let whole = VcProof { proof: Proof::Threshold(Point([1; 48])), ..certificate.clone() };
        for (proofs, right, wrong) in
            [(Proofs::Certificate, &certificate, &whole), (Proofs::Threshold, &whole, &certificate)]
        {
            let config = Config { proofs, ..config() };
            let (right, wrong) = (sign(3, right.clone()), sign(3, wrong.clone()));
            let mut after = before.clone();
            now_in(&mut after).proof = Some(right.body().clone());
            assert_eq!(check(&config, &before, &right, &after, &[]), Ok(()));
            let refused = [reject(3, Reject::Invalid)];
            assert_eq!(check(&config, &before, &wrong, &before, &refused), Ok(()));
            trips(check(&config, &before, &right, &before, &refused), "effect 0");
            trips(check(&config, &before, &wrong, &before, &[]), "effects");
        }
    }
}
