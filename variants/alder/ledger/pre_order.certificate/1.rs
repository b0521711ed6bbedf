//! Preorder certificates: a request and Q - 1 acknowledgements of it.

use prime::pre_order::PoSlot;
use wire::config::MAX_REPLICAS;
use wire::{Config, Digest, ReplicaId};

/// A slot holds two contents at most.
const CANDIDATES: usize = 2;

/// Names the digest that the slot is bound to: the one certified before, or the least among those
/// of the contents held that enough servers beside the originator acknowledged.
pub fn certificate(config: &Config, originator: ReplicaId, slot: &PoSlot) -> Option<Digest> {
    match slot.certified {
        Some(bound) => return Some(bound),
        None => {}
    }
    let mut candidates = [Digest::default(); CANDIDATES];
    let mut held = 0;
    match &slot.request {
        Some(request) => {
            candidates[held] = request.digest();
            held += 1;
        }
        None => {}
    }
    match &slot.adopted {
        Some(content) => {
            candidates[held] = content.digest;
            held += 1;
        }
        None => {}
    }
    let need = config.votes_beside_proposer();
    if held == 0 || slot.acks.len() < need {
        return None;
    }
    let tally = count(config, originator, slot, &candidates, held);
    let mut least = None;
    for c in 0..held {
        if tally[c] < need {
            continue;
        }
        match least {
            Some(digest) if digest <= candidates[c] => {}
            _ => least = Some(candidates[c]),
        }
    }
    least
}

/// How many servers other than the originator acknowledged each of the candidates.
fn count(
    config: &Config,
    originator: ReplicaId,
    slot: &PoSlot,
    candidates: &[Digest; CANDIDATES],
    held: usize,
) -> [usize; CANDIDATES] {
    // By replica: bit c is set if its acknowledgement names candidate c.
    let mut ballots = [0u8; MAX_REPLICAS];
    for (&sender, digest) in slot.acks.iter() {
        if sender == originator || !config.is_replica(sender) || sender.index() >= MAX_REPLICAS {
            continue;
        }
        for c in 0..held {
            if *digest == candidates[c] {
                ballots[sender.index()] |= 1 << c;
            }
        }
    }
    let mut tally = [0; CANDIDATES];
    for ballot in ballots {
        for c in 0..held {
            tally[c] += usize::from(ballot >> c & 1);
        }
    }
    tally
}
