//! What `checkpoint.make_state_requests` must do.

use super::definitions::{chunks, fetched, judge};
use crate::Finding;
use crate::expected::Expected;
use prime::checkpoint::{State, Transfer};
use wire::prime::{Prime, StateId, StateRequest};
use wire::{Config, Effect, ReplicaId, Seq, Time, To};

/// Chunks asked for at a time.
const MAX_OUTSTANDING: usize = 16;

/// As many chunks are asked for as may be under way, of the other servers in turn.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    executed: Seq,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("checkpoint.make_state_requests", config, before);
    let Some((state, transfer)) = fetched(before) else {
        return judge(&expected, after, effects);
    };
    if state.seq <= executed {
        expected.since("own execution has overtaken the transfer, which is dropped");
        expected.state.transfer = None;
        return judge(&expected, after, effects);
    }
    expected.since("what lapsed is asked for again, then what was not asked for, of those in turn");
    let mut transfer = transfer.clone();
    let lapsed = |at: Time| at.after(config.timing.retransmit) <= now;
    for (index, (of, at)) in std::mem::take(&mut transfer.asked) {
        if lapsed(at) {
            transfer.again.insert(index);
            transfer.slow.insert(of);
        } else {
            transfer.asked.insert(index, (of, at));
        }
    }
    let asked = turn(config, before.me, &transfer);
    while !asked.is_empty() && transfer.asked.len() < MAX_OUTSTANDING {
        let Some(index) = wanted(&state, &mut transfer) else { break };
        let of = asked[transfer.turn % asked.len()];
        transfer.turn = transfer.turn.wrapping_add(1);
        transfer.asked.insert(index, (of, now));
        expected.send(To::One(of), StateRequest { state, index });
    }
    expected.state.transfer = Some(transfer);
    judge(&expected, after, effects)
}

/// Whom the turn goes round.
fn turn(config: &Config, me: ReplicaId, transfer: &Transfer) -> Vec<ReplicaId> {
    let others = || config.replicas().filter(|&i| i != me);
    let honest: Vec<_> = others().filter(|i| !transfer.liars.contains(i)).collect();
    let honest = if honest.is_empty() { others().collect() } else { honest };
    let quick: Vec<_> = honest.iter().copied().filter(|i| !transfer.slow.contains(i)).collect();
    if quick.is_empty() { honest } else { quick }
}

