//! What the tests of broadcasting's oracles are made of, beside what all are: server 1 in view 1,
//! and server 2's broadcast 0.

pub(crate) use crate::kit::{ME, all_trip, config, effects, reject, sign, trips};

use prime::broadcast::{Instance, State, Tag};
use wire::prime::{Payload, RbEcho, RbInit, RbReady, RbRequest, Report};
use wire::{Digest, ReplicaId, Seq, Verified, View};

pub(crate) const TAG: Tag = Tag { view: View(1), originator: ReplicaId(2), seq: 0 };

/// View 1 is preinstalled.
pub(crate) fn state() -> State {
    let mut state = State::new(&config(), ME);
    state.view = TAG.view;
    state
}

/// A Report that announces so many entries.
pub(crate) fn payload(count: u32) -> Payload {
    Payload::Report(Report { executed: Seq(0), count, replay: None })
}

/// The Init of a tag.
pub(crate) fn init_of(tag: Tag, count: u32) -> Verified<RbInit> {
    sign(tag.originator.0, RbInit { view: tag.view, seq: tag.seq, payload: payload(count) })
}

/// The one of most tests.
pub(crate) fn init(count: u32) -> Verified<RbInit> {
    init_of(TAG, count)
}

pub(crate) fn echo(Tag { view, originator, seq }: Tag, digest: Digest) -> RbEcho {
    RbEcho { originator, view, seq, digest }
}

pub(crate) fn ready(Tag { view, originator, seq }: Tag, digest: Digest) -> RbReady {
    RbReady { originator, view, seq, digest }
}

pub(crate) fn request(Tag { view, originator, seq }: Tag, digest: Digest) -> RbRequest {
    RbRequest { originator, view, seq, digest }
}

/// Votes of these servers for one digest.
pub(crate) fn votes(by: &[u16], digest: Digest) -> std::collections::BTreeMap<ReplicaId, Digest> {
    by.iter().map(|&i| (ReplicaId(i), digest)).collect()
}

/// What is known of a tag, made if need be.
pub(crate) fn at(state: &mut State, tag: Tag) -> &mut Instance {
    state.instances.entry(tag).or_default()
}

/// View 1 with this known of the tag of most tests.
pub(crate) fn with(instance: Instance) -> State {
    let mut state = state();
    state.instances.insert(TAG, instance);
    state
}
