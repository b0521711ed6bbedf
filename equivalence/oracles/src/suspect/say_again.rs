//! What `suspect.say_again` must do.

use super::definitions::say_again;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::Prime;
use wire::{Config, Effect};

/// A lost message must not convict a leader, nor save one (4.2, Figure 4, C1).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.say_again", config, before);
    expected
        .since("the bound, the vote and the proof to the others, the last question to the leader");
    say_again(&mut expected);
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{
        LEADER, config, effects, matrix, owes, owes_replay, proof, state, trips, vc_proof,
    };
    use prime::suspect::State;
    use wire::prime::{NewLeader, Prime, ProofMatrix, TatUb};
    use wire::{Effect, To, View};

    /// Everything there is to say.
    fn talkative() -> State {
        let mut state = state();
        (state.announced, state.suspects) = (70, true);
        state.proof = Some(proof(1, &[1, 2, 3]));
        state.open = vec![owes(10, 1), owes(20, 2)];
        state
    }

    fn all() -> Vec<Effect<Prime>> {
        effects(|e| {
            e.send(To::Others, TatUb { view: View(1), alpha: 70 });
            e.send(To::Others, NewLeader { view: View(2) });
            e.send(To::Others, proof(1, &[1, 2, 3]));
            e.send(To::One(LEADER), ProofMatrix { matrix: matrix(2) });
        })
    }

    #[test]
    fn all_is_said_in_order_and_nothing_is_logged() {
        let (config, before, made) = (config(), talkative(), all());
        assert_eq!(check(&config, &before, &before, &made), Ok(()));
        trips(check(&config, &before, &state(), &made), "[");
        for lost in 0..4 {
            let mut fewer = made.clone();
            fewer.remove(lost);
            trips(check(&config, &before, &before, &fewer), "effect");
            let mut turned = made.clone();
            turned.swap(lost, (lost + 1) % 4);
            trips(check(&config, &before, &before, &turned), "effect");
        }
        let older = effects(|e| e.send(To::One(LEADER), ProofMatrix { matrix: matrix(1) }));
        trips(check(&config, &before, &before, &[&made[..3], &older].concat()), "effect 3");
        let logged = effects(|e| e.promise(To::Others, proof(1, &[1, 2, 3])));
        let logged = [&made[..2], &logged, &made[3..]].concat();
        trips(check(&config, &before, &before, &logged), "effect 2");
    }

    #[test]
    fn what_there_is_no_reason_to_say_is_not_said() {
        let config = config();
        let silences: [fn(&mut State); 4] = [
            |s| s.announced = u64::MAX,
            |s| s.suspects = false,
            |s| s.settled = true,
            |s| s.open.clear(),
        ];
        for (at, silence) in silences.iter().enumerate() {
            let mut before = talkative();
            silence(&mut before);
            trips(check(&config, &before, &before, &all()), "effect");
            let mut made = all();
            made.remove(at);
            assert_eq!(check(&config, &before, &before, &made), Ok(()));
        }
        assert_eq!(check(&config, &state(), &state(), &[]), Ok(()));
    }

    #[test]
    fn the_leader_is_asked_for_the_replay_if_that_was_asked_last() {
        let (config, mut before) = (config(), state());
        before.open = vec![owes(10, 1), owes_replay(20)];
        let asks = |to| effects(|e| e.send(to, vc_proof(1)));
        assert_eq!(check(&config, &before, &before, &asks(To::One(LEADER))), Ok(()));
        trips(check(&config, &before, &before, &asks(To::Others)), "effect 0");
        trips(check(&config, &before, &before, &[]), "effects");
    }
}
