//! Who changes trees: chance, the values met elsewhere, the cluster's numbers, and everybody's keys.

use super::{Pools, Tree};
use crate::rng::Rng;
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::MAX_REPLAY;
use wire::stub::Stub;
use wire::{Config, Signable, Signer, Verified};

/// Changes values of one cluster.
pub(crate) struct Hand<'a> {
    pub(crate) rng: Rng,
    pub(crate) config: &'a Config,
    pools: &'a Pools,
    context: Context,
    /// Whether arguments are changed, and not a state.
    pub(crate) arguments: bool,
    /// Whether what is changed was said by somebody, and so may be anything of the right shape.
    pub(crate) hostile: bool,
}

impl<'a> Hand<'a> {
    pub(crate) fn new(config: &'a Config, pools: &'a Pools, rng: Rng) -> Self {
        Self {
            rng,
            config,
            pools,
            context: Context::from(config),
            arguments: false,
            hostile: false,
        }
    }

    /// `body` as `signer` signs it.
    pub(crate) fn sign<T: Signable>(&self, signer: T::Signer, body: T) -> Verified<T> {
        let keys = Signer::new(self.context.clone(), Arc::new(Stub(signer.into())));
        keys.sign_all(signer, vec![body]).pop().expect("one body, one message")
    }

    /// A value of this type that was met in the cluster, if there is one.
    pub(crate) fn met<T: Tree>(&mut self) -> Option<T> {
        let pools = self.pools;
        pools.draw(&mut self.rng)
    }

    /// A number near `old`; in arguments also one at which something may be decided, the greatest, or any.
    pub(crate) fn number(&mut self, old: u64) -> u64 {
        self.any(old, self.arguments)
    }

    /// A time near `old`. No clock of one's own comes to the end of all times: only what is said does.
    pub(crate) fn time(&mut self, old: u64) -> u64 {
        self.any(old, self.hostile)
    }

    /// A number near `old`, or `far`.
    fn any(&mut self, old: u64, far: bool) -> u64 {
        let few = 1 + self.rng.below(4);
        match self.rng.below(if far { 22 } else { 16 }) {
            0 => 0,
            1 => old / 2,
            2..8 => old.saturating_add(1),
            8..11 => old.saturating_sub(1),
            11..13 => old.saturating_add(few),
            13 => old.saturating_sub(few),
            // Shares and caps are such numbers.
            14 | 15 => {
                let power = 1 << (4 + self.rng.below(5));
                self.rng.near(power)
            }
            16 => u64::MAX,
            17..19 => old.saturating_add(self.edge()),
            19 => old.saturating_sub(self.edge()),
            20 => u64::MAX - few,
            // Of any length: some overflow only together with others.
            _ => self.rng.draw() >> self.rng.below(u64::from(u64::BITS)),
        }
    }

    /// How far something may be away, or one less or more.
    fn edge(&mut self) -> u64 {
        let windows = &self.config.windows;
        let edges = [
            windows.order,
            16 * windows.order,
            windows.preorder,
            windows.checkpoint,
            windows.client,
            self.config.timing.retransmit,
            self.config.quorum() as u64,
            MAX_REPLAY as u64,
        ];
        let edge = self.rng.choose(edges);
        self.rng.near(edge)
    }

    /// A counter that was met, unless it is so far from `old` that nobody here could have come upon it.
    pub(crate) fn counter<T: Tree>(&mut self, old: u64, number: impl Fn(&T) -> u64) -> Option<T> {
        let near = |other: &T| number(other).abs_diff(old) < 1 << 16;
        self.met().filter(|other| self.hostile || near(other))
    }
}
