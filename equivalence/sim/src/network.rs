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
        Self { links, size, parameters, rng }
    }

    /// When a message sent now arrives: never, once or twice.
    pub(crate) fn route(&mut self, now: u64, from: ReplicaId, to: ReplicaId) -> [Option<u64>; 2] {
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

    /// Breaks some links until [`Network::mend`].
    pub(crate) fn part(&mut self) {
        let size = self.size;
        let kind = self.rng.below(4);
        let alone = self.rng.index(size);
        let side: Vec<bool> = (0..size).map(|_| self.rng.chance(500_000)).collect();
        for from in 0..size {
            for to in 0..size {
                let blocked = match kind {
                    0 => side[from] != side[to],
                    1 => from == alone || to == alone,
                    2 => side[from] && !side[to],
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
