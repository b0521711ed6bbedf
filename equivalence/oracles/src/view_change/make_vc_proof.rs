//! What `view_change.make_vc_proof` must do.

use super::definitions::{judge, list, round, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::{Round, State};
use std::collections::BTreeMap;
use wire::prime::{Constraint, Prime, Proof, VcPartialSig, VcProof};
use wire::{Config, Effect, Signed, To};

/// Q equal partial signatures make a proof, and one is sent on, once (5.3, "Proof Generation Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.make_vc_proof", config, before);
    let (view, leader) = (before.preinstalled, config.leader_of(before.preinstalled));
    let Some(round) = round(before).filter(|round| !round.proof_sent) else {
        return judge(&expected, after, effects);
    };
    if let Some(received) = round.proof.clone() {
        expected.since("one received goes to the leader alone, unless this is the leader");
        round_mut(&mut expected.state, view).proof_sent = true;
        if before.me != leader {
            expected.send(To::One(leader), received);
        }
    } else if let Some(built) = built(config, round) {
        expected.since("`proof` becomes the lowest that Q servers signed, and goes to all");
        let round = round_mut(&mut expected.state, view);
        (round.proof, round.proof_sent) = (Some(built.clone()), true);
        expected.send(To::All, built);
    }
    judge(&expected, after, effects)
}

/// The lowest constraint that at least Q servers signed, with their signatures by signer.
fn built(config: &Config, round: &Round) -> Option<VcProof> {
    let mut signed: BTreeMap<&Constraint, Vec<Signed<VcPartialSig>>> = BTreeMap::new();
    for partial in round.partials.values().flat_map(BTreeMap::values) {
        signed.entry(&partial.body().constraint).or_default().push(partial.signed().clone());
    }
    let (constraint, partials) =
        signed.into_iter().find(|(_, partials)| partials.len() >= config.quorum())?;
    Some(VcProof { constraint: constraint.clone(), proof: Proof::Certificate(list(partials)) })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, config, constraint, ids, now_in, partial, proof, resolution, sent, trips,
    };
    use prime::view_change::State;
    use wire::prime::{Constraint, VcProof};
    use wire::{ReplicaId, To, View};

    fn of(list: &[u16], base: u64) -> Constraint {
        Constraint { ids: ids(list), ..constraint(5, &resolution(base, &[])) }
    }

    /// That was signed by those.
    fn with(signed: &[(&Constraint, &[u16])]) -> State {
        let mut state = changing(5);
        for (constraint, by) in signed {
            for &i in *by {
                let of_i = now_in(&mut state).partials.entry(ReplicaId(i)).or_default();
                of_i.insert(constraint.ids.clone(), partial(i, constraint));
            }
        }
        state
    }

    fn proves(before: &State, proof: &VcProof) -> State {
        let mut after = before.clone();
        (now_in(&mut after).proof, now_in(&mut after).proof_sent) = (Some(proof.clone()), true);
        after
    }

    #[test]
    fn the_lowest_that_q_signed_is_proven_to_all() {
        let (config, low, high) = (config(), of(&[1, 2, 3], 4), of(&[1, 2, 4], 4));
        let short = of(&[1, 2, 3], 3);
        let before = with(&[(&high, &[1, 2, 3]), (&low, &[1, 3, 4]), (&short, &[2])]);
        let built = proof(&[1, 3, 4], &low);
        let after = proves(&before, &built);
        let made = [sent(To::All, built.clone())];
        assert_eq!(check(&config, &before, &after, &made), Ok(()));
        trips(check(&config, &before, &before, &made), "proof");
        trips(check(&config, &before, &after, &[]), "effects");
        for (wrong, by) in [(&high, &[1, 2, 3][..]), (&low, &[1, 3]), (&low, &[4, 3, 1])] {
            let wrong = proof(by, wrong);
            let made = [sent(To::All, wrong.clone())];
            trips(check(&config, &before, &proves(&before, &wrong), &made), "effect 0");
        }
        let to_leader = [sent(To::One(ReplicaId(2)), built)];
        trips(check(&config, &before, &after, &to_leader), "effect 0");
        // Sent once.
        assert_eq!(check(&config, &after, &after, &[]), Ok(()));
        trips(check(&config, &after, &after, &made), "effect 0");
    }

    #[test]
    fn all_who_signed_are_named_and_one_short_proves_nothing() {
        let (config, any) = (config(), of(&[1, 2, 3], 4));
        let (before, built) = (with(&[(&any, &[1, 2, 3, 4])]), proof(&[1, 2, 3, 4], &any));
        let made = [sent(To::All, built.clone())];
        assert_eq!(check(&config, &before, &proves(&before, &built), &made), Ok(()));
        let before = with(&[(&any, &[1, 4]), (&of(&[1, 2, 3], 5), &[2, 3])]);
        assert_eq!(check(&config, &before, &before, &[]), Ok(()));
        let short = proof(&[1, 4], &any);
        let made = [sent(To::All, short.clone())];
        trips(check(&config, &before, &proves(&before, &short), &made), "effect 0");
    }

    #[test]
    fn one_received_goes_to_the_leader_alone() {
        let config = config();
        for (view, leads) in [(5, false), (4, true)] {
            let mut before = changing(view);
            let received = proof(&[1, 2, 4], &Constraint { view: View(view), ..of(&[1, 2, 3], 4) });
            now_in(&mut before).proof = Some(received.clone());
            let after = proves(&before, &received);
            let leader = config.leader_of(View(view));
            let made = [sent(To::One(leader), received.clone())];
            let (right, wrong) = if leads { (&[][..], &made[..]) } else { (&made[..], &[][..]) };
            assert_eq!(check(&config, &before, &after, right), Ok(()));
            trips(check(&config, &before, &after, wrong), "effect");
            trips(check(&config, &before, &after, &[sent(To::All, received)]), "effect 0");
            trips(check(&config, &before, &before, right), "proof_sent");
        }
    }
}
