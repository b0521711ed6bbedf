//! Nodes that hold others: options, sequences, sets and maps.

use super::{Hand, Pools, Tree};
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use wire::{Config, List, Reject, ReplicaId};

/// Items of one sequence, or entries of one map, that are made smaller one by one.
const LOOKED_AT: usize = 64;

impl<T: Tree> Tree for Option<T> {
    fn is_empty(&self) -> bool {
        self.is_none()
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(other)) => one.same(other),
            (None, None) => true,
            _ => false,
        }
    }

    fn size(&self) -> usize {
        self.as_ref().map_or(0, |held| 1 + held.size())
    }

    fn lines(&self, path: &str, lines: &mut Vec<String>) {
        match self {
            Some(held) if held.is_empty() => lines.push(format!("{path}: {held:?}")),
            Some(held) => held.lines(path, lines),
            None => {}
        }
    }

    fn collect(&self, pools: &mut Pools) {
        self.iter().for_each(|held| held.collect(pools));
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        match self {
            Some(held) if hand.rng.percent(75) => held.change(hand),
            Some(_) => *self = None,
            None => *self = hand.met(),
        }
    }

    fn steps(&self) -> usize {
        self.as_ref().map_or(0, |held| 1 + held.steps())
    }

    fn lessen(&mut self, step: usize, hand: &Hand<'_>) {
        match (self.as_mut(), step.checked_sub(1)) {
            (Some(held), Some(step)) => held.lessen(step, hand),
            _ => *self = None,
        }
    }

    fn sign_as(&mut self, signer: ReplicaId, hand: &Hand<'_>) {
        self.iter_mut().for_each(|held| held.sign_as(signer, hand));
    }

    fn fits(&self, config: &Config) -> bool {
        self.as_ref().is_none_or(|held| held.fits(config))
    }
}

impl<T: Tree, E: Tree> Tree for Result<T, E> {
    fn is_empty(&self) -> bool {
        self.is_err()
    }

    /// What a refusal says in words does not count.
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Ok(one), Ok(other)) => one.same(other),
            (Err(one), Err(other)) => (one as &dyn Any).is::<String>() || one.same(other),
            _ => false,
        }
    }

    fn reason(&self) -> Option<Reject> {
        (self.as_ref().err()? as &dyn Any).downcast_ref().copied()
    }
}

impl Tree for Reject {
    fn is_empty(&self) -> bool {
        false
    }
}

impl<T: Tree> Tree for Box<T> {
    fn is_empty(&self) -> bool {
        (**self).is_empty()
    }

    fn same(&self, other: &Self) -> bool {
        (**self).same(other)
    }

    fn collect(&self, pools: &mut Pools) {
        (**self).collect(pools);
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        (**self).change(hand);
    }

    fn steps(&self) -> usize {
        (**self).steps()
    }

    fn lessen(&mut self, step: usize, hand: &Hand<'_>) {
        (**self).lessen(step, hand);
    }
}

/// One item more, less, twice, elsewhere, in another's place, or changed; or as many as decide something.
/// A sequence with one item for each server keeps its length, unless it was `said`: then it may as well
/// be all servers' votes.
fn change_items<T: Tree>(items: &mut Vec<T>, hand: &mut Hand<'_>, said: bool) {
    let fixed = items.len() == hand.config.size();
    let at = hand.rng.index(items.len());
    match hand.rng.below(if fixed { 9 } else { 12 }) {
        0..6 if at < items.len() => items[at].change(hand),
        6 if at < items.len() => {
            let other = hand.rng.index(items.len());
            items.swap(at, other);
        }
        7 if at < items.len() => items[at] = items[hand.rng.index(items.len())].clone(),
        8 if said => as_many_as_decide(items, hand),
        _ if fixed => {}
        9 if at < items.len() => drop(items.remove(at)),
        10 if at < items.len() => items.insert(at, items[at].clone()),
        _ => items.extend(hand.met::<T>()),
    }
}

