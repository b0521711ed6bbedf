//! How often the lives of others are heeded.

use crate::rejoin::{Other, Others, RENEWAL, beyond, born_of_loss};
use wire::prime::{LIFE, Matrix, PoAruConflict};
use wire::{Config, PoSeq, ReplicaId, Time};

/// No life of anybody was executed.
pub(super) fn nothing(config: &Config, me: ReplicaId) -> Others {
    Others { me, list: vec![Other::default(); config.size()], again_at: Time(0) }
}

/// A number was executed whose `matrix` follows `preceding`, and left `prefix`.
pub(super) fn executed(
    others: &mut Others,
    config: &Config,
    (preceding, matrix): (&Matrix, &Matrix),
    prefix: &[PoSeq],
) {
    for id in born_of_loss(config, preceding, matrix) {
        begins(others, config, id, matrix.acknowledged(id, id), prefix);
    }
}

/// A state was taken over, from others or from the log, in which `prefix` was executed. A life that its
/// `preceding` matrix shows may be younger than the one that it hides; both are over at once then. What
/// is still owed to whoever began it is not known: its life may have begun just before.
pub(super) fn restored(others: &mut Others, config: &Config, preceding: &Matrix, prefix: &[PoSeq]) {
    for id in config.replicas() {
        let life = preceding.acknowledged(id, id);
        if life >= LIFE && life > others.list[id.index()].life {
            begins(others, config, id, life, prefix);
        }
    }
}

/// The life `life` of `id` begins with what left `prefix`. An odd one was begun for the sake of others, who
/// owe it nothing.
fn begins(others: &mut Others, config: &Config, id: ReplicaId, life: PoSeq, prefix: &[PoSeq]) {
    let other = &mut others.list[id.index()];
    other.life = life;
    if id != others.me && life.0.is_multiple_of(2) {
        other.until = other.until.max(beyond(config, prefix[others.me.index()]));
    }
}

/// Against whom nothing is held any more at `now`: those whose new life is to be heeded.
pub(super) fn pardons(others: &mut Others, config: &Config, now: Time) -> Vec<ReplicaId> {
    let lives = config.replicas().zip(&mut others.list);
    let heeded = lives.filter(|(_, other)| other.life > other.pardoned && now >= other.pardon_at);
    let heeded = heeded.map(|(id, other)| {
        other.pardoned = other.life;
        other.pardon_at = now.after(config.timing.renewal);
        id
    });
    heeded.collect()
}

/// Whether `proof` takes a row of a life that is over for a contradiction.
pub(super) fn void(others: &Others, proof: &PoAruConflict) -> bool {
    let signer = proof.first.signer.index();
    let Some(other) = others.list.get(signer) else { return false };
    let rows = [&proof.first.body.vec, &proof.second.body.vec];
    let own = rows.map(|row| row.get(signer).copied().unwrap_or_default());
    own.iter().any(|own| *own < other.pardoned)
}

/// Whether one's own numbers, executed up to `executed`, should be passed over now for somebody's
/// sake; `announced` says that this was said already and is not ordered yet.
pub(super) fn renews(
    others: &mut Others,
    config: &Config,
    now: Time,
    executed: PoSeq,
    announced: bool,
) -> bool {
    let due = renew_at(others, executed, announced).is_some_and(|at| at <= now);
    if due {
        others.again_at = now.after(RENEWAL * config.timing.retransmit);
    }
    if due && !announced {
        for other in others.list.iter_mut().filter(|other| executed < other.until) {
            other.renew_at = now.after(config.timing.renewal);
        }
    }
    due
}

/// When that is to be asked next, if at all.
pub(super) fn renew_at(others: &Others, executed: PoSeq, announced: bool) -> Option<Time> {
    let waiting = others.list.iter().filter(|other| executed < other.until);
    let first = waiting.map(|other| other.renew_at).min()?;
    Some(if announced { others.again_at } else { first })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Digest;

    const LONG: u64 = 60_000_000;

    fn others() -> (Config, Others) {
        let mut config = Config::new(Digest::default(), 4, 1, 0);
        (config.windows.preorder, config.timing.renewal) = (8, LONG);
        let others = nothing(&config, ReplicaId(1));
        (config, others)
    }

    #[test]
    fn numbers_are_passed_over_once_for_the_sake_of_each_server_in_a_long_time() {
        let (config, mut others) = others();
        let mut life = LIFE;
        let mut begins = |others: &mut Others, id, executed| {
            life = PoSeq(life.0 + 2);
            begins(others, &config, ReplicaId(id), life, &[PoSeq(executed); 4]);
        };
        let renews = |others: &mut Others, at, executed| {
            renews(others, &config, Time(at), PoSeq(executed), false)
        };
        assert!(!renews(&mut others, 1, 3), "for whom?");
        begins(&mut others, 4, 3);
        assert_eq!(renew_at(&others, PoSeq(3), false), Some(Time(0)));
        assert!(renews(&mut others, 10, 3));
        assert!(renew_at(&others, PoSeq(11), false).is_none(), "they are passed");
        // A second life has to wait, another server's has not, and helps both.
        begins(&mut others, 4, 11);
        assert!(!renews(&mut others, 1_000, 11));
        assert_eq!(renew_at(&others, PoSeq(11), false), Some(Time(10 + LONG)));
        begins(&mut others, 3, 11);
        assert!(renews(&mut others, 2_000, 11));
        begins(&mut others, 4, 19);
        assert!(!renews(&mut others, 10 + LONG, 19));
        assert!(renews(&mut others, 2_000 + LONG, 19));
    }

    #[test]
    fn a_life_that_was_announced_is_said_again_whatever_was_heeded_when() {
        let (config, mut others) = others();
        begins(&mut others, &config, ReplicaId(2), PoSeq(LIFE.0 + 2), &[PoSeq(0); 4]);
        assert!(renews(&mut others, &config, Time(5), PoSeq(0), false));
        let again = 5 + RENEWAL * config.timing.retransmit;
        assert!(!renews(&mut others, &config, Time(again - 1), PoSeq(0), true));
        assert!(renews(&mut others, &config, Time(again), PoSeq(0), true));
    }

    #[test]
    fn a_new_life_is_a_pardon_once_in_a_long_time() {
        let (config, mut others) = others();
        let traitor = ReplicaId(3);
        begins(&mut others, &config, traitor, PoSeq(LIFE.0 + 2), &[PoSeq(0); 4]);
        assert_eq!(pardons(&mut others, &config, Time(7)), [traitor]);
        assert!(pardons(&mut others, &config, Time(8)).is_empty(), "once");
        begins(&mut others, &config, traitor, PoSeq(LIFE.0 + 4), &[PoSeq(0); 4]);
        assert!(pardons(&mut others, &config, Time(6 + LONG)).is_empty());
        assert_eq!(pardons(&mut others, &config, Time(7 + LONG)), [traitor]);
    }
}
