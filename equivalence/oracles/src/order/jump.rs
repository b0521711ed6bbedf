//! What `order.jump` must do.

use super::definitions::settle;
use crate::Finding;
use crate::expected::Expected;
use prime::order::State;
use wire::prime::Matrix;
use wire::{Config, Seq};

/// Everything up to `seq` is ordered and executed in the state that was adopted.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    seq: Seq,
    preceding: &Matrix,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.jump", config, before);
    if seq > before.retired {
        expected.since("what is at or below `seq` is dropped; it counts as ordered and executed");
        let state = &mut expected.state;
        state.slots.retain(|n, _| *n > seq);
        state.early.retain(|n, _| *n > seq);
        state.promised.retain(|n, _| *n > seq);
        state.retired = seq;
        if before.ordered < seq {
            (state.ordered, state.ordered_matrix) = (seq, preceding.clone());
        }
        settle(state);
    }
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        accepted, at, between, config, done, grown, ordered, proposal, slot, trips,
    };
    use prime::order::State;
    use wire::Seq;

    /// 1 to 4 are known of; 4 has a certificate. 2 and 4 came early.
    fn busy() -> State {
        let mut state = between();
        (1..4).for_each(|n| *at(&mut state, n) = slot(&proposal(n), &[], &[]));
        *at(&mut state, 4) = done(&proposal(4));
        state.early = [2, 4].map(|n| (Seq(n), slot(&proposal(n), &[], &[]))).into();
        state.promised = [2, 5].map(|n| (Seq(n), proposal(n).body().clone())).into();
        state
    }

    fn dropped(state: &mut State) {
        state.slots.retain(|n, _| n.0 > 3);
        state.early.retain(|n, _| n.0 > 3);
        state.promised.retain(|n, _| n.0 > 3);
        state.retired = Seq(3);
    }

    #[test]
    fn what_follows_the_adopted_state_is_ordered_with_it() {
        let (config, before) = (config(), busy());
        let mut after = before.clone();
        dropped(&mut after);
        ordered(&mut after, 4);
        let check = |after: &State| check(&config, &before, Seq(3), &grown(3), after);
        assert_eq!(check(&after), Ok(()));
        let mut short = after.clone();
        ordered(&mut short, 3);
        trips(check(&short), "accepted");
        let mut kept = after.clone();
        kept.early.insert(Seq(2), slot(&proposal(2), &[], &[]));
        trips(check(&kept), "early");
        after.promised.clear();
        trips(check(&after), "promised");
    }

    #[test]
    fn what_was_ordered_keeps_its_matrix() {
        let (config, mut before) = (config(), busy());
        ordered(&mut before, 3);
        let mut after = before.clone();
        dropped(&mut after);
        ordered(&mut after, 4);
        assert_eq!(check(&config, &before, Seq(3), &grown(9), &after), Ok(()));
        assert_eq!(check(&config, &after, Seq(3), &grown(9), &after), Ok(()));
        let mut again = after.clone();
        accepted(&mut again, 3);
        trips(check(&config, &after, Seq(3), &grown(3), &again), "accepted");
        // One behind what is ordered here does not set it back.
        let mut behind = before.clone();
        dropped(&mut behind);
        ordered(&mut behind, 4);
        (behind.ordered_matrix, behind.preceding) = (grown(9), grown(9));
        trips(check(&config, &before, Seq(3), &grown(9), &behind), "preceding");
    }
}
