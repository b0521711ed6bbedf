//! What `checkpoint.on_checkpoint_proof` must do.

use super::definitions::{begun, fetched, judge, named};
use crate::Finding;
use crate::expected::Expected;
use prime::checkpoint::State;
use std::collections::BTreeSet;
use wire::prime::{CheckpointProof, Prime, StateId};
use wire::{Config, Effect, Reject, Seq, Time, Verified};

/// Periods of `timing.retransmit` without progress after which another state may be fetched.
const STUCK: u64 = 4;

/// A state of which a correct server's word is shown is fetched, if it is ahead.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    executed: Seq,
    message: &Verified<CheckpointProof>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("checkpoint.on_checkpoint_proof", config, before);
    let (proof, signer) = (message.body(), message.signer());
    let Some(state) = vouched(config, proof) else {
        expected.since("rejects `Invalid` unless f+1 vouch for one state, and N rows are there");
        expected.reject(signer, Reject::Invalid);
        return judge(&expected, after, effects);
    };
    let current = fetched(before);
    if proves_mark(config, before, proof, &state) {
        expected.since("they become the mark's proof, and its number becomes `stable`");
        let mark = expected.state.marks.get_mut(&state.seq).expect("there is such a mark");
        let checkpoints = proof.checkpoints.clone();
        mark.proof = Some(CheckpointProof { checkpoints, preceding: mark.preceding.clone() });
        expected.state.stable = state.seq;
        return judge(&expected, after, effects);
    }
    if state.seq <= executed || current.is_some_and(|(goal, _)| state.seq < goal.seq) {
        expected.since("rejects `Stale` if the state is at or below what is reached");
        expected.reject(signer, Reject::Stale);
        return judge(&expected, after, effects);
    }
    if current.is_some_and(|(goal, _)| goal == state) {
        expected.since("the matrix is kept under the signer, and nothing else happens");
        if let Some(transfer) = &mut expected.state.transfer {
            transfer.matrices.insert(signer, proof.preceding.clone());
        }
        return judge(&expected, after, effects);
    }
    let lasts = STUCK.saturating_mul(config.timing.retransmit);
    if current.is_some_and(|(_, transfer)| now.since(transfer.progress_at) < lasts) {
        expected.since("rejects `Full` if something right came within `4 * timing.retransmit`");
        expected.reject(signer, Reject::Full);
        return judge(&expected, after, effects);
    }
    expected.since("this state takes the place of what was being fetched");
    let matrices = [(signer, proof.preceding.clone())].into();
    expected.state.transfer = Some(begun(proof.clone(), matrices, now));
    judge(&expected, after, effects)
}

/// The state that f+1 servers vouch for, in a proof of the right shape.
fn vouched(config: &Config, proof: &CheckpointProof) -> Option<StateId> {
    let state = named(proof)?;
    let sound = proof.checkpoints.iter().all(|vote| vote.body.state == state)
        && voters(proof) >= config.one_correct()
        && proof.preceding.rows.len() == config.size();
    sound.then_some(state)
}

fn voters(proof: &CheckpointProof) -> usize {
    proof.checkpoints.iter().map(|vote| vote.signer).collect::<BTreeSet<_>>().len()
}

