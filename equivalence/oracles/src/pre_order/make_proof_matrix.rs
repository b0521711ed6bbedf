//! What `pre_order.make_proof_matrix` must do.

use super::expected::Expected;
use super::{has_news, last_matrix};
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{Matrix, Prime, ProofMatrix};
use wire::{Config, Effect, ReplicaId, Time, To};

/// What the leader leaves uncovered is sent to it (4.2, "Enforcing up-to-date Pre-Prepare messages").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    leader: ReplicaId,
    proposed: &Matrix,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("make_proof_matrix", config, before);

    let next = Some(now.after(config.timing.proof_matrix));
    if before.me == leader || !has_news::expected(before, config, proposed) {
        expected.since("without news, or on the leader itself, proof_matrix_at becomes None");
        expected.proof_matrix_at = None;
    } else {
        match before.proof_matrix_at {
            None => {
                expected.since("if proof_matrix_at is None, it becomes now + timing.proof_matrix");
                expected.proof_matrix_at = next;
            }
            Some(at) if at > now => expected.since("if it lies after now, nothing happens"),
            Some(_) => {
                expected.since("a Proof-Matrix with last_matrix goes to the leader alone");
                let matrix = last_matrix::expected(before);
                expected.send(To::One(leader), ProofMatrix { matrix });
                expected.proof_matrix_at = next;
            }
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{ME, aru, config, matrix, state, trips};
    use prime::pre_order::State;
    use wire::prime::{Matrix, Prime, ProofMatrix};
    use wire::{Effect, ReplicaId, Time, To};

    const LEADER: ReplicaId = ReplicaId(2);

    fn news() -> (State, Matrix) {
        let mut state = state();
        for i in 1..=3 {
            state.rows[usize::from(i) - 1] = Some(aru(i, &[1, 0, 0, 0]));
        }
        (state, matrix(&[&[], &[], &[], &[]]))
    }

    fn sent(to: To) -> [Effect<Prime>; 1] {
        let row: &[u64] = &[1, 0, 0, 0];
        let body = ProofMatrix { matrix: matrix(&[row, row, row, &[]]) }.into();
        [Effect::Send { to, body }]
    }

    #[test]
    fn news_start_the_delay_and_go_to_the_leader_when_it_is_over() {
        let (config, (mut before, proposed)) = (config(), news());
        let mut after = before.clone();
        after.proof_matrix_at = Some(Time(20_005));
        let now = Time(5);
        assert_eq!(check(&config, &before, now, LEADER, &proposed, &after, &[]), Ok(()));
        let early = check(&config, &before, now, LEADER, &proposed, &after, &sent(To::All));
        trips(early, "effect 0");

        before.proof_matrix_at = Some(Time(6));
        assert_eq!(check(&config, &before, now, LEADER, &proposed, &before, &[]), Ok(()));
        before.proof_matrix_at = Some(Time(5));
        let effects = sent(To::One(LEADER));
        assert_eq!(check(&config, &before, now, LEADER, &proposed, &after, &effects), Ok(()));
        let all = check(&config, &before, now, LEADER, &proposed, &after, &sent(To::All));
        trips(all, "effect 0");
        let unset = check(&config, &before, now, LEADER, &proposed, &before, &effects);
        trips(unset, "proof_matrix_at");
    }

    #[test]
    fn without_news_and_on_the_leader_the_delay_ends() {
        let (config, (mut before, nothing)) = (config(), news());
        before.proof_matrix_at = Some(Time(5));
        let mut after = before.clone();
        after.proof_matrix_at = None;
        let row: &[u64] = &[1, 0, 0, 0];
        let covering = matrix(&[row, row, row, &[]]);
        let now = Time(5);
        assert_eq!(check(&config, &before, now, LEADER, &covering, &after, &[]), Ok(()));
        assert_eq!(check(&config, &before, now, ME, &nothing, &after, &[]), Ok(()));
        let still = check(&config, &before, now, ME, &nothing, &before, &[]);
        trips(still, "proof_matrix_at");
    }
}
