//! What is still to happen, by time and, within one moment, in the order in which it was planned.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// When, as the how manieth that was planned, and where the event is. No two have one number.
type Entry = (u64, u64, u32);

/// The future. Unit of time: microseconds.
pub(crate) struct Queue<E> {
    heap: BinaryHeap<Reverse<Entry>>,
    /// The heap moves its entries about, so what is large is kept here.
    events: Vec<Option<E>>,
    free: Vec<u32>,
    planned: u64,
    /// The time of what happened last.
    now: u64,
    /// What was planned for that very time since it came, by number: the heap need not sort it.
    soon: VecDeque<(u64, E)>,
}

impl<E> Queue<E> {
    pub(crate) fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            events: Vec::new(),
            free: Vec::new(),
            planned: 0,
            now: 0,
            soon: VecDeque::new(),
        }
    }

    pub(crate) fn push(&mut self, at: u64, event: E) {
        self.planned += 1;
        assert!(at >= self.now, "nothing is planned for the past");
        if at == self.now {
            return self.soon.push_back((self.planned, event));
        }
        let place = match self.free.pop() {
            Some(place) => {
                self.events[place as usize] = Some(event);
                place
            }
            None => {
                self.events.push(Some(event));
                u32::try_from(self.events.len() - 1).expect("so many do not fit into memory")
            }
        };
        self.heap.push(Reverse((at, self.planned, place)));
    }

    pub(crate) fn pop(&mut self) -> Option<(u64, E)> {
        let top = self.heap.peek().map(|Reverse((at, number, _))| (*at, *number));
        let first = self.soon.front().map(|(number, _)| (self.now, *number));
        if first.is_some_and(|first| top.is_none_or(|top| first < top)) {
            return self.soon.pop_front().map(|(_, event)| (self.now, event));
        }
        let Reverse((at, _, place)) = self.heap.pop()?;
        self.now = at;
        self.free.push(place);
        let event = self.events[place as usize].take().expect("each place is in one entry");
        Some((at, event))
    }

    /// How many events were ever planned.
    pub(crate) fn planned(&self) -> u64 {
        self.planned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_one_moment_keep_their_order() {
        let mut queue = Queue::new();
        for (at, name) in [(5, 'c'), (1, 'a'), (5, 'd'), (1, 'b')] {
            queue.push(at, name);
        }
        let order: String = std::iter::from_fn(|| queue.pop()).map(|(_, name)| name).collect();
        assert_eq!(order, "abcd");
        assert_eq!(queue.planned(), 4);
    }

    #[test]
    fn what_is_planned_for_now_comes_after_what_was_planned_for_it_before() {
        let mut queue = Queue::new();
        for (at, name) in [(5, 'a'), (5, 'b'), (6, 'e')] {
            queue.push(at, name);
        }
        assert_eq!(queue.pop(), Some((5, 'a')));
        for (at, name) in [(5, 'c'), (6, 'f'), (5, 'd')] {
            queue.push(at, name);
        }
        let order: String = std::iter::from_fn(|| queue.pop()).map(|(_, name)| name).collect();
        assert_eq!(order, "bcdef");
    }
}
