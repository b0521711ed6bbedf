//! First the payloads as a work list of Inits, then the tags that came early as one of advances.

use prime::broadcast::{Effects, State, Tag, advance};
use wire::prime::{Payload, RbInit};
use wire::{Config, To, View};

/// Begins the broadcasts of `view`.
pub fn start(
    state: &mut State,
    config: &Config,
    view: View,
    payloads: Vec<Payload>,
    effects: &mut Effects,
) {
    // Of a view that was entered before, also before a restart, everything was said that may be.
    if view <= state.view {
        return;
    }
    state.enter(view);
    for (seq, payload) in (0..=u32::MAX).zip(payloads) {
        effects.promise(To::All, RbInit { view, seq, payload });
    }
    let early: Vec<Tag> =
        state.instances.keys().copied().filter(|tag| tag.view == view).collect();
    for tag in early {
        advance(state, config, tag, effects);
    }
}
