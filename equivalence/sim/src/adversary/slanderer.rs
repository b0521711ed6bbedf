//! *Slanderer*: wants a correct leader replaced (report, section 4.2, Property 4.2).
//!
//! It votes for the next leader all the time, reports a turn-around time without end, says of itself
//! that nobody could find it slow, and of everybody that there is no way between them. The order
//! statistics are against it: TAT_leader is the (f+k+1)-th lowest report, TAT_acceptable the Q-th lowest
//! bound, alpha the Q-th lowest of what others find, and a view takes Q votes. So what f liars say
//! stands for nothing unless correct servers said nearly the same.

use super::{Adversary, Saying, Turn};
use wire::prime::{Body, NewLeader, Prime, RttMeasure, TatMeasure, TatUb};
use wire::{To, View};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slanderer;

impl Adversary<Prime> for Slanderer {
    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        match saying {
            Saying::Own(Body::TatUb(it)) => turn.say_own(to, TatUb { alpha: 0, ..it }),
            Saying::Own(Body::RttMeasure(it)) => turn.say_own(to, RttMeasure { rtt: 0, ..it }),
            Saying::Own(Body::TatMeasure(_)) => {}
            Saying::Own(Body::RttPing(ping)) => {
                let view = ping.view;
                turn.say_own(to, ping);
                turn.say_own(To::All, TatMeasure { view, tat: u64::MAX });
                turn.say_own(To::All, NewLeader { view: View(view.0 + 1) });
            }
            said => turn.say(to, said),
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(*self)
    }
}
