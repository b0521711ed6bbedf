//! *Life announcer*: pretends to lose its log, again and again.
//!
//! Its rows have a new even life (`prime::rejoin`) every [`PERIOD`]. Nobody can tell that from a server
//! that did lose its log, so the life is ordered, and every idle server passes over numbers of its own,
//! lest somebody acknowledge anew what he forgot. Whatever its clients ask meanwhile stands in a number
//! that is passed over, is originated again, and takes as long once more: BOUNDED-DELAY (report, section
//! 6) is lost, though no leader is slow. A life also ends what its signer was convicted of.
//!
//! A leader that is slow it does not hurry: it asks for nothing and reports nothing.
//!
//! Against it stands that lives are ordered but seldom heeded: for each server once in `timing.renewal`.

use super::{Adversary, Saying, Turn};
use wire::prime::{Body, LIFE, PoAru, Prime};
use wire::{List, PoSeq, Time, To};

/// Between two lives. Unit: microseconds.
const PERIOD: u64 = 100_000;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct LifeAnnouncer {
    life: PoSeq,
    /// What its core said last.
    truth: Vec<PoSeq>,
    at: Time,
}

impl LifeAnnouncer {
    fn row(&mut self, turn: &Turn<'_, Prime>) -> PoAru {
        self.truth.resize(turn.config.size(), PoSeq(0));
        let mut vec = self.truth.clone();
        vec[turn.me.index()] = self.life;
        PoAru { vec: List::new(vec).expect("N entries") }
    }
}

impl Adversary<Prime> for LifeAnnouncer {
    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        match saying {
            Saying::Own(Body::PoAru(truth)) => {
                self.truth = truth.vec.to_vec();
                let row = self.row(turn);
                turn.say_own(to, row);
            }
            Saying::Own(Body::ProofMatrix(_) | Body::TatMeasure(_) | Body::NewLeader(_)) => {}
            saying => turn.say(to, saying),
        }
    }

    fn deadline(&self) -> Option<Time> {
        Some(self.at)
    }

    fn wakes(&mut self, turn: &mut Turn<'_, Prime>) {
        self.at = turn.now.after(PERIOD);
        // Clocks never go back, also where a replica starts anew.
        self.life = PoSeq(LIFE.0 + 2 * turn.now.0);
        let row = self.row(turn);
        turn.say_own(To::All, row);
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(self.clone())
    }
}
