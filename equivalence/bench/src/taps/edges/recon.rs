//! Contents that are large.

use super::Stage;
use prime::pre_order::Content;
use std::collections::BTreeMap;
use wire::prime::PoRequest;
use wire::{Blob, List, ReplicaId, Update};

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
