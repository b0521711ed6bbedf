//! What ordering asks its own state.

use super::{OrderSlot, State};
use wire::{Seq, View};

impl State {
    /// The slot for something about `seq` of `view`: of those that count now for the installed
    /// view, of those kept early for the preinstalled one, made if need be; none for other views.
    pub fn slot_of(&mut self, view: View, seq: Seq) -> Option<&mut OrderSlot> {
        if view == self.view {
            Some(self.slots.entry(seq).or_default())
        } else if view == self.preinstalled {
            Some(self.early.entry(seq).or_default())
        } else {
            None
        }
    }

    /// Whether `seq`, above `ordered`, is `committed` with a Pre-Prepare of another view than `view`:
    /// then nothing that is said about it in `view` counts here, nor speaks against who says it.
    #[must_use]
    pub fn ordered_elsewhere(&self, view: View, seq: Seq) -> bool {
        let slot = self.slots.get(&seq).filter(|slot| slot.committed);
        let proposal = slot.and_then(|slot| slot.pre_prepare.as_ref());
        proposal.is_some_and(|proposal| proposal.body().view != view)
    }
}
