//! A view is preinstalled: own broadcasts begin, and what came early is looked at.

use crate::broadcast::{Effects, State, Tag, advance};
use slots::slot;
use wire::prime::{Payload, RbInit};
use wire::{Config, To, View};

/// Begins the broadcasts of `view`.
///
/// Requires: `view` is above `state.view`.
///
/// First [`State::enter`]; so `retransmit_at` stays. Then each of `payloads` (none, if the view is installed without a view
/// change; the Report first otherwise) is promised to all as an RbInit of `view`, numbered from 0:
/// `Persist`, `Send`, `Persist`, `Send`, ascending. Then [`advance`] for every entry of `view`,
/// ascending.
///
/// A log may end within these promises. Then the Report is there, and says how many entries there
/// were; none of those that are missing has left. The caller makes them again, under the numbers that
/// are missing, from the certificates in the log (`order::pc_set`, above the Report's `executed`), logs
/// them as promises, and adds them to `promised` before [`resume`](super::resume).
///
/// Invariant: at most one Init per own tag, also across restarts.
/// Paper: 5.3, "State Dissemination Phase". Deviation: none.
#[slot(broadcast.start)]
pub fn start(
    state: &mut State,
    config: &Config,
    view: View,
    payloads: Vec<Payload>,
    effects: &mut Effects,
) {
    assert!(view > state.view, "views are preinstalled in ascending order");
    state.enter(view);
    for (seq, payload) in (0u32..).zip(payloads) {
        effects.promise(To::All, RbInit { view, seq, payload });
    }
    let early = state.instances.keys().take_while(|tag| tag.view == view);
    for tag in early.copied().collect::<Vec<Tag>>() {
        advance(state, config, tag, effects);
    }
}
