//! *Silent leader*: proposes nothing, and is otherwise correct.
//!
//! The plainest attack on performance (report, section 3): a protocol that only counts votes waits
//! for ever. Against it stands Suspect-Leader (4.2): a Proof-Matrix that no Pre-Prepare covers
//! counts at its age, so a leader who says nothing has a large turn-around time and not none. The
//! same leader sends no Replay (5.3), against which stands the measurement that begins with the
//! first VC-Proof.

use super::proposals::{pre_prepare, replay};
use super::{Adversary, Saying, Turn};
use wire::To;
use wire::prime::Prime;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct SilentLeader;

impl Adversary<Prime> for SilentLeader {
    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        let leads = pre_prepare(turn.me, &saying).is_some() || replay(turn.me, &saying).is_some();
        if !leads {
            turn.say(to, saying);
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(*self)
    }
}
