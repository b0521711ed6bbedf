//! What is held of one broadcast, and what it allows: all decided from what is there, then done.

use std::collections::BTreeMap;

use prime::broadcast::{Effects, State, Tag};
use wire::prime::{RbEcho, RbReady, RbRequest};
use wire::{Config, Digest, Record, ReplicaId, To};

/// The lowest digest that `need` of the votes name.
fn lowest(votes: &BTreeMap<ReplicaId, Digest>, need: usize) -> Option<Digest> {
    if votes.is_empty() || votes.len() < need {
        return None;
    }
    let mut sorted = Vec::with_capacity(votes.len());
    for (_, digest) in votes {
        sorted.push(*digest);
    }
    sorted.sort_unstable();
    let mut run = 0_usize;
    let mut at = 0_usize;
    let mut last = None;
    while let Some(digest) = sorted.get(at) {
        if last == Some(*digest) {
            run += 1;
        } else {
            last = Some(*digest);
            run = 1;
        }
        if run >= need {
            return last;
        }
        at += 1;
    }
    None
}

/// Does what is held of `tag` allows.
pub fn advance(state: &mut State, config: &Config, tag: Tag, effects: &mut Effects) {
    if tag.view != state.view {
        return;
    }
    let Some(instance) = state.instances.get_mut(&tag) else {
        return;
    };

    // What is held, and what follows from it.
    let mut held = None;
    if let Some(init) = &instance.init {
        held = Some(init.digest());
    }
    let quorum = config.quorum();

    let mut echo = None;
    if instance.echoed.is_none() {
        echo = held;
    }
    let mut echoed = instance.echoed;
    if echo.is_some() {
        echoed = echo;
    }

    let mut ready = None;
    if instance.readied.is_none() {
        ready = lowest(&instance.echoes, quorum);
        let amplified = lowest(&instance.readies, config.one_correct());
        if let Some(other) = amplified {
            match ready {
                Some(digest) if digest <= other => {}
                _ => ready = amplified,
            }
        }
    }

    let mut decide = None;
    if instance.decided.is_none() {
        decide = lowest(&instance.readies, quorum);
    }
    let ask = decide.is_some() && decide != held;
    let mut decided = instance.decided;
    if decide.is_some() {
        decided = decide;
    }

    let deliver = !instance.delivered && decided.is_some() && decided == held;
    let keep = deliver && echoed != decided;

    // What is done.
    if let (Some(digest), Some(init)) = (echo, &instance.init) {
        instance.echoed = Some(digest);
        effects.persist(Record::Held(init.clone().into()));
        let body = RbEcho { originator: tag.originator, view: tag.view, seq: tag.seq, digest };
        effects.promise(To::All, body);
    }
    if let Some(digest) = ready {
        instance.readied = Some(digest);
        let body = RbReady { originator: tag.originator, view: tag.view, seq: tag.seq, digest };
        effects.promise(To::All, body);
    }
    if let Some(digest) = decide {
        instance.decided = Some(digest);
        if ask {
            let body =
                RbRequest { originator: tag.originator, view: tag.view, seq: tag.seq, digest };
            effects.send(To::Others, body);
        }
    }
    if deliver {
        instance.delivered = true;
        state.fresh.push(tag);
        if keep && let Some(init) = &instance.init {
            effects.persist(Record::Held(init.clone().into()));
        }
    }
}
