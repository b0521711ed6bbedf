//! What is said of ordering in a view change.

use std::ops::Bound;

use prime::order::{OrderSlot, State};
use wire::prime::{Certificate, Commit, PrePrepare, Prepare};
use wire::{Config, List, Seq, Signed, Verified, View};

/// The certificate of the slot about this Pre-Prepare of its own, if it holds one.
fn certificate(
    config: &Config,
    slot: &OrderSlot,
    message: &Verified<PrePrepare>,
) -> Option<Certificate> {
    let view = message.body().view;
    let digest = message.digest();
    if slot.committed {
        let mut votes: Vec<Signed<Commit>> = Vec::with_capacity(slot.commits.len());
        for (_, vote) in &slot.commits {
            if vote.body().view == view && vote.body().digest == digest {
                votes.push(vote.signed().clone());
            }
        }
        if votes.len() >= config.quorum() {
            let votes = List::take(&mut votes.into_iter());
            return Some(Certificate::Committed(message.signed().clone(), votes));
        }
    }
    if slot.prepared && !slot.replayed {
        let proposer = message.signer();
        let mut votes: Vec<Signed<Prepare>> = Vec::with_capacity(slot.prepares.len());
        for (id, vote) in &slot.prepares {
            if *id != proposer && vote.body().view == view && vote.body().digest == digest {
                votes.push(vote.signed().clone());
            }
        }
        let votes = List::take(&mut votes.into_iter());
        return Some(Certificate::Prepared(message.signed().clone(), votes));
    }
    None
}

/// The certificates of views below `view` held for numbers above `executed`.
pub fn pc_set(state: &State, config: &Config, view: View, executed: Seq) -> Vec<Certificate> {
    let mut list = Vec::new();
    for (_, slot) in state.slots.range((Bound::Excluded(executed), Bound::Unbounded)) {
        let Some(message) = &slot.pre_prepare else {
            continue;
        };
        if message.body().view >= view {
            continue;
        }
        if let Some(found) = certificate(config, slot, message) {
            list.push(found);
        }
    }
    list
}
