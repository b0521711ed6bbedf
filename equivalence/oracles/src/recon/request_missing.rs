//! What `recon.request_missing` must do.

use super::definitions::{Identifier, judge};
use crate::Finding;
use crate::expected::Expected;
use prime::recon::State;
use wire::prime::{Prime, ReconRequest};
use wire::{Config, Effect, Time, To};

/// Most identifiers that are asked for at once.
const MAX_WANTED: usize = 64;

/// Everybody is asked for the most urgent contents, each once in `timing.retransmit`.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    missing: &[Identifier],
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recon.request_missing", config, before);
    expected.since("asks for the first 64, unless their time lies ahead, and wants no others");
    let urgent = &missing[..missing.len().min(MAX_WANTED)];
    expected.state.want.retain(|identifier, _| urgent.contains(identifier));
    for &(originator, seq) in urgent {
        let at = expected.state.want.get(&(originator, seq));
        if at.is_none_or(|&at| at <= now) {
            expected.send(To::Others, ReconRequest { originator, seq });
            let again = now.after(config.timing.retransmit);
            expected.state.want.insert((originator, seq), again);
        }
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::recon::kit::{config, effects, id, state, trips};
    use prime::recon::State;
    use wire::prime::{Prime, ReconRequest};
    use wire::{Effect, PoSeq, ReplicaId, Time, To};

    fn asked(of: &[(u16, u64)], to: To) -> Vec<Effect<Prime>> {
        effects(|e| {
            for &(o, s) in of {
                e.send(to, ReconRequest { originator: ReplicaId(o), seq: PoSeq(s) });
            }
        })
    }

    fn wants(of: &[(u16, u64, u64)]) -> State {
        let mut state = state();
        state.want = of.iter().map(|&(o, s, at)| (id(o, s), Time(at))).collect();
        state
    }

    #[test]
    fn the_urgent_are_asked_for_once_in_a_while_and_others_forgotten() {
        let (config, now) = (config(), Time(50));
        let again = 50 + config.timing.retransmit;
        let before = wants(&[(2, 1, 50), (2, 2, 51), (4, 9, 10)]);
        let after = wants(&[(2, 1, again), (2, 2, 51), (3, 1, again)]);
        let missing = [id(3, 1), id(2, 2), id(2, 1)];
        let run = |after: &State, made: &[_]| check(&config, &before, now, &missing, after, made);
        let made = asked(&[(3, 1), (2, 1)], To::Others);
        assert_eq!(run(&after, &made), Ok(()));
        trips(run(&after, &asked(&[(2, 1), (3, 1)], To::Others)), "effect 0");
        trips(run(&after, &asked(&[(3, 1), (2, 1)], To::All)), "effect 0");
        trips(run(&after, &asked(&[(3, 1)], To::Others)), "effects");
        trips(run(&after, &asked(&[(3, 1), (2, 2), (2, 1)], To::Others)), "effect 1");
        let kept = wants(&[(2, 1, again), (2, 2, 51), (3, 1, again), (4, 9, 10)]);
        trips(run(&kept, &made), "want");
        trips(run(&wants(&[(2, 1, 50), (2, 2, 51), (3, 1, again)]), &made), "want");
        assert_eq!(check(&config, &before, now, &[], &state(), &[]), Ok(()));
        trips(check(&config, &before, now, &[], &before, &[]), "want");
    }

    #[test]
    fn no_more_than_sixty_four_are_wanted() {
        let (config, before) = (config(), state());
        let again = config.timing.retransmit;
        let missing: Vec<_> = (1..=65).map(|s| id(2, s)).collect();
        let of = |n| (1..=n).map(|s| (2, s)).collect::<Vec<_>>();
        let at = |n| (1..=n).map(|s| (2, s, again)).collect::<Vec<_>>();
        let run = |n| {
            let made = asked(&of(n), To::Others);
            check(&config, &before, Time(0), &missing, &wants(&at(n)), &made)
        };
        assert_eq!(run(64), Ok(()));
        trips(run(65), "effect 64");
        trips(run(63), "effects");
    }
}
