//! The slot is a method.
use slots::slot;

struct State(u64);

impl State {
    /// Adds one.
    #[slot(count.add)]
    pub fn add(&mut self) {
        self.0 += 1;
    }
}

fn main() {
    State(0).add();
}
