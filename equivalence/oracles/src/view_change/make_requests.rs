//! What `view_change.make_requests` must do.

use super::definitions::{judge, lacks, needed};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Bound, Prime, ProposalRequest, ResolutionRequest};
use wire::{Config, Digest, Effect, Seq, Time, To};

/// Most Pre-Prepares asked for at a time.
const ASKED: usize = 64;

/// The key in `asked`: (R, 0, none), or the zero digest, a number and what it is bound to.
type Key = (Digest, Seq, Option<Bound>);

/// What is lacking is asked for, and the same only once in a period.
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
    let mut expected = Expected::unchanged("view_change.make_requests", config, before);
    expected
        .since("entries of `asked` for anything that is not due are dropped, what is due asked");
    let due = due(config, before, executed);
    expected.state.asked.retain(|key, _| due.contains(key));
    for key in due {
        if before.asked.get(&key).is_some_and(|&again| again > now) {
            continue;
        }
        match key {
            (digest, _, None) => expected.send(To::Others, ResolutionRequest { digest }),
            (_, seq, Some(bound)) => expected.send(To::Others, ProposalRequest { seq, bound }),
        }
        expected.state.asked.insert(key, now.after(config.timing.retransmit));
    }
    judge(&expected, after, effects)
}

/// What is due, in the order met, each once.
fn due(config: &Config, state: &State, executed: Seq) -> Vec<Key> {
    let mut due: Vec<Key> = Vec::new();
    let mut proposals = 0;
    for r in needed(config, state) {
        let Some(lacking) = lacks(state, r, executed) else {
            due.push((r, Seq(0), None));
            continue;
        };
        for (seq, bound) in lacking {
            let key = (Digest::default(), seq, Some(bound));
            if proposals < ASKED && !due.contains(&key) {
                due.push(key);
                proposals += 1;
            }
        }
    }
    due
}

#[cfg(test)]
mod tests {
    use super::{ASKED, Key, check};
    use crate::view_change::kit::{
        bound, changing, config, deliver, digest, proposal, resolution, sent, statement, trips,
    };
    use prime::view_change::State;
    use std::slice::from_ref;
    use wire::prime::{Prime, ProposalRequest, Resolution, ResolutionRequest};
    use wire::{Digest, Effect, Seq, Time, To};

    const NOW: Time = Time(50);

    fn of_proposal(seq: u64) -> (Key, Effect<Prime>) {
        let (seq, bound) = (Seq(seq), bound(&proposal(0, seq)));
        let key = (Digest::default(), seq, Some(bound));
        (key, sent(To::Others, ProposalRequest { seq, bound }))
    }

    fn of_resolution(digest: Digest) -> (Key, Effect<Prime>) {
        ((digest, Seq(0), None), sent(To::Others, ResolutionRequest { digest }))
    }

    /// Servers 1 to 4 name these; of those marked the resolution is here.
    fn needs(named: &[(&Resolution, bool)]) -> State {
        let mut state = changing(5);
        for (by, &(resolution, here)) in (1..).zip(named) {
            deliver(&mut state, &[by], &statement(0, Some((3, resolution))));
            if here {
                state.resolutions.insert(resolution.digest(), resolution.clone());
            }
        }
        state
    }

    fn asks(before: &State, due: &[(Key, Effect<Prime>)]) -> (State, Vec<Effect<Prime>>) {
        let mut after = before.clone();
        let again = NOW.after(config().timing.retransmit);
        after.asked = due.iter().map(|&(key, _)| (key, again)).collect();
        (after, due.iter().map(|(_, effect)| effect.clone()).collect())
    }

    #[test]
    fn resolutions_and_what_they_lack_each_once() {
        let config = config();
        // Both lack 5 and 7; 6 is a no-op of one.
        let (one, two) = (resolution(4, &[true, false, true]), resolution(4, &[true, true, true]));
        let gone = resolution(9, &[]);
        let before = needs(&[(&one, true), (&two, true), (&gone, false)]);
        let mut due = Vec::new();
        let mut digests = [one.digest(), two.digest(), gone.digest()];
        digests.sort();
        for r in digests {
            let lacking: &[u64] = if r == one.digest() {
                &[5, 7]
            } else if r == two.digest() {
                &[5, 6, 7]
            } else {
                due.push(of_resolution(r));
                &[]
            };
            for &seq in lacking {
                if !due.contains(&of_proposal(seq)) {
                    due.push(of_proposal(seq));
                }
            }
        }
        let (after, made) = asks(&before, &due);
        assert_eq!(check(&config, &before, NOW, Seq(4), &after, &made), Ok(()));
        trips(check(&config, &before, NOW, Seq(4), &before, &made), "asked");
        trips(check(&config, &before, NOW, Seq(4), &after, &made[1..]), "effect");
        let mut swapped = made.clone();
        swapped.swap(0, 3);
        trips(check(&config, &before, NOW, Seq(4), &after, &swapped), "effect 0");
        // What is executed is asked for no more.
        trips(check(&config, &before, NOW, Seq(5), &after, &made), "effect");
        let (after, made) = asks(&before, &[of_resolution(gone.digest())]);
        assert_eq!(check(&config, &before, NOW, Seq(7), &after, &made), Ok(()));
    }

    #[test]
    fn not_again_before_its_time_and_never_what_is_not_due() {
        let (config, gone) = (config(), resolution(9, &[]));
        let mut before = needs(&[(&gone, false)]);
        let (key, effect) = of_resolution(gone.digest());
        before.asked.insert(key, Time(51));
        assert_eq!(check(&config, &before, NOW, Seq(4), &before, &[]), Ok(()));
        let early = check(&config, &before, NOW, Seq(4), &before, from_ref(&effect));
        trips(early, "effect 0");
        before.asked.insert(key, NOW);
        before.asked.insert(of_resolution(digest("other")).0, Time(99));
        let (after, made) = asks(&before, &[(key, effect)]);
        assert_eq!(check(&config, &before, NOW, Seq(4), &after, &made), Ok(()));
        trips(check(&config, &before, NOW, Seq(4), &after, &[]), "effects");
        let mut kept = after;
        kept.asked.insert(of_resolution(digest("other")).0, Time(99));
        trips(check(&config, &before, NOW, Seq(4), &kept, &made), "asked");
    }

    #[test]
    fn a_share_of_proposals_is_asked_for_at_a_time() {
        let (config, long) = (config(), resolution(4, &[true; ASKED + 1]));
        let before = needs(&[(&long, true)]);
        let due: Vec<_> = (5..).take(ASKED + 1).map(of_proposal).collect();
        let (after, made) = asks(&before, &due[..ASKED]);
        assert_eq!(check(&config, &before, NOW, Seq(4), &after, &made), Ok(()));
        let (after, made) = asks(&before, &due);
        trips(check(&config, &before, NOW, Seq(4), &after, &made), "effect 64");
    }
}
