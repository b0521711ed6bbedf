//! What `order.on_pre_prepare_conflict` must do.

use super::definitions::refused;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::order::State;
use wire::auth::Context;
use wire::prime::{PrePrepare, PrePrepareConflict, Prime};
use wire::{Config, Effect, Reject, To, Verified};

/// A proof against the leader of the installed view is kept, and passed on once.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<PrePrepareConflict>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.on_pre_prepare_conflict", config, before);
    let (first, second) = message.pair(&Context::from(config));
    let of = |it: &Verified<PrePrepare>| (it.signer(), it.body().view, it.body().seq);
    let view = first.body().view;
    let proves = of(&first) == of(&second)
        && first.digest() != second.digest()
        && first.signer() == config.leader_of(view);
    let grounds = [
        (!proves, Reject::Invalid, "`Invalid` unless a leader signed both for one number"),
        (view != before.view, Reject::WrongView, "`WrongView` if the view is not installed"),
        (before.leader_proof.is_some(), Reject::Duplicate, "`Duplicate` if one is held"),
    ];
    if !refused(&mut expected, message.signer(), grounds) {
        expected.since("it becomes `leader_proof`, and is passed on unless one was before");
        expected.state.leader_proof = Some(message.clone());
        expected.state.leader_accused = true;
        if !before.leader_accused {
            expected.relay(To::Others, message.clone());
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        config, effects, grown, other, proposal, proposal_of, reject, sign, state, trips,
    };
    use wire::prime::{PrePrepare, PrePrepareConflict};
    use wire::{Effect, Reject, To, Verified};

    fn proof(
        first: &Verified<PrePrepare>,
        second: &Verified<PrePrepare>,
    ) -> Verified<PrePrepareConflict> {
        let (first, second) = (first.signed().clone(), second.signed().clone());
        sign(4, PrePrepareConflict { first, second })
    }

    #[test]
    fn a_proof_is_kept_and_passed_on_once() {
        let (config, before, message) = (config(), state(), proof(&proposal(1), &other(1)));
        let mut after = before.clone();
        (after.leader_proof, after.leader_accused) = (Some(message.clone()), true);
        let relay = |to| effects(|e| e.push(Effect::Relay { to, message: message.clone().into() }));
        let others = relay(To::Others);
        assert_eq!(check(&config, &before, &message, &after, &others), Ok(()));
        trips(check(&config, &before, &message, &after, &relay(To::All)), "effect 0");
        trips(check(&config, &before, &message, &after, &[]), "effects");
        trips(check(&config, &before, &message, &before, &others), "leader_");
        let mut accused = before;
        accused.leader_accused = true;
        assert_eq!(check(&config, &accused, &message, &after, &[]), Ok(()));
        trips(check(&config, &accused, &message, &after, &others), "effect 0");
        let duplicate = [reject(4, Reject::Duplicate)];
        assert_eq!(check(&config, &after, &message, &after, &duplicate), Ok(()));
    }

    #[test]
    fn what_proves_nothing_is_dropped() {
        let (config, mut before) = (config(), state());
        before.leader_proof = Some(proof(&proposal(1), &other(1)));
        let by_none = |seq| sign(3, other(seq).body().clone());
        for (first, second, reason) in [
            (proposal(1), proposal(1), Reject::Invalid),
            (proposal(1), proposal(2), Reject::Invalid),
            (proposal(1), by_none(1), Reject::Invalid),
            (by_none(1), sign(3, proposal(1).body().clone()), Reject::Invalid),
            (proposal(1), sign(2, proposal_of(2, 1, grown(2)).body().clone()), Reject::Invalid),
            (proposal_of(2, 1, grown(1)), proposal_of(2, 1, grown(2)), Reject::WrongView),
            (proposal(1), other(1), Reject::Duplicate),
        ] {
            let (message, refused) = (proof(&first, &second), [reject(4, reason)]);
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            let wrong = [reject(4, Reject::Malformed)];
            trips(check(&config, &before, &message, &before, &wrong), "effect 0");
            trips(check(&config, &before, &message, &before, &[]), "effects");
        }
    }
}
