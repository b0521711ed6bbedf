//! Whether the rows at hand make something eligible that was not yet proposed: conditions in a
//! table, gains as differences.

use prime::order::eligible;
use prime::pre_order::{State, covers, last_matrix};
use wire::prime::Matrix;
use wire::{Config, List, PoSeq, ReplicaId};

/// What the conditions look at.
struct Case<'a> {
    state: &'a State,
    config: &'a Config,
    proposed: &'a Matrix,
    last: Matrix,
}

/// All of these must hold; the cheaper one is first.
const CONDITIONS: [fn(&Case<'_>) -> bool; 2] = [uncovered, gains];

/// Says whether `Last_PO_Aru` makes something eligible beyond `proposed` that the leader has not
/// done justice to.
pub fn has_news(state: &State, config: &Config, proposed: &Matrix) -> bool {
    let case = Case { state, config, proposed, last: last_matrix(state) };
    !CONDITIONS.iter().any(|holds| !holds(&case))
}

fn uncovered(case: &Case<'_>) -> bool {
    !covers(&case.state.blacklist, case.proposed, &case.last)
}

fn gains(case: &Case<'_>) -> bool {
    let zeros = vec![PoSeq::default(); case.config.size()];
    let reached = eligible(case.config, &believed(case), &zeros);
    let granted = eligible(case.config, case.proposed, &zeros);
    let missing = PoSeq::default();
    reached
        .iter()
        .zip(granted.iter().chain(std::iter::repeat(&missing)))
        .map(|(ours, theirs)| i128::from(ours.0) - i128::from(theirs.0))
        .any(|difference| difference > 0)
}

/// The matrix of `Last_PO_Aru` with what was proposed in the rows of blacklisted servers.
fn believed(case: &Case<'_>) -> Matrix {
    let sources: [&Matrix; 2] = [&case.last, case.proposed];
    let mut rows = case.config.replicas().map(|server: ReplicaId| {
        let source = sources[usize::from(case.state.blacklist.contains(&server))];
        source.rows.get(server.index()).cloned().flatten()
    });
    Matrix { rows: List::take(&mut rows) }
}
