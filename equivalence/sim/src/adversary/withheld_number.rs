//! *Withheld number*: the leader keeps one early Pre-Prepare of its view back and sends all others.
//!
//! Nothing above the gap can be executed (report, section 4.1: in order), while the later proposals
//! are as fresh as can be. Against it stands that a measurement ends only with a Pre-Prepare of a
//! *gap-free* prefix of the view, so number n+2 ends nothing while n+1 is missing.

use super::proposals::pre_prepare;
use super::{Adversary, Saying, Turn};
use wire::prime::Prime;
use wire::{Seq, To, View};

/// See the module.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WithheldNumber {
    /// Of the view that is led now, or was last.
    withheld: Option<(View, Seq)>,
}

impl Adversary<Prime> for WithheldNumber {
    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        let place = pre_prepare(turn.me, &saying).map(|proposal| (proposal.view, proposal.seq));
        let Some((view, seq)) = place else { return turn.say(to, saying) };
        if self.withheld.is_none_or(|(known, _)| known != view) {
            self.withheld = Some((view, Seq(seq.0 + turn.rng.below(4))));
        }
        if self.withheld != Some((view, seq)) {
            turn.say(to, saying);
        } else if turn.receivers(to).contains(&turn.me) {
            turn.say(To::One(turn.me), saying);
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(*self)
    }
}
