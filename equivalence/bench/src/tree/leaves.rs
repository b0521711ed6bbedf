//! Nodes with nothing inside.

use super::{Hand, Pools, Tree};
use prime::pre_order::{Content, Relation};
use wire::monitoring::Monitoring;
use wire::{Blob, ClientId, ClientSeq, Digest, PoSeq, Point, ReplicaId, Seq, Time, View};

/// Ways to make a number smaller.
const SMALLER: usize = 3;

fn smaller(step: usize, number: u64) -> u64 {
    match step {
        0 => 0,
        1 => number / 2,
        _ => number.saturating_sub(1),
    }
}

/// Plain numbers.
macro_rules! numbers {
    ($($number:ty),*) => { $(
        impl Tree for $number {
            fn is_empty(&self) -> bool {
                *self == 0
            }

            fn change(&mut self, hand: &mut Hand<'_>) {
                let old = u64::try_from(*self).unwrap_or(u64::MAX);
                *self = Self::try_from(hand.number(old)).unwrap_or(Self::MAX);
            }

            fn steps(&self) -> usize {
                if *self == 0 { 0 } else { SMALLER }
            }

            fn lessen(&mut self, step: usize, _hand: &Hand<'_>) {
                let old = u64::try_from(*self).unwrap_or(u64::MAX);
                *self = Self::try_from(smaller(step, old)).unwrap_or(Self::MAX);
            }
        }
    )* };
}

numbers!(u8, u16, u32, u64, usize);

/// Numbers with a type of their own: often another one that was met is more telling than a near one.
macro_rules! counters {
    ($($counter:ident by $number:ident),*) => { $(
        impl Tree for $counter {
            fn is_empty(&self) -> bool {
                self.0 == 0
            }

            fn collect(&self, pools: &mut Pools) {
                pools.offer(self);
            }

            fn change(&mut self, hand: &mut Hand<'_>) {
                let often = hand.rng.percent(30);
                let met = if often { hand.counter(self.0, |other: &Self| other.0) } else { None };
                *self = met.unwrap_or_else(|| Self(hand.$number(self.0)));
            }

            fn steps(&self) -> usize {
                self.0.steps()
            }

            fn lessen(&mut self, step: usize, _hand: &Hand<'_>) {
                self.0 = smaller(step, self.0);
            }
        }
    )* };
}

counters!(View by number, Seq by number, PoSeq by number, ClientSeq by number, Time by time);

impl Tree for ReplicaId {
    fn is_empty(&self) -> bool {
        false
    }

    /// Another replica; where anything may be said, now and then a stranger.
    fn change(&mut self, hand: &mut Hand<'_>) {
        let size = u64::from(hand.config.n);
        let stranger = hand.hostile && hand.rng.percent(10);
        let id = if stranger { size + 1 } else { 1 + hand.rng.below(size) };
        self.0 = u16::try_from(id).unwrap_or(u16::MAX);
    }

    fn steps(&self) -> usize {
        usize::from(self.0 > 1)
    }

    fn lessen(&mut self, _step: usize, _hand: &Hand<'_>) {
        self.0 = 1;
    }
}

impl Tree for ClientId {
    fn is_empty(&self) -> bool {
        false
    }

    fn collect(&self, pools: &mut Pools) {
        pools.offer(self);
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        if let Some(other) = hand.met() {
            *self = other;
        }
    }
}

impl Tree for Digest {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn collect(&self, pools: &mut Pools) {
        pools.offer(self);
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        let met = if hand.rng.percent(80) { hand.met() } else { None };
        *self = met.unwrap_or_else(|| Self::of("bench", &hand.rng.draw().to_le_bytes()));
    }
}

impl Tree for Point {
    fn is_empty(&self) -> bool {
        false
    }

    fn collect(&self, pools: &mut Pools) {
        pools.offer(self);
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        let met = if hand.rng.percent(80) { hand.met() } else { None };
        *self = met.unwrap_or_else(|| Self([hand.rng.draw().to_le_bytes()[0]; 48]));
    }
}

impl Tree for bool {
    fn is_empty(&self) -> bool {
        !self
    }

    fn change(&mut self, _hand: &mut Hand<'_>) {
        *self = !*self;
    }

    fn steps(&self) -> usize {
        usize::from(*self)
    }

    fn lessen(&mut self, _step: usize, _hand: &Hand<'_>) {
        *self = false;
    }
}

impl Tree for String {
    fn is_empty(&self) -> bool {
        Self::is_empty(self)
    }
}

impl Tree for Monitoring {
    fn is_empty(&self) -> bool {
        false
    }
}

impl Tree for Relation {
    fn is_empty(&self) -> bool {
        *self == Self::Same
    }
}

/// A content's digest goes with its body: it is exchanged as a whole.
impl Tree for Content {
    fn is_empty(&self) -> bool {
        false
    }

    fn same(&self, other: &Self) -> bool {
        let (one, another) = (&*self.body, &*other.body);
        self.digest == other.digest && (std::ptr::eq(one, another) || one == another)
    }

    fn collect(&self, pools: &mut Pools) {
        pools.offer(self);
        self.digest.collect(pools);
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        if let Some(other) = hand.met() {
            *self = other;
        }
    }
}

impl<const MAX: usize> Tree for Blob<MAX> {
    fn is_empty(&self) -> bool {
        (**self).is_empty()
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        let mut bytes = self.to_vec();
        let at = hand.rng.index(bytes.len());
        match (bytes.get_mut(at), hand.rng.below(4)) {
            (Some(byte), 0..=1) => *byte ^= 1 << hand.rng.below(8),
            (Some(_), 2) => bytes.truncate(at),
            _ => bytes.extend([0; 8]),
        }
        bytes.truncate(MAX);
        *self = Self::new(bytes).expect("no longer than its cap");
    }

    fn steps(&self) -> usize {
        if (**self).is_empty() { 0 } else { 2 }
    }

    fn lessen(&mut self, step: usize, _hand: &Hand<'_>) {
        let length = if step == 0 { self.len() / 2 } else { self.len().saturating_sub(1) };
        *self = Self::new(self[..length].to_vec()).expect("shorter than before");
    }
}
