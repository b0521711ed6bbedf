//! The definitions that several contracts of reconciliation rest on.

use super::code::{content_of_parts, parts_of};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use crate::pre_order::definitions::{PreOrder, content_of, row};
use prime::pre_order::{Content, PoSlot};
use prime::recon::{Parts, State};
use std::collections::BTreeMap;
use wire::prime::{Matrix, PoRequest, Prime, Recon};
use wire::{Blob, Config, Digest, Effect, PoSeq, ReplicaId, Verified};

/// A preorder identifier.
pub(super) type Identifier = (ReplicaId, PoSeq);

/// What is known of (o, s).
pub(super) fn slot_of(pre_order: &PreOrder, (originator, seq): Identifier) -> Option<&PoSlot> {
    pre_order.columns[originator.index()].slots.get(&seq)
}

/// The certified content of (o, s) in pre-ordering.
pub(super) fn certified(
    pre_order: &PreOrder,
    identifier: Identifier,
) -> Option<(Digest, &PoRequest)> {
    slot_of(pre_order, identifier).and_then(content_of)
}

/// The part of server `me`, as it sends it.
pub(super) fn own_part(
    config: &Config,
    me: ReplicaId,
    originator: ReplicaId,
    (digest, request): (Digest, &PoRequest),
) -> Recon {
    let Parts { root, length, parts, paths } = parts_of(config, request);
    let (part, path) = (parts[me.index()].clone(), paths[me.index()].clone());
    let part = Blob::new(part).expect("a part is no longer than the longest body");
    Recon { originator, seq: request.seq, digest, root, length, part, path }
}

/// Figure 3, A4 to A8: the first Q servers, ascending, whose row acknowledges (o, s).
pub(super) fn senders_of(
    config: &Config,
    matrix: &Matrix,
    (originator, seq): Identifier,
) -> Vec<ReplicaId> {
    let says = |i: ReplicaId| {
        let row = row(matrix, i.index());
        row.get(originator.index()).copied().unwrap_or_default() >= seq
    };
    config.replicas().filter(|&i| says(i)).take(config.quorum()).collect()
}

/// Figure 3, A11: nothing tells that `receiver` has (o, s).
pub(super) fn lacks(pre_order: &PreOrder, receiver: ReplicaId, identifier: Identifier) -> bool {
    let (originator, seq) = identifier;
    let row = pre_order.rows[receiver.index()].as_ref();
    let acknowledged = row.and_then(|row| row.body().vec.get(originator.index()).copied());
    let promised = slot_of(pre_order, identifier).is_some_and(|slot| {
        slot.certified.is_some() && slot.acks.get(&receiver) == slot.certified.as_ref()
    });
    receiver != pre_order.me
        && receiver != originator
        && acknowledged.unwrap_or_default() < seq
        && !promised
}

/// Whether two messages say the same but for the part.
fn alike(one: &Recon, other: &Recon) -> bool {
    let key = |r: &Recon| (r.originator, r.seq, r.digest, r.root, r.length);
    key(one) == key(other)
}

/// The messages held that say the same as `about`, ascending by sender.
pub(super) fn group(state: &State, about: &Recon) -> Vec<Verified<Recon>> {
    let identifier = (about.originator, about.seq);
    let held = state.parts.iter().filter_map(|of| of.get(&identifier));
    held.filter(|message| alike(message.body(), about)).cloned().collect()
}

/// What a group's parts give.
pub(super) fn decoded(config: &Config, group: &[Verified<Recon>]) -> Option<(Digest, PoRequest)> {
    let part = |m: &Verified<Recon>| (m.signer(), m.body().part.to_vec());
    let parts: BTreeMap<_, _> = group.iter().map(part).collect();
    content_of_parts(config, group.first()?.body(), &parts)
}

/// No parts of `gone` are left, whoever sent them.
pub(super) fn drop_parts(state: &mut State, gone: impl Fn(Identifier) -> bool) {
    state.parts.iter_mut().for_each(|of| of.retain(|&identifier, _| !gone(identifier)));
}

/// A content with its body, which `==` of contents passes over.
pub(super) fn whole(content: &Content) -> (Digest, &PoRequest) {
    (content.digest, &*content.body)
}

/// Holds an outcome against what is expected, the bodies in the archive too.
pub(super) fn judge(
    expected: &Expected<'_, State>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    expected.judge(after, Order::Fixed, effects)?;
    for (identifier, content) in &expected.state.archive {
        let got = after.archive.get(identifier);
        if got.is_some_and(|got| std::ptr::eq(&*content.body, &*got.body)) {
            continue;
        }
        let rule = expected.rule(&format!("archive.{identifier:?}.body"));
        crate::answer(&rule, &Some(whole(content)), &got.map(whole))?;
    }
    Ok(())
}
