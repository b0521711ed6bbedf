//! The links between replicas: which message arrives when, if at all.

use crate::parameters::Links;
use crate::rng::Rng;
use wire::ReplicaId;

struct Link {
    /// Least time on the way. Unit: microseconds.
    latency: u64,
    /// When the last message arrives, for links that keep order.
    last: u64,
    blocked: bool,
}

/// All links of one cluster.
pub(crate) struct Network {
    links: Vec<Link>,
    /// By replica: when its uplink has sent all that it was given.
    uplinks: Vec<u64>,
    size: usize,
    parameters: Links,
    rng: Rng,
}

impl Network {
    pub(crate) fn new(size: usize, parameters: Links, mut rng: Rng) -> Self {
        let (low, high) = parameters.latency;
        let links = (0..size * size)
            .map(|_| Link { latency: rng.range(low..=high), last: 0, blocked: false })
            .collect();
        Self { links, uplinks: vec![0; size], size, parameters, rng }
    }

    /// When the uplink of `from` has sent `bytes` that it was given at `now`, if it takes them.
    fn upload(&mut self, now: u64, from: ReplicaId, bytes: u64) -> Option<u64> {
        let Links { uplink, uplink_queue, .. } = self.parameters;
        if uplink == 0 {
            return Some(now);
        }
        let free = &mut self.uplinks[from.index()];
        let begins = now.max(*free);
        if begins - now > uplink_queue {
            return None;
        }
        *free = begins + bytes * 1_000_000 / uplink;
        Some(*free)
    }

    /// When a message of `bytes` that is sent at `now` arrives: never, once or twice.
    pub(crate) fn route(
        &mut self,
        now: u64,
        from: ReplicaId,
        to: ReplicaId,
        bytes: u64,
    ) -> [Option<u64>; 2] {
        let Some(now) = self.upload(now, from, bytes) else { return [None, None] };
        let Links { jitter, in_order, lost, doubled, straggles, straggle_us, .. } = self.parameters;
        let rng = &mut self.rng;
        let link = &mut self.links[from.index() * self.size + to.index()];
        if link.blocked || rng.chance(lost) {
            return [None, None];
        }
        let mut arrival = |rng: &mut Rng| {
            let held_up = if rng.chance(straggles) { rng.below(straggle_us) } else { 0 };
            let at = now + link.latency + rng.below(jitter + 1) + held_up;
            link.last = link.last.max(at);
            if in_order { link.last } else { at }
        };
        let first = Some(arrival(rng));
        let second = if rng.chance(doubled) { Some(arrival(rng)) } else { None };
        [first, second]
    }

    /// Breaks some links until [`Network::mend`]: both ways, or one way only.
    pub(crate) fn part(&mut self) {
        let size = self.size;
        let kind = self.rng.below(6);
        let alone = self.rng.index(size);
        let side: Vec<bool> = (0..size).map(|_| self.rng.chance(500_000)).collect();
        for from in 0..size {
            for to in 0..size {
                let blocked = match kind {
                    0 => side[from] != side[to],
                    1 => from == alone || to == alone,
                    2 => side[from] && !side[to],
                    3 => to == alone,
                    4 => from == alone,
                    _ => self.rng.chance(300_000),
                };
                self.links[from * size + to].blocked = blocked && from != to;
            }
        }
    }

    /// Mends every broken link.
    pub(crate) fn mend(&mut self) {
        self.links.iter_mut().for_each(|link| link.blocked = false);
    }

    /// Ends all faults; latency and jitter stay.
    pub(crate) fn calm(&mut self) {
        self.mend();
        let links = &mut self.parameters;
        (links.lost, links.doubled, links.straggles) = (0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::{Faults, Parameters};

    const ONE: ReplicaId = ReplicaId(1);
    const TWO: ReplicaId = ReplicaId(2);

    /// Two replicas, 100 us apart, nothing lost.
    fn network(uplink: u64, uplink_queue: u64) -> Network {
        let calm = Parameters::of_seed(1, 4, 0, Faults::None).links;
        let links = Links { latency: (100, 100), jitter: 0, uplink, uplink_queue, ..calm };
        Network::new(2, links, Rng::new(1))
    }

    #[test]
    fn an_uplink_sends_one_message_after_the_other_and_drops_what_would_wait_too_long() {
        let mut network = network(1_000_000, 1_500);
        let mut arrivals = |bytes| network.route(10, ONE, TWO, bytes)[0];
        assert_eq!(arrivals(1_000), Some(1_110));
        assert_eq!(arrivals(1_000), Some(2_110));
        assert_eq!(arrivals(1), None);
        assert_eq!(network.route(10, TWO, ONE, 1_000)[0], Some(1_110));
    }

    #[test]
    fn without_a_limit_all_leave_at_once() {
        let mut network = network(0, 0);
        assert_eq!(network.route(10, ONE, TWO, 1_000_000)[0], Some(110));
        assert_eq!(network.route(10, ONE, TWO, 1_000_000)[0], Some(110));
    }

    #[test]
    fn some_partitions_break_one_direction_only() {
        let mut network = network(0, 0);
        let mut one_way = 0;
        for _ in 0..100 {
            network.part();
            let there = network.route(0, ONE, TWO, 1)[0].is_some();
            let back = network.route(0, TWO, ONE, 1)[0].is_some();
            one_way += u32::from(there != back);
            network.mend();
            assert!(network.route(0, ONE, TWO, 1)[0].is_some());
        }
        assert!(one_way > 20);
    }
}
