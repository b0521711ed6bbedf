//! What `order.make_pre_prepare` must do.

use super::build_matrix::PreOrder;
use super::definitions::{horizon, votes};
use super::{build_matrix, eligible};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use crate::pre_order::covers;
use prime::order::State;
use wire::prime::{Matrix, PrePrepare, Prime};
use wire::{Config, Effect, PoSeq, Time, To};

/// The leader proposes the next number upon news, at a bounded rate.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    pre_order: &PreOrder,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.make_pre_prepare", config, before);
    let seq = before.proposed.next();
    let matrix = build_matrix::expected(pre_order, &before.proposal);
    if config.leader_of(before.view) != before.me || !votes(before) {
        expected.since("nothing happens if this server does not lead the view or may not vote");
    } else if now < before.next_pre_prepare_at {
        expected.since("nothing happens if `now < next_pre_prepare_at`");
    } else if seq > horizon(config, before) {
        expected.since("nothing happens if the next number lies beyond the horizon");
    } else if !reason(config, pre_order, &before.proposal, &matrix) {
        expected.since("without a reason nothing happens");
    } else {
        expected.since("the next number is promised with M");
        expected.state.proposed = seq;
        expected.state.proposal = matrix.clone();
        expected.state.next_pre_prepare_at = now.after(config.timing.pre_prepare);
        expected.promise(To::All, PrePrepare { view: before.view, seq, matrix });
    }
    expected.judge(after, Order::Fixed, effects)
}

/// Something becomes eligible, or somebody expects more and there is more.
fn reason(config: &Config, pre_order: &PreOrder, last: &Matrix, matrix: &Matrix) -> bool {
    let zeros = vec![PoSeq::default(); config.size()];
    let of = |matrix| eligible::expected(config, matrix, &zeros);
    let more = of(matrix).into_iter().zip(of(last)).any(|(new, old)| new > old);
    let uncovered = pre_order
        .proof_matrices
        .iter()
        .flatten()
        .any(|wanted| !covers::expected(&pre_order.blacklist, last, &wanted.body().matrix));
    more || (uncovered && !matrix.same(last))
}

#[cfg(test)]
mod tests {
    use super::{PreOrder, check};
    use crate::kit::sign;
    use crate::order::kit::{config, effects, grown, matrix, state, trips};
    use crate::pre_order::kit::{aru, state as pre_order};
    use prime::order::State;
    use wire::prime::{Matrix, PrePrepare, Prime, ProofMatrix};
    use wire::{Effect, Seq, Time, To, View};

    const NOW: Time = Time(500);

    /// Server 1 leads view 4 and proposed number 2.
    fn leader() -> State {
        let mut state = state();
        (state.view, state.preinstalled) = (View(4), View(4));
        (state.proposed, state.proposal) = (Seq(2), grown(2));
        state.next_pre_prepare_at = NOW;
        state
    }

    /// These servers acknowledge three of server 1's requests.
    fn known(by: &[u16]) -> PreOrder {
        let mut known = pre_order();
        by.iter().for_each(|&i| known.rows[usize::from(i) - 1] = Some(aru(i, &[3, 0, 0, 0])));
        known
    }

    fn news() -> Matrix {
        matrix(&[&[3, 0, 0, 0], &[3, 0, 0, 0], &[3, 0, 0, 0], &[]])
    }

    fn made(before: &State, matrix: Matrix) -> (State, Vec<Effect<Prime>>) {
        let mut after = before.clone();
        (after.proposed, after.proposal) = (Seq(3), matrix.clone());
        after.next_pre_prepare_at = NOW.after(config().timing.pre_prepare);
        let body = PrePrepare { view: View(4), seq: Seq(3), matrix };
        (after, effects(|e| e.promise(To::All, body)))
    }

    #[test]
    fn what_becomes_eligible_is_proposed() {
        let (config, before, known) = (config(), leader(), known(&[1, 2, 3]));
        let (mut after, emitted) = made(&before, news());
        assert_eq!(check(&config, &before, NOW, &known, &after, &emitted), Ok(()));
        trips(check(&config, &before, NOW, &known, &after, &emitted[1..]), "effect 0");
        trips(check(&config, &before, NOW, &known, &before, &[]), "effects");
        let (_, old) = made(&before, grown(3));
        trips(check(&config, &before, NOW, &known, &after, &old), "effect 0");
        after.next_pre_prepare_at = NOW;
        trips(check(&config, &before, NOW, &known, &after, &emitted), "next_pre_prepare_at");
    }

    #[test]
    fn only_the_leader_proposes_when_it_may() {
        let (config, known) = (config(), known(&[1, 2, 3]));
        let mut wrong = [leader(), leader(), leader(), leader()];
        (wrong[0].view, wrong[0].preinstalled) = (View(5), View(5));
        wrong[1].preinstalled = View(5);
        wrong[2].next_pre_prepare_at = Time(501);
        wrong[3].proposed = Seq(64);
        for before in wrong {
            assert_eq!(check(&config, &before, NOW, &known, &before, &[]), Ok(()));
            let (after, emitted) = made(&before, news());
            trips(check(&config, &before, NOW, &known, &after, &emitted), "effect 0");
        }
    }

    #[test]
    fn two_rows_are_no_news_unless_somebody_expects_them() {
        let (config, before, mut known) = (config(), leader(), known(&[1, 2]));
        let two = matrix(&[&[3, 0, 0, 0], &[3, 0, 0, 0], &[], &[]]);
        let (after, emitted) = made(&before, two);
        assert_eq!(check(&config, &before, NOW, &known, &before, &[]), Ok(()));
        trips(check(&config, &before, NOW, &known, &after, &emitted), "effect 0");
        known.proof_matrices[3] = Some(sign(4, ProofMatrix { matrix: grown(3) }));
        assert_eq!(check(&config, &before, NOW, &known, &after, &emitted), Ok(()));
        trips(check(&config, &before, NOW, &known, &before, &[]), "effects");
        // Nor if there is nothing new to say to whoever expects it.
        let nothing = pre_order();
        let expects = PreOrder { proof_matrices: known.proof_matrices, ..nothing };
        assert_eq!(check(&config, &before, NOW, &expects, &before, &[]), Ok(()));
        let (after, emitted) = made(&before, grown(2));
        trips(check(&config, &before, NOW, &expects, &after, &emitted), "effect 0");
    }
}