/// No more than about as many as decide something; sometimes as many with one of them twice, so that they
/// are of fewer servers.
fn as_many_as_decide<T: Tree>(items: &mut Vec<T>, hand: &mut Hand<'_>) {
    items.truncate(enough(hand).max(1));
    if hand.rng.percent(50)
        && let Some(again) = items.first().cloned()
    {
        items.push(again);
    }
}

/// About as many as decide something.
fn enough(hand: &mut Hand<'_>) -> usize {
    let (quorum, correct) = (hand.config.quorum(), hand.config.one_correct());
    hand.rng.choose([correct - 1, correct, quorum - 2, quorum - 1, quorum])
}

/// How many items are taken away one by one.
fn removable<T>(items: &[T], hand_size: usize) -> usize {
    if items.len() == hand_size { 0 } else { items.len().min(LOOKED_AT) }
}

/// Halves (two ways), then one item less, then items that are less.
fn item_steps<T: Tree>(items: &[T]) -> usize {
    let inner: usize = items.iter().take(LOOKED_AT).map(Tree::steps).sum();
    2 + items.len().min(LOOKED_AT) + inner
}

fn lessen_items<T: Tree>(items: &mut Vec<T>, step: usize, hand: &Hand<'_>) {
    let alone = removable(items, hand.config.size());
    let all = items.len().min(LOOKED_AT);
    if step < 2 {
        if alone > 0 {
            let half = items.len() / 2;
            if step == 0 { items.truncate(half) } else { drop(items.drain(..half)) }
        }
    } else if step < 2 + all {
        if alone > 0 {
            items.remove(step - 2);
        }
    } else {
        let mut step = step - 2 - all;
        for item in items.iter_mut().take(LOOKED_AT) {
            let steps = item.steps();
            if step < steps {
                return item.lessen(step, hand);
            }
            step -= steps;
        }
    }
}

fn item_lines<'a, T: Tree>(
    items: impl Iterator<Item = &'a T>,
    path: &str,
    lines: &mut Vec<String>,
) {
    for (index, item) in items.enumerate() {
        item.lines(&format!("{path}[{}]", index + 1), lines);
    }
}

macro_rules! sequence {
    ([$($parameters:tt)*] $type:ty, said: $said:literal, $make:expr) => {
        impl<$($parameters)*> Tree for $type {
            fn is_empty(&self) -> bool {
                self.iter().all(Tree::is_empty)
            }

            fn same(&self, other: &Self) -> bool {
                self.len() == other.len() && self.iter().zip(other.iter()).all(|(a, b)| a.same(b))
            }

            fn size(&self) -> usize {
                self.iter().map(|item| 1 + item.size()).sum()
            }

            fn lines(&self, path: &str, lines: &mut Vec<String>) {
                item_lines(self.iter(), path, lines);
            }

            fn collect(&self, pools: &mut Pools) {
                self.iter().for_each(|item| item.collect(pools));
            }

            fn change(&mut self, hand: &mut Hand<'_>) {
                let mut items: Vec<T> = self.iter().cloned().collect();
                change_items(&mut items, hand, $said);
                *self = $make(items);
            }

            fn steps(&self) -> usize {
                if self.len() == 0 { return 0 }
                item_steps(&self.iter().take(LOOKED_AT).cloned().collect::<Vec<T>>())
            }

            fn lessen(&mut self, step: usize, hand: &Hand<'_>) {
                let mut items: Vec<T> = self.iter().cloned().collect();
                lessen_items(&mut items, step, hand);
                *self = $make(items);
            }
        }
    };
}

sequence!([T: Tree] Vec<T>, said: false, |items| items);
sequence!([T: Tree] VecDeque<T>, said: false, VecDeque::from);
sequence!([T: Tree, const MAX: usize] List<T, MAX>, said: true, |items: Vec<T>| {
    List::take(&mut items.into_iter())
});

impl<T: Tree + Ord> Tree for BTreeSet<T> {
    fn is_empty(&self) -> bool {
        Self::is_empty(self)
    }

