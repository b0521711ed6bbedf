//! Somebody shows that a state can be had.

use prime::checkpoint::{Effects, State, Transfer};
use wire::config::MAX_REPLICAS;
use wire::prime::{Checkpoint, CheckpointProof, StateId};
use wire::{Config, Reject, Seq, Signed, Time, Verified};

/// How many distinct servers signed `votes`, of which there are at most `MAX_REPLICAS`.
fn distinct(votes: &[Signed<Checkpoint>]) -> usize {
    let mut ids = [0u16; MAX_REPLICAS];
    let mut count = 0usize;
    for vote in votes {
        let Some(place) = ids.get_mut(count) else {
            break;
        };
        *place = vote.signer.0;
        count += 1;
    }
    let Some(ids) = ids.get_mut(..count) else {
        return 0;
    };
    ids.sort_unstable();
    let mut different = 0usize;
    let mut last: Option<u16> = None;
    for &id in ids.iter() {
        if last != Some(id) {
            different += 1;
            last = Some(id);
        }
    }
    different
}

/// The one state that all of `votes` are for.
fn common(votes: &[Signed<Checkpoint>]) -> Option<StateId> {
    let state = votes.first()?.body.state;
    for vote in votes {
        if vote.body.state != state {
            return None;
        }
    }
    Some(state)
}

/// Begins to fetch a state that is proven, or counts the proof for a checkpoint of one's own.
pub fn on_checkpoint_proof(
    state: &mut State,
    config: &Config,
    now: Time,
    executed: Seq,
    message: &Verified<CheckpointProof>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let proof = message.body();
    let Some(shown) = common(&proof.checkpoints) else {
        effects.reject(signer, Reject::Invalid);
        return;
    };
    let servers = distinct(&proof.checkpoints);
    if servers < config.one_correct() || proof.preceding.rows.len() != config.size() {
        effects.reject(signer, Reject::Invalid);
        return;
    }

    // A checkpoint of one's own?
    if shown.seq > state.stable && servers >= config.quorum() {
        if let Some(mark) = state.marks.get_mut(&shown.seq) {
            if mark.state == shown {
                mark.proof = Some(CheckpointProof {
                    checkpoints: proof.checkpoints.clone(),
                    preceding: mark.preceding.clone(),
                });
                state.stable = shown.seq;
                return;
            }
        }
    }
    if shown.seq <= executed {
        effects.reject(signer, Reject::Stale);
        return;
    }

    // What is being fetched?
    if let Some(transfer) = &mut state.transfer {
        if let Some(first) = transfer.proof.checkpoints.first() {
            let fetched = first.body.state;
            if fetched == shown {
                transfer.matrices.insert(signer, proof.preceding.clone());
                return;
            }
            if shown.seq < fetched.seq {
                effects.reject(signer, Reject::Stale);
                return;
            }
            let patience = config.timing.retransmit.saturating_mul(4);
            if now.0 < transfer.progress_at.0.saturating_add(patience) {
                effects.reject(signer, Reject::Full);
                return;
            }
        }
    }

    let mut transfer = Transfer::new(proof.clone(), now);
    transfer.matrices.insert(signer, proof.preceding.clone());
    state.transfer = Some(transfer);
}
