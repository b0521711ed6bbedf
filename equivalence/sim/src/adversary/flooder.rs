//! *Flooder*: messages of every kind, without pause, about everything, near and far.
//!
//! Aimed at memory and at processors: numbers at the far end, views that never come, digests of
//! nothing, questions that nobody can answer. Against it stand the windows, which hang on what
//! the receiver executed, "one a sender" wherever votes are kept, and the limits on answers
//! (design: *Bounds*; the report has none). Among the flood are votes for new leaders, impossible
//! latencies and turn-around times, against which stand the order statistics of Suspect-Leader
//! (report, 4.2): of f extreme values none decides.

use super::anything::{Place, anything};
use super::{Adversary, Saying, Turn};
use wire::prime::Prime;
use wire::{Input, Time, To};

/// Time between two bursts. Unit: microseconds.
const PERIOD: u64 = 3_000;

/// Messages in a burst.
const BURST: u64 = 8;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Flooder {
    place: Place,
    next: Option<Time>,
}

impl Adversary<Prime> for Flooder {
    fn hears(&mut self, turn: &mut Turn<'_, Prime>, input: Input<Prime>) {
        self.next.get_or_insert_with(|| turn.now.after(PERIOD));
        turn.hear(input);
    }

    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        if let Saying::Own(body) = &saying {
            self.place.note(body);
        }
        turn.say(to, saying);
    }

    fn deadline(&self) -> Option<Time> {
        self.next
    }

    fn wakes(&mut self, turn: &mut Turn<'_, Prime>) {
        self.next = Some(turn.now.after(PERIOD));
        for _ in 0..BURST {
            let body = anything(turn, &self.place);
            turn.say_own(To::Others, body);
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(self.clone())
    }
}