/// Takes the chunk that is asked for next: the lowest asked for in vain, else the lowest that was
/// not asked for and is not here.
fn wanted(state: &StateId, transfer: &mut Transfer) -> Option<u32> {
    let Transfer { next, again, chunks: here, .. } = transfer;
    *next = (*next..).find(|index| !here.0.contains_key(index))?;
    let fresh = Some(*next).filter(|&index| u64::from(index) < chunks(state));
    again.pop_first().or_else(|| fresh.inspect(|_| *next += 1))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{config, effects, here, name, state, transfer, trips};
    use prime::checkpoint::{State, Transfer};
    use wire::prime::{CHUNK, Prime, StateId, StateRequest};
    use wire::{Effect, ReplicaId, Seq, Time, To};

    fn with(transfer: Transfer) -> State {
        State { transfer: Some(transfer), ..state() }
    }

    fn asks(of: &[(u16, u32)]) -> Vec<Effect<Prime>> {
        requests(name(1), of)
    }

    fn requests(state: StateId, of: &[(u16, u32)]) -> Vec<Effect<Prime>> {
        effects(|e| {
            for &(i, index) in of {
                e.send(To::One(ReplicaId(i)), StateRequest { state, index });
            }
        })
    }

    fn outcome(
        now: u64,
        before: &Transfer,
        after: &Transfer,
        made: &[Effect<Prime>],
    ) -> Result<(), Finding> {
        let (before, after) = (with(before.clone()), with(after.clone()));
        check(&config(), &before, Time(now), Seq(9), &after, made)
    }

    /// Under way: what was asked of whom at 200.
    fn under_way(before: &Transfer, of: &[(u16, u32)], next: u32) -> Transfer {
        let mut after = before.clone();
        for &(i, index) in of {
            after.again.remove(&index);
            after.asked.insert(index, (ReplicaId(i), Time(200)));
            after.turn += 1;
        }
        after.next = next;
        after
    }

    #[test]
    fn all_are_asked_in_turn() {
        let before = transfer(1);
        let made = [(2, 0), (3, 1), (4, 2)];
        let after = under_way(&before, &made, 3);
        assert_eq!(outcome(200, &before, &after, &asks(&made)), Ok(()));
        trips(outcome(200, &before, &after, &asks(&[(1, 0), (2, 1), (3, 2)])), "effect 0");
        trips(outcome(200, &before, &after, &asks(&[(2, 0), (2, 1), (2, 2)])), "effect 1");
        trips(outcome(200, &before, &after, &asks(&made[..2])), "effects");
        trips(outcome(200, &before, &under_way(&before, &made, 2), &asks(&made)), "next");
        let mut wrong = after;
        wrong.turn = 0;
        trips(outcome(200, &before, &wrong, &asks(&made)), "turn");
        trips(outcome(200, &before, &before, &asks(&made)), "asked");
    }

    #[test]
    fn what_lapsed_is_asked_of_others_first() {
        let period = config().timing.retransmit;
        let mut before = transfer(1);
        before.chunks = here(1, &[2]);
        before.asked = [(0, (ReplicaId(2), Time(200))), (1, (ReplicaId(3), Time(201)))].into();
        before.next = 2;
        let now = 200 + period;
        let mut after = before.clone();
        after.slow = [ReplicaId(2)].into();
        // Servers 3 and 4 are left, and it is place 1's turn.
        (before.turn, after.turn) = (3, 4);
        after.asked.insert(0, (ReplicaId(4), Time(now)));
        after.next = 3;
        assert_eq!(outcome(now, &before, &after, &asks(&[(4, 0)])), Ok(()));
        trips(outcome(now, &before, &after, &asks(&[(3, 0)])), "effect 0");
        trips(outcome(now, &before, &after, &asks(&[(4, 0), (3, 2)])), "effect 1");
        let mut forgiven = after.clone();
        forgiven.slow.clear();
        trips(outcome(now, &before, &forgiven, &asks(&[(4, 0)])), "slow");
        // A moment before, nothing has lapsed.
        let mut waiting = before.clone();
        waiting.next = 3;
        assert_eq!(outcome(now - 1, &before, &waiting, &[]), Ok(()));
        trips(outcome(now - 1, &before, &after, &asks(&[(4, 0)])), "effect 0");
    }

    #[test]
    fn liars_are_left_out_unless_all_are_and_slow_ones_if_anybody_is_quick() {
        for (liars, slow, of) in [
            (&[3][..], &[4][..], [2, 2, 2]),
            (&[2, 3], &[4], [4, 4, 4]),
            (&[2, 3, 4], &[4], [2, 3, 2]),
            (&[], &[2, 3, 4], [2, 3, 4]),
        ] {
            let mut before = transfer(1);
            before.liars = liars.iter().copied().map(ReplicaId).collect();
            before.slow = slow.iter().copied().map(ReplicaId).collect();
            let made = [(of[0], 0), (of[1], 1), (of[2], 2)];
            let after = under_way(&before, &made, 3);
            assert_eq!(outcome(200, &before, &after, &asks(&made)), Ok(()), "{liars:?} {slow:?}");
            let wrong = [(2, 0), (3, 1), (4, 2)];
            if wrong != made {
                trips(
                    outcome(200, &before, &under_way(&before, &wrong, 3), &asks(&wrong)),
                    "effect",
                );
            }
        }
    }

    #[test]
    fn no_more_than_sixteen_are_under_way() {
        let length = u64::try_from(CHUNK).unwrap() * 20;
        let state = StateId { length, ..name(1) };
        let mut before = transfer(1);
        for vote in before.proof.checkpoints.iter_mut() {
            vote.body.state = state;
        }
        before.again = [5].into();
        before.next = 6;
        let all = [5].into_iter().chain(6..20);
        let all: Vec<_> = [2, 3, 4].into_iter().cycle().zip(all).collect();
        let after = under_way(&before, &all, 20);
        assert_eq!(outcome(200, &before, &after, &requests(state, &all)), Ok(()));
        (before.next, before.again) = (0, [19].into());
        let turns = [2, 3, 4].into_iter().cycle();
        let sixteen: Vec<_> = turns.clone().zip([19].into_iter().chain(0..15)).collect();
        let after = under_way(&before, &sixteen, 15);
        assert_eq!(outcome(200, &before, &after, &requests(state, &sixteen)), Ok(()));
        let more: Vec<_> = turns.zip([19].into_iter().chain(0..16)).collect();
        trips(outcome(200, &before, &after, &requests(state, &more)), "effect 16");
    }

    #[test]
    fn a_transfer_that_execution_has_overtaken_is_dropped() {
        let (config, before) = (config(), with(transfer(1)));
        let run =
            |after: &State, made: &[_]| check(&config, &before, Time(200), Seq(10), after, made);
        assert_eq!(run(&state(), &[]), Ok(()));
        trips(run(&before, &[]), "transfer");
        trips(run(&state(), &asks(&[(2, 0)])), "effect 0");
        assert_eq!(check(&config, &state(), Time(200), Seq(0), &state(), &[]), Ok(()));
    }
}
