//! What `suspect.recover` must do.

use super::definitions::view_of;
use crate::Finding;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::{Body, Prime};
use wire::{Config, Record};

/// Of what was promised, the proof of the highest view is held again.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    record: &Record<Prime>,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.recover", config, before);
    if let Record::Promise(Body::NewLeaderProof(proof)) = record {
        let held = before.proof.as_ref().map(view_of).unwrap_or_default();
        if view_of(proof) > held {
            expected.since("a promised proof of a higher view than the one held takes its place");
            expected.state.proof = Some(proof.clone());
        }
    }
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{config, each_trips, proof, sign, state, trips, vote};
    use prime::suspect::State;
    use wire::Record;
    use wire::prime::{NewLeaderProof, Prime};

    fn holding(proof: Option<NewLeaderProof>) -> State {
        let mut state = state();
        state.proof = proof;
        state
    }

    #[test]
    fn the_proof_of_the_highest_view_is_held() {
        let config = config();
        let record: Record<Prime> = Record::Promise(proof(5, &[1, 2, 3]).into());
        let after = holding(Some(proof(5, &[1, 2, 3])));
        for held in [None, Some(proof(4, &[2, 3, 4]))] {
            let before = holding(held);
            each_trips(
                &after,
                |after| check(&config, &before, &record, after),
                &[("view", |s| s.view.0 = 5), ("proof", |s| s.proof = Some(proof(4, &[2, 3, 4])))],
            );
        }
        for view in [5, 6] {
            let before = holding(Some(proof(view, &[2, 3, 4])));
            assert_eq!(check(&config, &before, &record, &before), Ok(()));
            trips(check(&config, &before, &record, &after), "[proof");
        }
    }

    #[test]
    fn other_records_are_for_others() {
        let (config, before) = (config(), holding(None));
        let shown = proof(5, &[1, 2, 3]);
        let records: [Record<Prime>; 3] = [
            Record::Promise(vote(1, 5).body().clone().into()),
            Record::Held(sign(2, shown.clone()).into()),
            Record::Held(vote(3, 5).into()),
        ];
        for record in records {
            assert_eq!(check(&config, &before, &record, &before), Ok(()));
            trips(check(&config, &before, &record, &holding(Some(shown.clone()))), "[proof");
        }
    }
}
