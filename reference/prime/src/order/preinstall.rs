//! Another view is on its way.

use crate::order::State;
use slots::slot;
use wire::View;

/// Ends voting in the installed view: `state.preinstalled` becomes `view`, which is above it, and
/// what was kept `early` of another view is dropped. Emits nothing.
///
/// What was promised before stands, and certificates of the installed view may still come together.
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
