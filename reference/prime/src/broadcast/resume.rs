//! After a restart: what was promised is said again.

use crate::broadcast::{Effects, State, Tag, advance};
use slots::slot;
use wire::prime::{RbEcho, RbReady};
use wire::{Config, To};

/// Says again what the log promised. Called once, after the log was read, and only if the view is
/// not installed yet: otherwise nobody waits for it.
///
/// Each Init in `promised`, ascending, is emitted as `Send` to `To::All`, and `promised` is
/// emptied. Then for each entry of `state.view`, ascending: the Echo it `echoed`, then the Ready it
/// `readied`, as `Send` to `To::All`. No `Persist`: they were promised before. Then [`advance`] for
/// every entry of `state.view`, ascending: the log may end between an Init and its Echo, and nobody
/// else would make up for it if that happened to many at once.
///
/// Invariant: contradicts nothing that was said, or about to be said, before.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(broadcast.resume)]
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    for (_, init) in std::mem::take(&mut state.promised) {
        effects.send(To::All, init);
    }
    let view = state.view;
    for (tag, instance) in state.instances.iter().filter(|(tag, _)| tag.view == view) {
        let (originator, seq) = (tag.originator, tag.seq);
        if let Some(digest) = instance.echoed {
            effects.send(To::All, RbEcho { originator, view, seq, digest });
        }
        if let Some(digest) = instance.readied {
            effects.send(To::All, RbReady { originator, view, seq, digest });
        }
    }
    let current = state.instances.keys().filter(|tag| tag.view == view);
    for tag in current.copied().collect::<Vec<Tag>>() {
        advance(state, config, tag, effects);
    }
}
