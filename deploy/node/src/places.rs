//! Places for connections: a bounded number, of which nobody can hold all.
//!
//! A connection takes a place in somebody's name: that of the address it came from while it is a
//! stranger, that of a client once it has introduced itself. Nobody waits for one. Where a name has all
//! that it may have, its oldest connection gives up its place; where all places are taken, the oldest
//! of the name that has most. So idle connections keep nobody out, and many from one address only
//! each other.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The places of one port. `K` is a name.
pub(crate) struct Places<K> {
    most: usize,
    most_of_one: usize,
    held: Mutex<Held<K>>,
}

/// A place's number, and what is dropped to take it away.
type Entry = (u64, oneshot::Sender<()>);

struct Held<K> {
    /// Oldest first. No name without a place.
    by_name: BTreeMap<K, VecDeque<Entry>>,
    count: usize,
    next: u64,
}

/// A place. Dropping it gives it back.
pub(crate) struct Place<K: Copy + Ord> {
    places: Arc<Places<K>>,
    name: K,
    number: u64,
    lost: oneshot::Receiver<()>,
}

impl<K: Copy + Ord> Places<K> {
    /// `most` places, of which one name holds at most `most_of_one`. Both are at least 1.
    pub(crate) fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        assert!(most > 0 && most_of_one > 0, "a newcomer always gets a place");
        let held = Mutex::new(Held { by_name: BTreeMap::new(), count: 0, next: 0 });
        Arc::new(Self { most, most_of_one, held })
    }

    /// A place for `name`, at whose expense ever.
    pub(crate) fn take(self: &Arc<Self>, name: K) -> Place<K> {
        let mut held = self.lock();
        if held.by_name.get(&name).is_some_and(|entries| entries.len() >= self.most_of_one) {
            held.take_oldest(name);
        } else if held.count >= self.most {
            let lengths = held.by_name.iter().map(|(name, entries)| (entries.len(), *name));
            if let Some((_, most)) = lengths.max() {
                held.take_oldest(most);
            }
        }
        let number = held.next;
        let (keep, lost) = oneshot::channel();
        held.next += 1;
        held.count += 1;
        held.by_name.entry(name).or_default().push_back((number, keep));
        Place { places: Arc::clone(self), name, number, lost }
    }

    fn lock(&self) -> MutexGuard<'_, Held<K>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Ord> Held<K> {
    fn take_oldest(&mut self, name: K) {
        let oldest = self.by_name.get(&name).and_then(|entries| entries.front());
        if let Some(number) = oldest.map(|(number, _)| *number) {
            self.remove(name, number);
        }
    }

    fn remove(&mut self, name: K, number: u64) {
        let Some(entries) = self.by_name.get_mut(&name) else { return };
        if let Some(at) = entries.iter().position(|(held, _)| *held == number) {
            entries.remove(at);
            self.count -= 1;
        }
        if entries.is_empty() {
            self.by_name.remove(&name);
        }
    }
}

impl<K: Copy + Ord> Place<K> {
    /// Returns when the place was taken away: the connection has to end.
    pub(crate) async fn is_lost(&mut self) {
        // Nothing is ever sent; the other end is dropped.
        let _ = (&mut self.lost).await;
    }
}

impl<K: Copy + Ord> Drop for Place<K> {
    fn drop(&mut self) {
        self.places.lock().remove(self.name, self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_lost(place: &mut Place<u8>) -> bool {
        !matches!(place.lost.try_recv(), Err(oneshot::error::TryRecvError::Empty))
    }

    #[test]
    fn a_newcomer_takes_the_place_of_the_oldest_of_its_own_name() {
        let places = Places::new(10, 2);
        let [mut first, mut second, mut third] = [7, 7, 7].map(|name| places.take(name));
        let mut other = places.take(8);
        assert_eq!(
            [&mut first, &mut second, &mut third, &mut other].map(is_lost),
            [true, false, false, false]
        );
        // Its end frees nothing more.
        drop(first);
        drop(second);
        let mut fourth = places.take(7);
        assert_eq!([&mut third, &mut fourth].map(is_lost), [false, false]);
    }

    #[test]
    fn where_all_is_taken_the_name_that_has_most_makes_room() {
        let places = Places::new(4, 3);
        let mut many = [1, 1, 1].map(|name| places.take(name));
        let mut few = places.take(2);
        let mut newcomer = places.take(3);
        assert_eq!(many.each_mut().map(is_lost), [true, false, false]);
        assert_eq!([&mut few, &mut newcomer].map(is_lost), [false, false]);
        assert_eq!(places.lock().count, 4);
        drop((many, few, newcomer));
        let held = places.lock();
        assert_eq!((held.count, held.by_name.len()), (0, 0));
    }
}
