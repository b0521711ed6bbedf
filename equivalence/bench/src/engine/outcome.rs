//! When two outcomes are the same.

use crate::slots::{Judged, Outcome};
use wire::prime::Prime;
use wire::{Effect, Record};

/// What one version did with one case: an outcome, or a panic.
pub(super) type Ran = Result<Outcome, String>;

/// Whether both effects say the same; tokens only count.
fn same_effect(one: &Effect<Prime>, other: &Effect<Prime>) -> bool {
    match (one, other) {
        (Effect::Persist { record: one, .. }, Effect::Persist { record: other, .. }) => {
            one == other
        }
        _ => one == other,
    }
}

/// Whether tokens count up from 1.
fn tokens_count(effects: &[Effect<Prime>]) -> bool {
    let tokens = effects.iter().filter_map(|effect| match effect {
        Effect::Persist { token, .. } => Some(*token),
        _ => None,
    });
    (1..).zip(tokens).all(|(expected, token)| expected == token)
}

/// What keeps its order: updates that are executed, and messages that are logged as held, which a
/// restart takes in the order written.
fn in_order(effects: &[Effect<Prime>]) -> impl Iterator<Item = &Effect<Prime>> {
    let ordered = |effect: &&Effect<Prime>| {
        let logged = matches!(effect, Effect::Persist { record: Record::Held(_), .. });
        logged || matches!(effect, Effect::Executed { .. })
    };
    effects.iter().filter(ordered)
}

/// Whether two sequences hold the same effects in the same order; tokens only count.
fn equally_ordered(one: &[Effect<Prime>], other: &[Effect<Prime>]) -> bool {
    in_order(one).zip(in_order(other)).all(|(one, other)| same_effect(one, other))
}

/// Whether both are the same multiset, with what keeps its order in the same and tokens that count.
fn same_effects(one: &[Effect<Prime>], other: &[Effect<Prime>]) -> bool {
    if one == other {
        return true;
    }
    if one.len() != other.len() || tokens_count(one) != tokens_count(other) {
        return false;
    }
    let mut left: Vec<&Effect<Prime>> = other.iter().collect();
    let all_there = one.iter().all(|effect| {
        let at = left.iter().position(|candidate| same_effect(effect, candidate));
        at.is_some_and(|at| {
            left.swap_remove(at);
            true
        })
    });
    all_there && equally_ordered(one, other) && keeps_promises(one) == keeps_promises(other)
}

/// Whether every promise is logged before it is sent.
pub(super) fn keeps_promises(effects: &[Effect<Prime>]) -> bool {
    effects.iter().enumerate().all(|(at, effect)| {
        let Effect::Persist { record: Record::Promise(promised), .. } = effect else { return true };
        let sent = |effect: &Effect<Prime>| {
            matches!(effect, Effect::Send { body, .. } if body == promised)
        };
        !effects[..at].iter().any(sent)
    })
}

/// Whether two versions did the same. All panics are alike.
pub(super) fn same(slot: &dyn Judged, one: &Ran, other: &Ran) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => {
            let states = match (&one.state, &other.state) {
                (Some(one), Some(other)) => slot.cases().same(&**one, &**other),
                _ => true,
            };
            states
                && one.output.same(&*other.output)
                && one.service == other.service
                && same_effects(&one.effects, &other.effects)
        }
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::prime::{Body, Commit};
    use wire::{Digest, Effects, Reject, ReplicaId, Seq, To, View};

    fn vote(seq: u64) -> Body {
        Commit { view: View(0), seq: Seq(seq), digest: Digest::default() }.into()
    }

    fn effects(make: impl FnOnce(&mut Effects<Prime>)) -> Vec<Effect<Prime>> {
        let mut effects = Effects::default();
        make(&mut effects);
        effects.drain()
    }

    #[test]
    fn the_order_of_independent_effects_does_not_count() {
        let one = effects(|e| {
            e.promise(To::All, vote(1));
            e.promise(To::All, vote(2));
            e.reject(None, Reject::Stale);
        });
        let other = effects(|e| {
            e.reject(None, Reject::Stale);
            e.promise(To::All, vote(2));
            e.promise(To::All, vote(1));
        });
        assert!(same_effects(&one, &other));
        assert!(!same_effects(&one, &other[..4]));
        let twice = effects(|e| {
            e.reject(None, Reject::Stale);
            e.promise(To::All, vote(2));
            e.promise(To::All, vote(2));
        });
        assert!(!same_effects(&one, &twice));
    }

    #[test]
    fn a_promise_comes_before_its_message() {
        let promised = effects(|e| e.promise(To::All, vote(1)));
        let mut late = promised.clone();
        late.reverse();
        assert!(keeps_promises(&promised) && !keeps_promises(&late));
        assert!(!same_effects(&promised, &late));
    }

    #[test]
    fn executions_keep_their_order_and_tokens_count() {
        let client = wire::ClientId(1);
        let executed = |index| Effect::Executed { index, client, update: Digest::default() };
        let (one, two) = (executed(1), executed(2));
        assert!(!same_effects(&[one.clone(), two.clone()], &[two, one]));
        let record = Record::Promise(vote(1));
        let persist = |token| Effect::Persist { token, record: record.clone() };
        assert!(!same_effects(&[persist(1)], &[persist(2)]));
        assert!(same_effects(&[], &[]));
        let to = |id| Effect::<Prime>::Reject { from: Some(ReplicaId(id)), reason: Reject::Full };
        assert!(!same_effects(&[to(1)], &[to(2)]));
    }
}
