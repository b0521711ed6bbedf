//! Both shapes, and the functions are as they were.
use slots::slot;

/// Counts up.
#[slot(count.on_tick)]
pub fn on_tick(state: &mut u64, by: u64) {
    *state += by;
}

#[slot(count.twice)]
/// Doubles.
pub fn twice(value: u64) -> u64 {
    2 * value
}

fn main() {
    let mut state = 1;
    on_tick(&mut state, 2);
    assert_eq!(twice(state), 6);
}
