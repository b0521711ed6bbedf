//! Somebody proves that a state is right.

use crate::checkpoint::{Effects, State, Transfer};
use slots::slot;
use std::collections::BTreeSet;
use wire::auth::Context;
use wire::prime::CheckpointProof;
use wire::{Config, Reject, Seq, Time, Verified};

/// Begins to fetch a state beyond `executed`, this server's last executed number, on proof that at
/// least one correct server had it; or counts the proof for a checkpoint of its own.
///
/// The first of these that is so, in this order (rejects name the proof's signer and change nothing):
/// Rejects: `Invalid` if there are no Checkpoints, or they are not all for one state, or come from fewer
/// than f+1 distinct servers, or the matrix has not exactly N rows.
/// - A mark for this very state is above `stable`, and the Checkpoints come from at least Q distinct
///   servers: they become, as they stand in the message, the mark's proof, with the mark's own
///   `preceding`; its number becomes `stable`, and that is all: `settle` draws the consequences.
/// Rejects: `Stale` if the state's number is at or below `executed`.
/// - This very state is being fetched: the message's matrix is kept in `matrices` under the signer, in
///   place of one that it sent before, and nothing else happens. (When the state is whole and names none
///   of the matrices, the caller drops these, keeps the transfer, and says how far it is, so that others
///   show a proof again.)
/// Rejects: `Stale` if the state's number is below that of the state being fetched.
/// Rejects: `Full` if another state is being fetched and `now` is before its `progress_at +
/// 4 * timing.retransmit`: whoever gets on does not change its goal.
/// - Otherwise what is being fetched becomes `Transfer::new` of the message and `now`, with the
///   message's matrix under the signer; nothing is asked for yet.
///
/// Invariant: only what f+1 servers vouch for is fetched; one state at a time.
/// Paper: none. Deviation: none.
#[slot(checkpoint.on_checkpoint_proof)]
pub fn on_checkpoint_proof(
    state: &mut State,
    config: &Config,
    now: Time,
    executed: Seq,
    message: &Verified<CheckpointProof>,
    effects: &mut Effects,
) {
    let (sender, proof) = (message.signer(), message.body());
    let Some(name) = proof.checkpoints.first().map(|vote| vote.body.state) else {
        return effects.reject(sender, Reject::Invalid);
    };
    let context = Context::from(config);
    let same = message.checkpoints(&context).filter(|vote| vote.body().state == name);
    let voters: BTreeSet<_> = same.map(|vote| vote.signer()).collect();
    let all_same = proof.checkpoints.iter().all(|vote| vote.body.state == name);
    let whole = proof.preceding.rows.len() == config.size();
    if !all_same || voters.len() < config.one_correct() || !whole {
        return effects.reject(sender, Reject::Invalid);
    }
    let matching = state.marks.get_mut(&name.seq).filter(|mark| mark.state == name);
    if let Some(mark) = matching.filter(|_| name.seq > state.stable)
        && voters.len() >= config.quorum()
    {
        let (checkpoints, preceding) = (proof.checkpoints.clone(), mark.preceding.clone());
        mark.proof = Some(CheckpointProof { checkpoints, preceding });
        state.stable = name.seq;
        return;
    }
    if name.seq <= executed {
        return effects.reject(sender, Reject::Stale);
    }
    let matrix = proof.preceding.clone();
    if let Some(current) = &mut state.transfer {
        if current.state() == name {
            current.matrices.insert(sender, matrix);
            return;
        }
        if name.seq < current.state().seq {
            return effects.reject(sender, Reject::Stale);
        }
        if now < current.progress_at.after(4 * config.timing.retransmit) {
            return effects.reject(sender, Reject::Full);
        }
    }
    let mut transfer = Transfer::new(proof.clone(), now);
    transfer.matrices.insert(sender, matrix);
    state.transfer = Some(transfer);
}
