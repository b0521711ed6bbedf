//! Work on all processors.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What the first thread of a program has, too: a version is to meet the same on every thread.
/// Unit: bytes.
const STACK: usize = 8 << 20;

/// Does `count` pieces of work, each by its number, on as many threads as there are processors, and
/// returns what came of them in their order. Pieces are begun in their order too.
pub(crate) fn spread<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    if processors.min(count) < 2 {
        return (0..count).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(count));
    thread::scope(|scope| {
        let busy = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    break;
                }
                let piece = work(number);
                done.lock().expect("nobody panics while adding").push((number, piece));
            }
        };
        for _ in 0..processors.min(count) {
            let thread = thread::Builder::new().stack_size(STACK);
            thread.spawn_scoped(scope, busy).expect("a few threads can be started");
        }
    });
    let mut done = done.into_inner().expect("nobody panicked while adding");
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, piece)| piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_back_in_their_order() {
        let squares = spread(100, |number| {
            if number % 7 == 0 {
                thread::yield_now();
            }
            number * number
        });
        assert_eq!(squares, (0..100).map(|number| number * number).collect::<Vec<_>>());
        assert!(spread(0, |number| number).is_empty());
    }
}
