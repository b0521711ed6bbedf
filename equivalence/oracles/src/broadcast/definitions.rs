//! The definitions that several contracts of broadcasting rest on.

use crate::expected::Expected;
use prime::broadcast::{Instance, State, Tag};
use std::collections::{BTreeMap, BTreeSet};
use wire::prime::{MAX_REPLAY, Payload, RbEcho, RbReady, RbRequest};
use wire::{Digest, Reject, ReplicaId, To, Verified, View};

/// How many views above the preinstalled one are counted already.
const AHEAD: u64 = 1;

/// Up to which number an originator's broadcasts are taken before its Report is held.
const UNANNOUNCED: u32 = 64;

/// How many servers' votes are `digest`.
pub(super) fn votes(of: &BTreeMap<ReplicaId, Digest>, digest: Digest) -> usize {
    of.iter().filter(|&(_, named)| *named == digest).count()
}

/// The highest number that may be remembered: 64, or what a Report held announces if that is more,
/// but no more than a view change takes up.
pub(super) fn allowance(state: &State, originator: ReplicaId, view: View) -> u32 {
    let first = state.instances.get(&Tag { view, originator, seq: 0 });
    let payload = first.and_then(|held| held.init.as_ref()).map(|init| &init.body().payload);
    let announced = match payload {
        Some(Payload::Report(report)) => report.count,
        Some(Payload::Entry(_)) | None => 0,
    };
    u32::try_from(MAX_REPLAY).map_or(u32::MAX, |most| most.min(announced.max(UNANNOUNCED)))
}

/// Why nothing about `tag` may be remembered.
pub(super) fn outside(state: &State, tag: Tag) -> Option<Reject> {
    if tag.view < state.view {
        Some(Reject::Stale)
    } else if tag.view.0.saturating_sub(state.view.0) > AHEAD
        || tag.seq > allowance(state, tag.originator, tag.view)
    {
        Some(Reject::BeyondWindow)
    } else {
        None
    }
}

/// `advance`: a broadcast moves from echoed to ready to decided to delivered, as far as what is held
/// allows. Only in the preinstalled view.
pub(super) fn advance(expected: &mut Expected<'_, State>, tag: Tag) {
    let Some(mut instance) = expected.state.instances.get(&tag).cloned() else { return };
    if tag.view != expected.state.view {
        return;
    }
    let Tag { view, originator, seq } = tag;
    let init = instance.init.clone();
    let held = init.as_ref().map(Verified::digest);
    if let (Some(init), Some(digest), None) = (&init, held, instance.echoed) {
        instance.echoed = Some(digest);
        expected.hold(init.clone());
        expected.promise(To::All, RbEcho { originator, view, seq, digest });
    }
    if let (None, Some(digest)) = (instance.readied, backed(expected, &instance)) {
        instance.readied = Some(digest);
        expected.promise(To::All, RbReady { originator, view, seq, digest });
    }
    if instance.decided.is_none() {
        let quorum = expected.config.quorum();
        let named: BTreeSet<Digest> = instance.readies.values().copied().collect();
        instance.decided = named.into_iter().find(|&d| votes(&instance.readies, d) >= quorum);
        if let Some(digest) = instance.decided.filter(|&decided| held != Some(decided)) {
            expected.send(To::Others, RbRequest { originator, view, seq, digest });
        }
    }
    if instance.decided.is_some() && instance.decided == held && !instance.delivered {
        instance.delivered = true;
        if let Some(init) = init.filter(|_| instance.echoed != held) {
            expected.hold(init);
        }
        expected.state.fresh.push(tag);
    }
    expected.state.instances.insert(tag, instance);
}

/// The lowest digest that a Ready may be promised for: Q Echos name it, so no other can get Q; or
/// f+1 Readys do, so a correct server's among them.
fn backed(expected: &Expected<'_, State>, instance: &Instance) -> Option<Digest> {
    let echoed = instance
        .echoes
        .values()
        .filter(|&&digest| votes(&instance.echoes, digest) >= expected.config.quorum());
    let readied = instance
        .readies
        .values()
        .filter(|&&digest| votes(&instance.readies, digest) >= expected.config.one_correct());
    echoed.chain(readied).min().copied()
}

/// A higher view begins: what belongs to lower ones, and what was on its way, is dropped.
pub(super) fn enter(state: &mut State, view: View) {
    state.view = view;
    state.instances.retain(|tag, _| tag.view >= view);
    state.fresh.clear();
    state.promised.clear();
    state.cursor = None;
}

/// The tags of `view` of which anything is known, ascending.
pub(super) fn current(state: &State, view: View) -> impl Iterator<Item = Tag> {
    state.instances.keys().copied().filter(move |tag| tag.view == view)
}

/// The Echo and the Ready that this server promised.
pub(super) fn said(state: &State, tag: Tag) -> (Option<RbEcho>, Option<RbReady>) {
    let Tag { view, originator, seq } = tag;
    let known = state.instances.get(&tag);
    let echoed = known.and_then(|known| known.echoed);
    let readied = known.and_then(|known| known.readied);
    (
        echoed.map(|digest| RbEcho { originator, view, seq, digest }),
        readied.map(|digest| RbReady { originator, view, seq, digest }),
    )
}
