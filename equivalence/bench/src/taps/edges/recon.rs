//! Contents and parts that are large.

use super::Stage;
use prime::pre_order::{self, Content};
use prime::recon::{MAX_BODY, State, part_leaf, part_length};
use std::collections::BTreeMap;
use wire::prime::{PoRequest, Recon};
use wire::{Blob, List, PoSeq, ReplicaId, Update, Verified, merkle};

/// Updates and bytes in each, together longer than 16 bits count.
const UPDATES: usize = 2;
const BYTES: usize = 33_000;

/// A content of several updates, and its parts.
pub(super) fn encode(stage: &mut Stage<'_>) {
    let ((), (content,)) = stage.call::<(), (Content,)>();
    let Some(first) = content.body.updates.first() else { return };
    let payload = Blob::new(vec![7; BYTES]).expect("less than MAX_PAYLOAD");
    let update = Update { payload, ..first.body.clone() };
    let update = stage.hand.sign(first.signer, update).signed().clone();
    let updates = List::new(vec![update; UPDATES]).expect("less than MAX_BATCH");
    let originator = ReplicaId(1);
    let request = stage.hand.sign(originator, PoRequest { seq: content.body.seq, updates });
    let large = Content::of(&request);
    let config = stage.hand.config;
    let parts = prime::recon::encode(config, &large);
    let about = parts.message(originator, originator, &large);
    let some: BTreeMap<ReplicaId, Vec<u8>> =
        config.replicas().zip(parts.parts).skip(1).take(config.one_correct()).collect();
    stage.edge("long", "recon.encode", (), (large,));
    stage.edge("long", "recon.decode", (), (about, some));
}

/// A part of the longest body that there may be, of the shortest, and of none; by itself, or as the one
/// that completes a group, of which nothing can be made. (Long ones are few, since they take long.)
pub(super) fn on_recon(stage: &mut Stage<'_>) {
    let (state, args) = stage.call::<State, (pre_order::State, Verified<Recon>)>();
    let (pre_order, message) = args;
    let config = stage.hand.config;
    let Some(column) = pre_order.columns.first() else { return };
    let (originator, seq) = (ReplicaId(1), PoSeq(column.aru.0 + 1));
    let certified = column.slots.get(&seq).is_some_and(|slot| slot.certified.is_some());
    let known = |parts: &BTreeMap<_, _>| parts.contains_key(&(originator, seq));
    if certified || state.parts.iter().any(known) {
        return;
    }
    let group = config.one_correct() - 1;
    let lengths =
        [("longest", MAX_BODY, 0), ("shortest", 1, 0), ("group", 1, group), ("none", 0, 0)];
    for (edge, length, held) in lengths {
        // All parts are equal, so each is in every row's place.
        let part = vec![0; part_length(config, length)];
        let tree = merkle::Tree::new(vec![part_leaf(&part); config.size()]);
        let body = Recon {
            originator,
            seq,
            root: tree.root(),
            length: u32::try_from(length).unwrap_or(u32::MAX),
            part: Blob::new(part).expect("at most MAX_PART"),
            path: tree.path(0),
            ..message.body().clone()
        };
        let with_path = |id: ReplicaId| {
            let body = Recon { path: tree.path(id.index()), ..body.clone() };
            stage.hand.sign(id, body)
        };
        let mut state = state.clone();
        let others = config.replicas().filter(|id| *id != message.signer());
        for id in others.take(held) {
            state.parts[id.index()].insert((originator, seq), with_path(id));
        }
        let last = with_path(message.signer());
        stage.edge(edge, "recon.on_recon", state, (pre_order.clone(), last));
    }
}
