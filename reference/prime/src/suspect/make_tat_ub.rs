//! A server announces how slow anybody could find it.

use crate::suspect::{Effects, State, alpha};
use slots::slot;
use wire::prime::TatUb;
use wire::{Config, To};

/// Announces [`alpha`] of `state.tats_if_leader` if it is below `state.announced`, which is infinite
/// while none was announced.
///
/// Then `announced` becomes it and the TAT-UB (view, alpha) is emitted as `Send` to `To::All`.
/// Otherwise nothing happens.
///
/// Paper: 4.2, Figure 4, C1 to C4. Deviation: sent when it falls; said again by `say_again`.
///
/// Invariant: within a view what is announced only falls.
#[slot(suspect.make_tat_ub)]
pub fn make_tat_ub(state: &mut State, config: &Config, effects: &mut Effects) {
    let alpha = alpha(config, &state.tats_if_leader);
    if alpha < state.announced {
        state.announced = alpha;
        effects.send(To::All, TatUb { view: state.view, alpha });
    }
}
