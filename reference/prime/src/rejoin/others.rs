//! What a server remembers of the lives of others, and how often it heeds them.

use crate::rejoin::{RENEWAL, beyond, born_of_loss};
use borsh::BorshSerialize;
use wire::prime::{LIFE, Matrix, PoAruConflict};
use wire::{Config, PoSeq, ReplicaId, Time};

/// The lives of one server, as far as they were executed here.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
struct Other {
    /// The last one that it began because it lost its log.
    life: PoSeq,
    /// A row below this life proves nothing against it.
    pardoned: PoSeq,
    /// When a newer life is heeded in that.
    pardon_at: Time,
    /// Until one's own numbers have passed this one it does not acknowledge them all.
    until: PoSeq,
    /// When one's own numbers may be passed over for its sake.
    renew_at: Time,
}

/// The lives of all servers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Others {
    me: ReplicaId,
    /// By server (shape `[n]`).
    list: Vec<Other>,
    /// When a life of one's own that was announced for others is said again.
    again_at: Time,
}

impl Others {
    pub(super) fn new(config: &Config, me: ReplicaId) -> Self {
        Self { me, list: vec![Other::default(); config.size()], again_at: Time(0) }
    }

    /// A number was executed whose `matrix` follows `preceding`, and left `prefix`.
    pub(super) fn executed(
        &mut self,
        config: &Config,
        (preceding, matrix): (&Matrix, &Matrix),
        prefix: &[PoSeq],
    ) {
        for id in born_of_loss(config, preceding, matrix) {
            self.begins(config, id, matrix.acknowledged(id, id), prefix);
        }
    }

    /// A state was taken over, from others or from the log, in which `prefix` was executed. A life that its
    /// `preceding` matrix shows may be younger than the one that it hides; both are over at once then. What
    /// is still owed to whoever began it is not known: its life may have begun just before.
    pub(super) fn restored(&mut self, config: &Config, preceding: &Matrix, prefix: &[PoSeq]) {
        for id in config.replicas() {
            let life = preceding.acknowledged(id, id);
            if life >= LIFE && life > self.list[id.index()].life {
                self.begins(config, id, life, prefix);
            }
        }
    }

    /// An odd life was begun for the sake of others, who owe it nothing.
    fn begins(&mut self, config: &Config, id: ReplicaId, life: PoSeq, prefix: &[PoSeq]) {
        let other = &mut self.list[id.index()];
        other.life = life;
        if id != self.me && life.0.is_multiple_of(2) {
            other.until = other.until.max(beyond(config, prefix[self.me.index()]));
        }
    }

    /// Against whom nothing is held any more at `now`: those whose new life is to be heeded.
    pub(super) fn pardons(&mut self, config: &Config, now: Time) -> Vec<ReplicaId> {
        let lives = config.replicas().zip(&mut self.list);
        let heeded =
            lives.filter(|(_, other)| other.life > other.pardoned && now >= other.pardon_at);
        let heeded = heeded.map(|(id, other)| {
            other.pardoned = other.life;
            other.pardon_at = now.after(config.timing.renewal);
            id
        });
        heeded.collect()
    }

    /// Whether `proof` takes a row of a life that is over for a contradiction.
    pub(super) fn void(&self, proof: &PoAruConflict) -> bool {
        let signer = proof.first.signer.index();
        let Some(other) = self.list.get(signer) else { return false };
        let rows = [&proof.first.body.vec, &proof.second.body.vec];
        let own = rows.map(|row| row.get(signer).copied().unwrap_or_default());
        own.iter().any(|own| *own < other.pardoned)
    }

    /// Whether one's own numbers, executed up to `executed`, should be passed over now for somebody's
    /// sake; `announced` says that this was said already and is not ordered yet.
    pub(super) fn renews(
        &mut self,
        config: &Config,
        now: Time,
        executed: PoSeq,
        announced: bool,
    ) -> bool {
        let due = self.renew_at(executed, announced).is_some_and(|at| at <= now);
        if due {
            self.again_at = now.after(RENEWAL * config.timing.retransmit);
        }
        if due && !announced {
            for other in self.list.iter_mut().filter(|other| executed < other.until) {
                other.renew_at = now.after(config.timing.renewal);
            }
        }
        due
    }

    /// When that is to be asked next, if at all.
    pub(super) fn renew_at(&self, executed: PoSeq, announced: bool) -> Option<Time> {
        let waiting = self.list.iter().filter(|other| executed < other.until);
        let first = waiting.map(|other| other.renew_at).min()?;
        Some(if announced { self.again_at } else { first })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Digest;

    const LONG: u64 = 60_000_000;

    fn others() -> (Config, Others) {
        let mut config = Config::new(Digest::default(), 4, 1, 0);
        (config.windows.preorder, config.timing.renewal) = (8, LONG);
        let others = Others::new(&config, ReplicaId(1));
        (config, others)
    }

    #[test]
    fn numbers_are_passed_over_once_for_the_sake_of_each_server_in_a_long_time() {
        let (config, mut others) = others();
        let mut life = LIFE;
        let mut begins = |others: &mut Others, id, executed| {
            life = PoSeq(life.0 + 2);
            others.begins(&config, ReplicaId(id), life, &[PoSeq(executed); 4]);
        };
        let renews = |others: &mut Others, at, executed| {
            others.renews(&config, Time(at), PoSeq(executed), false)
        };
        assert!(!renews(&mut others, 1, 3), "for whom?");
        begins(&mut others, 4, 3);
        assert_eq!(others.renew_at(PoSeq(3), false), Some(Time(0)));
        assert!(renews(&mut others, 10, 3));
        assert!(others.renew_at(PoSeq(11), false).is_none(), "they are passed");
        // A second life has to wait, another server's has not, and helps both.
        begins(&mut others, 4, 11);
        assert!(!renews(&mut others, 1_000, 11));
        assert_eq!(others.renew_at(PoSeq(11), false), Some(Time(10 + LONG)));
        begins(&mut others, 3, 11);
        assert!(renews(&mut others, 2_000, 11));
        begins(&mut others, 4, 19);
        assert!(!renews(&mut others, 10 + LONG, 19));
        assert!(renews(&mut others, 2_000 + LONG, 19));
    }

    #[test]
    fn a_life_that_was_announced_is_said_again_whatever_was_heeded_when() {
        let (config, mut others) = others();
        others.begins(&config, ReplicaId(2), PoSeq(LIFE.0 + 2), &[PoSeq(0); 4]);
        assert!(others.renews(&config, Time(5), PoSeq(0), false));
        let again = 5 + RENEWAL * config.timing.retransmit;
        assert!(!others.renews(&config, Time(again - 1), PoSeq(0), true));
        assert!(others.renews(&config, Time(again), PoSeq(0), true));
    }

    #[test]
    fn a_new_life_is_a_pardon_once_in_a_long_time() {
        let (config, mut others) = others();
        let traitor = ReplicaId(3);
        others.begins(&config, traitor, PoSeq(LIFE.0 + 2), &[PoSeq(0); 4]);
        assert_eq!(others.pardons(&config, Time(7)), [traitor]);
        assert!(others.pardons(&config, Time(8)).is_empty(), "once");
        others.begins(&config, traitor, PoSeq(LIFE.0 + 4), &[PoSeq(0); 4]);
        assert!(others.pardons(&config, Time(6 + LONG)).is_empty());
        assert_eq!(others.pardons(&config, Time(7 + LONG)), [traitor]);
    }
}
