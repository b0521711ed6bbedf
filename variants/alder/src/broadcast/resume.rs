//! What the log promised is said again, then what it allows is done.

use prime::broadcast::{Effects, State, Tag};
use wire::prime::{Body, RbEcho, RbReady};
use wire::{Config, ReplicaId, To};

/// Says the promised Inits, Echos and Readys again and advances every broadcast of the view.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.view;
    let first = Tag { view, originator: ReplicaId(u16::MIN), seq: u32::MIN };
    let last = Tag { view, originator: ReplicaId(u16::MAX), seq: u32::MAX };

    // What is to be said, in order, and what to be advanced.
    let mut words: Vec<Body> = Vec::new();
    let mut tags: Vec<Tag> = Vec::new();
    for (_, init) in std::mem::take(&mut state.promised) {
        words.push(init.into());
    }
    for (tag, instance) in state.instances.range(first..=last) {
        if let Some(digest) = instance.echoed {
            let body = RbEcho { originator: tag.originator, view, seq: tag.seq, digest };
            words.push(body.into());
        }
        if let Some(digest) = instance.readied {
            let body = RbReady { originator: tag.originator, view, seq: tag.seq, digest };
            words.push(body.into());
        }
        tags.push(*tag);
    }

    for word in words {
        effects.send(To::All, word);
    }
    for tag in tags {
        prime::broadcast::advance(state, config, tag, effects);
    }
}
