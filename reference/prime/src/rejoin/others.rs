//! How often the lives of others are heeded.

use crate::rejoin::{Other, Others, Own, RENEWAL, beyond, born_of_loss};
use wire::prime::{LIFE, Matrix, PoAruConflict};
use wire::{Config, PoSeq, ReplicaId, Time};

/// No life of anybody was executed.
pub(super) fn nothing(config: &Config, me: ReplicaId) -> Others {
    Others { me, list: vec![Other::default(); config.size()], again_at: Time(0), held: None }
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

/// Whether one's own numbers should be passed over now for somebody's sake.
pub(super) fn renews(others: &mut Others, config: &Config, now: Time, own: Own) -> bool {
    let held = others.held.filter(|(at, _)| *at == own.executed);
    others.held = (!own.idle).then(|| held.unwrap_or((own.executed, now)));
    let due = renew_at(others, config, own).is_some_and(|at| at <= now);
    if due {
        others.again_at = now.after(RENEWAL * config.timing.retransmit);
    }
    if due && !own.announced {
        for other in others.list.iter_mut().filter(|other| own.executed < other.until) {
            other.renew_at = now.after(config.timing.renewal);
        }
        others.held = others.held.map(|(at, _)| (at, now));
    }
    due
}

/// When that is to be asked next, if at all.
pub(super) fn renew_at(others: &Others, config: &Config, own: Own) -> Option<Time> {
    let first = if own.idle {
        let waiting = others.list.iter().filter(|other| own.executed < other.until);
        waiting.map(|other| other.renew_at).min()?
    } else {
        let (_, since) = others.held.filter(|(at, _)| *at == own.executed)?;
        let lost = others.list.iter().any(|other| other.life > PoSeq(0));
        let long = config.timing.renewal.max(RENEWAL * config.timing.retransmit);
        lost.then(|| since.after(long))?
    };
    Some(if own.announced { others.again_at } else { first })
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

    fn idle(executed: u64) -> Own {
        Own { executed: PoSeq(executed), idle: true, announced: false }
    }

    #[test]
    fn numbers_are_passed_over_once_for_the_sake_of_each_server_in_a_long_time() {
        let (config, mut others) = others();
        let mut life = LIFE;
        let mut begins = |others: &mut Others, id, executed| {
            life = PoSeq(life.0 + 2);
            begins(others, &config, ReplicaId(id), life, &[PoSeq(executed); 4]);
        };
        let renews =
            |others: &mut Others, at, executed| renews(others, &config, Time(at), idle(executed));
        assert!(!renews(&mut others, 1, 3), "for whom?");
        begins(&mut others, 4, 3);
        assert_eq!(renew_at(&others, &config, idle(3)), Some(Time(0)));
        assert!(renews(&mut others, 10, 3));
        assert!(renew_at(&others, &config, idle(11)).is_none(), "they are passed");
        // A second life has to wait, another server's has not, and helps both.
        begins(&mut others, 4, 11);
        assert!(!renews(&mut others, 1_000, 11));
        assert_eq!(renew_at(&others, &config, idle(11)), Some(Time(10 + LONG)));
        begins(&mut others, 3, 11);
        assert!(renews(&mut others, 2_000, 11));
        begins(&mut others, 4, 19);
        assert!(!renews(&mut others, 10 + LONG, 19));
        assert!(renews(&mut others, 2_000 + LONG, 19));
    }

    #[test]
    fn a_number_that_is_held_up_for_long_is_passed_over_if_anybody_ever_lost_its_log() {
        let (config, mut others) = others();
        let busy = |executed| Own { idle: false, ..idle(executed) };
        let renews = |others: &mut Others, at, own| renews(others, &config, Time(at), own);
        assert!(!renews(&mut others, 1, busy(3)));
        assert!(!renews(&mut others, 1 + LONG, busy(3)), "nobody lost its log");
        begins(&mut others, &config, ReplicaId(4), PoSeq(LIFE.0 + 2), &[PoSeq(0); 4]);
        assert_eq!(renew_at(&others, &config, busy(3)), Some(Time(1 + LONG)));
        // One's own numbers are beyond all that is known to be owed.
        assert!(!renews(&mut others, 2 + LONG, busy(9)), "they go on");
        assert_eq!(renew_at(&others, &config, busy(9)), Some(Time(2 + 2 * LONG)));
        assert!(!renews(&mut others, 1 + 2 * LONG, busy(9)));
        assert!(renews(&mut others, 2 + 2 * LONG, busy(9)));
        assert!(!renews(&mut others, 1 + 3 * LONG, busy(9)), "not all the time");
        let announced = Own { announced: true, ..busy(9) };
        let again = 2 + 2 * LONG + RENEWAL * config.timing.retransmit;
        assert_eq!(renew_at(&others, &config, announced), Some(Time(again)));
        assert!(!renews(&mut others, 3 + 3 * LONG, idle(9)), "nothing is under way");
        assert_eq!(others.held, None);
    }

    #[test]
    fn a_life_that_was_announced_is_said_again_whatever_was_heeded_when() {
        let (config, mut others) = others();
        begins(&mut others, &config, ReplicaId(2), PoSeq(LIFE.0 + 2), &[PoSeq(0); 4]);
        assert!(renews(&mut others, &config, Time(5), idle(0)));
        let announced = Own { announced: true, ..idle(0) };
        let again = 5 + RENEWAL * config.timing.retransmit;
        assert!(!renews(&mut others, &config, Time(again - 1), announced));
        assert!(renews(&mut others, &config, Time(again), announced));
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
