//! *One server*: the leader shows its Pre-Prepares, and its Replays, to one server alone.
//!
//! The attack of report, section 4.2, "Pre-Prepare Flooding": a leader that is prompt towards one
//! server and silent towards the rest. Against it stands flooding: whoever accepts a Pre-Prepare
//! passes it on, so all have it one latency later, and a leader gains nothing but load for others.

use super::proposals::{pre_prepare, replay};
use super::{Adversary, Saying, Turn};
use wire::To;
use wire::prime::Prime;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct OneServer;

impl Adversary<Prime> for OneServer {
    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        let led = pre_prepare(turn.me, &saying).map(|proposal| proposal.view);
        let led = led.or_else(|| replay(turn.me, &saying).map(|replay| replay.constraint.view));
        let Some(view) = led else { return turn.say(to, saying) };
        let others = turn.others();
        let chosen = usize::try_from(view.0).unwrap_or_default() % others.len();
        for receiver in turn.receivers(to) {
            if receiver == turn.me || receiver == others[chosen] {
                turn.say(To::One(receiver), saying.clone());
            }
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(*self)
    }
}
