//! Somebody proves that a state is right.

use crate::checkpoint::{Effects, State, Transfer};
use slots::slot;
use std::collections::BTreeSet;
use wire::auth::Context;
use wire::prime::CheckpointProof;
use wire::{Config, Reject, Seq, Time, Verified};

/// Begins to fetch a state beyond `executed`, this server's last executed number, on proof that at
/// least one correct server had it.
///
/// Rejects (naming the proof's signer, nothing changed), in this precedence:
/// Rejects: `Invalid` if the Checkpoints are not all for one state or come from fewer than f+1 servers,
/// or the matrix has not exactly N rows;
/// Rejects: `Stale` if the state's number is at or below `executed`, or below that of the state
/// being fetched; unless it is above `stable` and that of a mark for the same state, and the
/// Checkpoints come from at least Q servers. Then they become that mark's proof, with its own
/// `preceding`, its number becomes `stable`, and that is all: `settle` draws the consequences.
///
/// If that same state is being fetched already, the matrix is kept under the signer, in place of
/// one that it sent before, and nothing else happens. (When the state is whole and names none of the
/// matrices, the caller drops these, keeps the transfer, and says how far it is, so that others show
/// a proof again.)
/// Rejects: `Full` if another is being fetched and something right came within `4 *
/// timing.retransmit` before `now`: whoever gets on does not change its goal.
/// Otherwise this state takes the place of what was being fetched, with the matrix under the
/// signer; nothing is asked for yet.
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
