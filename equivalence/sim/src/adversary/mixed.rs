//! *Mixed*: every other adversary in turn, each for a short while, in an order that chance decides.
//!
//! Goes where no single one comes: a liar whose lies are replayed, a leader that withholds now and
//! equivocates in the next view.

use super::{Adversary, Saying, Turn};
use wire::{Input, Protocol, Reply, Time, To};

/// Shortest and longest stay of one. Unit: microseconds.
const STAY: (u64, u64) = (20_000, 400_000);

/// See the module.
pub(super) struct Mixed<P: Protocol> {
    all: Vec<Box<dyn Adversary<P>>>,
    current: usize,
    until: Option<Time>,
}

impl<P: Protocol> Mixed<P> {
    /// Of `all`, of which there must be one.
    pub(super) fn new(all: Vec<Box<dyn Adversary<P>>>) -> Self {
        assert!(!all.is_empty());
        Self { all, current: 0, until: None }
    }

    fn choose(&mut self, turn: &mut Turn<'_, P>) {
        self.current = turn.rng.index(self.all.len());
        self.until = Some(turn.now.after(turn.rng.range(STAY.0..=STAY.1)));
    }
}

impl<P: Protocol> Adversary<P> for Mixed<P> {
    fn hears(&mut self, turn: &mut Turn<'_, P>, input: Input<P>) {
        if self.until.is_none() {
            self.choose(turn);
        }
        self.all[self.current].hears(turn, input);
    }

    fn says(&mut self, turn: &mut Turn<'_, P>, to: To, saying: Saying<P>) {
        self.all[self.current].says(turn, to, saying);
    }

    fn answers(&mut self, turn: &mut Turn<'_, P>, reply: Reply) {
        self.all[self.current].answers(turn, reply);
    }

    fn deadline(&self) -> Option<Time> {
        self.until.into_iter().chain(self.all[self.current].deadline()).min()
    }

    fn wakes(&mut self, turn: &mut Turn<'_, P>) {
        if self.until.is_some_and(|until| until <= turn.now) {
            self.choose(turn);
        }
        let current = &mut self.all[self.current];
        if current.deadline().is_some_and(|at| at <= turn.now) {
            current.wakes(turn);
        }
    }

    fn fork(&self) -> Box<dyn Adversary<P>> {
        let all = self.all.iter().map(|one| one.fork()).collect();
        Box::new(Self { all, current: self.current, until: self.until })
    }
}
