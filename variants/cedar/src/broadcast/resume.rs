//! Everything to be said is drawn up as a list of bodies, which is then sent.

use prime::broadcast::{Effects, Instance, State, Tag};
use std::mem;
use wire::prime::{Body, RbEcho, RbReady};
use wire::{Config, Digest, To};

/// What a broadcast's entry may have promised, and how that is said.
type Saying = (fn(&Instance) -> Option<Digest>, fn(Tag, Digest) -> Body);

/// In the order in which it is said.
const SAYINGS: [Saying; 2] = [
    (
        |instance| instance.echoed,
        |Tag { view, originator, seq }, digest| {
            Body::from(RbEcho { originator, view, seq, digest })
        },
    ),
    (
        |instance| instance.readied,
        |Tag { view, originator, seq }, digest| {
            Body::from(RbReady { originator, view, seq, digest })
        },
    ),
];

/// Says again what the log promised.
pub fn resume(state: &mut State, _config: &Config, effects: &mut Effects) {
    let inits = mem::take(&mut state.promised).into_values().map(Body::from);
    let votes = state.instances.iter().flat_map(|(tag, instance)| {
        SAYINGS
            .iter()
            .filter_map(|(promised, body)| promised(instance).map(|digest| body(*tag, digest)))
    });
    for body in inits.chain(votes) {
        effects.send(To::All, body);
    }
}
