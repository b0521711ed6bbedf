//! Another view is on its way.

use crate::order::State;
use slots::slot;
use wire::View;

/// Ends voting in the installed view: `state.preinstalled` becomes `view`, and `early` (what was kept of
/// another view) and `promised` (what [`resume`](super::resume) would say again) become empty. Nothing
/// else changes. Emits nothing.
///
/// Votes that were promised before stand, and certificates of the installed view may still come
/// together.
///
/// Requires: `view` is above `state.preinstalled`.
///
/// Invariant: no Pre-Prepare, Prepare or Commit of a view below the preinstalled one is made anew.
/// Paper: 5.3, "State Dissemination Phase". Deviation: none.
#[slot(order.preinstall)]
pub fn preinstall(state: &mut State, view: View) {
    assert!(view > state.preinstalled, "views are preinstalled in ascending order");
    state.preinstalled = view;
    state.early.clear();
    state.promised.clear();
}
