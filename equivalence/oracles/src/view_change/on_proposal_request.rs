//! What `view_change.on_proposal_request` must do.

use super::definitions::{judge, may_answer};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{PrePrepare, Prime, ProposalRequest};
use wire::{Config, Effect, Reject, Time, To, Verified};

/// Whoever lacks a Pre-Prepare that is held here is passed on what its leader signed.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    message: &Verified<ProposalRequest>,
    elsewhere: Option<&Verified<PrePrepare>>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_proposal_request", config, before);
    let (signer, &ProposalRequest { seq, bound }) = (message.signer(), message.body());
    let fits = |held: &&Verified<PrePrepare>| {
        held.body().view == bound.view && held.digest() == bound.digest
    };
    let held = before.proposals.get(&(seq, bound)).or_else(|| elsewhere.filter(fits));
    if let Some(proposal) = held.filter(|_| signer != before.me) {
        if may_answer(&mut expected.state, config, now, signer) {
            expected.since("the Pre-Prepare is emitted as `Relay` to the signer alone");
            expected.relay(To::One(signer), proposal.clone());
        } else {
            expected.since("rejects `Full` if it was answered `ANSWERS` times in its period");
            expected.reject(signer, Reject::Full);
        }
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::definitions::ANSWERS;
    use crate::view_change::kit::{
        bound, changing, config, entry, proposal, proposal_with, reject, relayed, sign, trips,
    };
    use wire::prime::ProposalRequest;
    use wire::{Reject, ReplicaId, Seq, Time, To, Verified};

    fn ask(by: u16) -> Verified<ProposalRequest> {
        sign(by, ProposalRequest { seq: Seq(7), bound: bound(&proposal(2, 7)) })
    }

    #[test]
    fn it_is_passed_on_wherever_it_is_held() {
        let (config, empty) = (config(), changing(5));
        let wanted = proposal(2, 7);
        let mut held = empty.clone();
        held.proposals.extend([entry(&wanted)]);
        for (before, elsewhere) in [(&held, None), (&empty, Some(&wanted))] {
            let mut after = before.clone();
            after.answered[2] = (Time(5), 1);
            let made = [relayed(To::One(ReplicaId(3)), wanted.clone())];
            let check = |after, effects: &[_]| {
                check(&config, before, Time(5), &ask(3), elsewhere, after, effects)
            };
            assert_eq!(check(&after, &made), Ok(()));
            trips(check(before, &made), "answered");
            trips(check(&after, &[]), "effects");
            let other = [relayed(To::One(ReplicaId(3)), proposal_with(2, 7, 3))];
            trips(check(&after, &other), "effect 0");
        }
    }

    #[test]
    fn another_proposal_of_the_number_is_no_answer() {
        let (config, before) = (config(), changing(5));
        let wrong = proposal_with(2, 7, 3);
        let made = [relayed(To::One(ReplicaId(3)), wrong.clone())];
        let own = proposal(2, 7);
        for (message, elsewhere) in [(ask(3), Some(&wrong)), (ask(3), None), (ask(1), Some(&own))] {
            let check = |effects: &[_]| {
                check(&config, &before, Time(5), &message, elsewhere, &before, effects)
            };
            assert_eq!(check(&[]), Ok(()));
            trips(check(&made), "effect 0");
        }
        let mut served = before;
        served.answered[2] = (Time(5), ANSWERS);
        let full = [reject(3, Reject::Full)];
        let check =
            |effects: &[_]| check(&config, &served, Time(6), &ask(3), Some(&own), &served, effects);
        assert_eq!(check(&full), Ok(()));
        trips(check(&[relayed(To::One(ReplicaId(3)), own.clone())]), "effect 0");
    }
}