    fn size(&self) -> usize {
        self.len()
    }

    fn collect(&self, pools: &mut Pools) {
        self.iter().for_each(|item| item.collect(pools));
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        let at = hand.rng.index(self.len());
        let one = self.iter().nth(at).cloned();
        if let Some(one) = one.filter(|_| hand.rng.percent(50)) {
            self.remove(&one);
        } else {
            let mut another = ReplicaId(1);
            another.change(hand);
            let id = (&another as &dyn Any).downcast_ref::<T>().cloned();
            self.extend(id.or_else(|| hand.met()));
        }
    }

    fn steps(&self) -> usize {
        self.len().min(LOOKED_AT)
    }

    fn lessen(&mut self, step: usize, _hand: &Hand<'_>) {
        if let Some(one) = self.iter().nth(step).cloned() {
            self.remove(&one);
        }
    }
}

impl<K: Tree + Ord, V: Tree> Tree for BTreeMap<K, V> {
    fn is_empty(&self) -> bool {
        Self::is_empty(self)
    }

    fn same(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().zip(other).all(|(one, other)| one.0 == other.0 && one.1.same(other.1))
    }

    fn size(&self) -> usize {
        self.values().map(|value| 1 + value.size()).sum()
    }

    fn lines(&self, path: &str, lines: &mut Vec<String>) {
        for (key, value) in self {
            let path = format!("{path}[{key:?}]");
            if value.is_empty() {
                lines.push(format!("{path}: nothing in it"));
            }
            value.lines(&path, lines);
        }
    }

    fn collect(&self, pools: &mut Pools) {
        for (key, value) in self {
            key.collect(pools);
            value.collect(pools);
        }
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        let at = hand.rng.index(self.len());
        let one = self.iter().nth(at).map(|(key, value)| (key.clone(), value.clone()));
        match (one, hand.rng.below(10)) {
            (Some((key, _)), 0..5) => {
                if let Some(value) = self.get_mut(&key) {
                    value.change(hand);
                }
            }
            (Some((key, _)), 5..7) => drop(self.remove(&key)),
            (Some((key, value)), 7) => {
                let mut other = key;
                other.change(hand);
                self.insert(other, value);
            }
            (one, _) => fill(self, one, hand),
        }
    }

    fn steps(&self) -> usize {
        let inner: usize = self.values().take(LOOKED_AT).map(Tree::steps).sum();
        if Self::is_empty(self) { 0 } else { 1 + self.len().min(LOOKED_AT) + inner }
    }

    fn lessen(&mut self, step: usize, hand: &Hand<'_>) {
        let Some(step) = step.checked_sub(1) else { return self.clear() };
        let all = self.len().min(LOOKED_AT);
        if step < all {
            if let Some(key) = self.keys().nth(step).cloned() {
                self.remove(&key);
            }
            return;
        }
        let mut step = step - all;
        for value in self.values_mut().take(LOOKED_AT) {
            let steps = value.steps();
            if step < steps {
                return value.lessen(step, hand);
            }
            step -= steps;
        }
    }
}

/// Lets some servers, about as many as decide something, say the same; other maps get an entry.
fn fill<K: Tree + Ord, V: Tree>(
    map: &mut BTreeMap<K, V>,
    one: Option<(K, V)>,
    hand: &mut Hand<'_>,
) {
    let Some(value) = one.map(|(_, value)| value).or_else(|| hand.met()) else { return };
    let (config, enough) = (hand.config, enough(hand));
    let first = hand.rng.index(config.size());
    for turn in 0..config.size() {
        let id = ReplicaId::from_index((first + turn) % config.size());
        let Some(key) = (&id as &dyn Any).downcast_ref::<K>().cloned() else { break };
        if map.len() < enough {
            let mut value = value.clone();
            value.sign_as(id, hand);
            map.entry(key).or_insert(value);
        }
    }
    if let Some(key) = hand.met() {
        map.entry(key).or_insert(value);
    }
}
