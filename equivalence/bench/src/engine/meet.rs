//! Meets inputs that were found once, before all that are made.

use super::{Engine, Origin};
use crate::case::Case;
use std::sync::PoisonError;

impl Engine<'_> {
    /// Meets the inputs that are kept of this slot. What does not fit it any more is passed over: whoever
    /// asked is told by [`crate::Registry::stale`].
    pub(super) fn meet_kept(&mut self) {
        let (plan, slot) = (self.plan, self.voters.slot);
        for kept in plan.kept.iter().filter(|kept| kept.slot == slot.facts().name) {
            if let Ok(case) = slot.had(&kept.input) {
                self.origin = Origin::Kept(kept.name.clone());
                self.odd(Some(&case));
                self.one(0, &case);
            }
        }
        self.origin = Origin::Made;
        self.odd(None);
    }

    /// Notes a case that no position stands for.
    pub(super) fn odd(&self, case: Option<&Case>) {
        *self.odd.lock().unwrap_or_else(PoisonError::into_inner) = case.cloned();
    }
}