/// Whether Q servers say that this server's own state was right.
fn proves_mark(config: &Config, before: &State, proof: &CheckpointProof, state: &StateId) -> bool {
    state.seq > before.stable
        && before.marks.get(&state.seq).is_some_and(|mark| mark.state == *state)
        && voters(proof) >= config.quorum()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{
        all_trip, at, config, here, mark, preceding, proof, proved, reject, sign, state, transfer,
        trips, variant, vote, vote_for, with_marks,
    };
    use prime::checkpoint::{State, Transfer};
    use wire::prime::{CheckpointProof, Matrix, Prime};
    use wire::{Effect, List, Reject, ReplicaId, Seq, Signed, Time, Verified};

    fn outcome(
        (before, now): (&State, u64),
        message: &Verified<CheckpointProof>,
        after: &State,
        made: &[Effect<Prime>],
    ) -> Result<(), Finding> {
        check(&config(), before, Time(now), Seq(29), message, after, made)
    }

    fn with(transfer: Transfer) -> State {
        State { transfer: Some(transfer), ..state() }
    }

    /// Shown by server 4.
    fn shown(number: u64, by: &[u16]) -> Verified<CheckpointProof> {
        sign(4, proof(number, by, preceding(8)))
    }

    fn is_refused(before: &State, now: u64, message: &Verified<CheckpointProof>, reason: Reject) {
        let refused = [reject(4, reason)];
        assert_eq!(outcome((before, now), message, before, &refused), Ok(()));
        trips(outcome((before, now), message, before, &[]), "effects");
        trips(outcome((before, now), message, before, &[reject(3, reason)]), "effect 0");
        let fetching = State { transfer: Some(transfer(9)), ..before.clone() };
        trips(outcome((before, now), message, &fetching, &refused), "transfer");
    }

    #[test]
    fn a_state_ahead_is_fetched() {
        let message = shown(3, &[2, 4]);
        let begun = Transfer {
            proof: message.body().clone(),
            matrices: [(ReplicaId(4), preceding(8))].into(),
            ..Transfer::new(message.body().clone(), Time(500))
        };
        let after = with(begun);
        let run = |after: &State| outcome((&state(), 500), &message, after, &[]);
        all_trip(
            &after,
            run,
            &[
                ("transfer", |s| s.transfer = None),
                ("matrices", |s| s.transfer.as_mut().unwrap().matrices.clear()),
                ("progress_at", |s| s.transfer.as_mut().unwrap().progress_at = Time(0)),
                ("stable", |s| s.stable = Seq(30)),
            ],
        );
        trips(
            outcome((&state(), 500), &message, &state(), &[reject(4, Reject::Stale)]),
            "effect 0",
        );
        // What got stuck gives way, what gets on does not.
        let lasts = 100 + 4 * config().timing.retransmit;
        let mut before = with(transfer(3));
        before.transfer.as_mut().unwrap().chunks = here(3, &[0]);
        let message = shown(4, &[2, 4]);
        let mut after = with(Transfer::new(message.body().clone(), Time(lasts + 1)));
        after.transfer.as_mut().unwrap().matrices.insert(ReplicaId(4), preceding(8));
        assert_eq!(outcome((&before, lasts + 1), &message, &after, &[]), Ok(()));
        trips(
            outcome((&before, lasts + 1), &message, &before, &[reject(4, Reject::Full)]),
            "effect 0",
        );
        is_refused(&before, lasts - 1, &message, Reject::Full);
        trips(outcome((&before, lasts), &message, &before, &[reject(4, Reject::Full)]), "effect 0");
        after.transfer.as_mut().unwrap().progress_at = Time(lasts);
        assert_eq!(outcome((&before, lasts), &message, &after, &[]), Ok(()));
        trips(outcome((&before, lasts), &message, &before, &[]), "transfer");
    }

    #[test]
    fn of_the_state_under_way_the_matrix_is_kept() {
        let before = with(transfer(3));
        let mut after = before.clone();
        after.transfer.as_mut().unwrap().matrices.insert(ReplicaId(4), preceding(8));
        let message = shown(3, &[2, 3, 4]);
        let run = |after: &State| outcome((&before, 101), &message, after, &[]);
        all_trip(
            &after,
            run,
            &[
                ("matrices", |s| drop(s.transfer.as_mut().unwrap().matrices.remove(&ReplicaId(3)))),
                ("matrices", |s| drop(s.transfer.as_mut().unwrap().matrices.remove(&ReplicaId(4)))),
                ("progress_at", |s| s.transfer.as_mut().unwrap().progress_at = Time(101)),
                ("proof", |s| {
                    s.transfer.as_mut().unwrap().proof = proof(3, &[2, 3, 4], preceding(8))
                }),
            ],
        );
    }

    #[test]
    fn too_few_mixed_misshapen_and_old_proofs_are_rejected() {
        let with_votes = |votes: Vec<Signed<wire::prime::Checkpoint>>, preceding: Matrix| {
            sign(4, CheckpointProof { checkpoints: List::new(votes).unwrap(), preceding })
        };
        let one = vote(2, 3).signed().clone();
        let other = vote_for(3, variant(3, 1).0).signed().clone();
        let two = || vec![one.clone(), vote(3, 3).signed().clone()];
        let short = Matrix { rows: List::new(vec![None; 3]).unwrap() };
        for bad in [
            shown(3, &[]),
            shown(3, &[2]),
            shown(3, &[2, 2]),
            with_votes(vec![one.clone(), other], preceding(8)),
            with_votes(two(), short),
        ] {
            is_refused(&state(), 5, &bad, Reject::Invalid);
        }
        assert_ne!(two()[0], two()[1]);
        is_refused(&state(), 5, &shown(2, &[2, 3, 4]), Reject::Stale);
        is_refused(&with(transfer(4)), 5, &shown(3, &[2, 3, 4]), Reject::Stale);
    }

    #[test]
    fn a_quorum_makes_the_own_mark_stable() {
        let before = with_marks(&[1, 2]);
        let mut after = before.clone();
        proved(&mut after, &[2]);
        let message = shown(2, &[2, 3, 4]);
        let run = |after: &State| outcome((&before, 5), &message, after, &[]);
        all_trip(
            &after,
            run,
            &[
                ("proof", |s| at(s, 2).proof = None),
                // The sender's own matrix proves nothing here.
                ("preceding", |s| at(s, 2).proof = Some(proof(2, &[2, 3, 4], preceding(8)))),
                ("stable", |s| s.stable = Seq(0)),
                ("offered", |s| s.offered = Seq(20)),
            ],
        );
        // Also while another is fetched, and wherever execution is.
        let goal = State { transfer: Some(transfer(4)), ..before.clone() };
        let reached = State { transfer: Some(transfer(4)), ..after.clone() };
        assert_eq!(outcome((&goal, 5), &message, &reached, &[]), Ok(()));
        let ahead = check(&config(), &before, Time(5), Seq(19), &message, &after, &[]);
        assert_eq!(ahead, Ok(()));
        // Not with one less, not another state, not what is stable.
        is_refused(&before, 5, &shown(2, &[2, 3]), Reject::Stale);
        let mut other = before.clone();
        at(&mut other, 2).state = variant(2, 1).0;
        is_refused(&other, 5, &message, Reject::Stale);
        is_refused(&after, 5, &message, Reject::Stale);
        assert_eq!(mark(2).state.seq, Seq(20));
    }
}
