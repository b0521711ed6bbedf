//! What `pre_order.on_proof_matrix` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{Prime, ProofMatrix};
use wire::{Config, Effect, Reject, ReplicaId, Verified};

/// A Proof-Matrix is merged and kept (4.2, "Enforcing up-to-date Pre-Prepare messages").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<ProofMatrix>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("on_proof_matrix", config, before);

    let rows = &message.body().matrix.rows;
    let present = || {
        (0..)
            .map(ReplicaId::from_index)
            .zip(rows.iter())
            .filter_map(|(i, row)| Some((i, row.as_ref()?)))
    };
    let valid = rows.len() == config.size()
        && present().all(|(i, row)| row.signer == i && row.body.vec.len() == config.size());
    if valid {
        expected.since("rows are merged in ascending order, the message is kept as the signer's");
        for (i, row) in present() {
            expected.merge(row, |context| context.leaf(i, &row.body));
        }
        expected.proof_matrix = Some(message);
    } else {
        expected.since("rejects Invalid unless N rows, each null or its server's with N entries");
        expected.reject(Some(message.signer()), Reject::Invalid);
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{aru, config, matrix, reject, sign, state, trips};
    use wire::prime::{Matrix, PoAruConflict, ProofMatrix};
    use wire::{Effect, List, Reject, ReplicaId, To};

    #[test]
    fn rows_are_merged_and_the_message_is_kept() {
        let (config, mut before) = (config(), state());
        let (held, new) = (aru(2, &[1, 1, 0, 0]), aru(2, &[2, 0, 0, 0]));
        before.rows[1] = Some(held.clone());
        before.rows[2] = Some(aru(3, &[5, 0, 0, 0]));
        let rows: [&[u64]; 4] = [&[], &[2, 0, 0, 0], &[4, 0, 0, 0], &[1, 0, 0, 0]];
        let message = sign(3, ProofMatrix { matrix: matrix(&rows) });
        let mut after = before.clone();
        after.rows[3] = Some(aru(4, rows[3]));
        after.blacklist.insert(ReplicaId(2));
        after.proof_matrices[2] = Some(message.clone());
        let (first, second) = (held.signed().clone(), new.signed().clone());
        let body = PoAruConflict { first, second }.into();
        let effects = [Effect::Send { to: To::All, body }];
        assert_eq!(check(&config, &before, &message, &after, &effects), Ok(()));

        trips(check(&config, &before, &message, &after, &[]), "effects");
        let mut regressed = after.clone();
        regressed.rows[2] = Some(aru(3, rows[2]));
        trips(check(&config, &before, &message, &regressed, &effects), "rows[r3]");
        let mut unkept = after.clone();
        unkept.proof_matrices[2] = None;
        trips(check(&config, &before, &message, &unkept, &effects), "proof_matrices[r3]");
        let mut misplaced = after;
        misplaced.proof_matrices[0] = Some(message.clone());
        trips(check(&config, &before, &message, &misplaced, &effects), "proof_matrices[r1]");
    }

    #[test]
    fn wrong_shapes_and_rows_of_others_are_invalid() {
        let (config, before) = (config(), state());
        let foreign = vec![None, Some(aru(3, &[1, 0, 0, 0]).signed().clone()), None, None];
        let row: &[u64] = &[1, 0, 0, 0];
        for matrix in [
            matrix(&[&[], &[], row]),
            matrix(&[&[], &[], &[1], row]),
            Matrix { rows: List::new(foreign).unwrap() },
        ] {
            let message = sign(3, ProofMatrix { matrix });
            let effects = [reject(3, Reject::Invalid)];
            assert_eq!(check(&config, &before, &message, &before, &effects), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "effects");
            let mut merged = before.clone();
            merged.rows[3] = Some(aru(4, row));
            trips(check(&config, &before, &message, &merged, &effects), "rows[r4]");
        }
    }
}
