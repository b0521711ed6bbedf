//! `checkpoint.on_checkpoint_proof`: a state that others have.

use prime::checkpoint::{Effects, State, Transfer};
use wire::prime::{CheckpointProof, StateId};
use wire::{Config, Reject, ReplicaId, Seq, Time, Verified};

/// What comes of a proof.
enum Outcome {
    /// An own checkpoint is stable.
    Stable,
    /// Another matrix for what is being fetched.
    Matrix,
    /// Something new to fetch.
    Fetch,
}

/// Which state a proof is for, and how many servers vouch for it.
fn vouched(config: &Config, proof: &CheckpointProof) -> Result<(StateId, usize), Reject> {
    let named = proof.checkpoints.first().map(|vote| vote.body.state).ok_or(Reject::Invalid)?;
    let mut signers: Vec<ReplicaId> = proof.checkpoints.iter().map(|vote| vote.signer).collect();
    signers.sort_unstable();
    signers.dedup();
    let valid = proof.checkpoints.iter().all(|vote| vote.body.state == named)
        && signers.len() >= config.one_correct()
        && proof.preceding.rows.len() == config.size();
    valid.then_some((named, signers.len())).ok_or(Reject::Invalid)
}

/// Which state is being fetched, and until when it goes on regardless.
fn goal(state: &State, config: &Config) -> Option<(StateId, Time)> {
    let transfer = state.transfer.as_ref()?;
    let named = transfer.proof.checkpoints.first()?.body.state;
    Some((named, transfer.progress_at.after(config.timing.retransmit.saturating_mul(4))))
}

/// What a proof for `named`, for which `votes` vouch, is good for.
fn decide(
    state: &State,
    config: &Config,
    now: Time,
    executed: Seq,
    (named, votes): (StateId, usize),
) -> Result<Outcome, Reject> {
    let own = state
        .marks
        .get(&named.seq)
        .is_some_and(|mark| mark.state == named && named.seq > state.stable);
    match goal(state, config) {
        _ if own && votes >= config.quorum() => Ok(Outcome::Stable),
        _ if named.seq <= executed => Err(Reject::Stale),
        None => Ok(Outcome::Fetch),
        Some((fetched, _)) if fetched == named => Ok(Outcome::Matrix),
        Some((fetched, _)) if named.seq < fetched.seq => Err(Reject::Stale),
        Some((_, until)) if now < until => Err(Reject::Full),
        Some(_) => Ok(Outcome::Fetch),
    }
}

/// Takes a proof.
pub fn on_checkpoint_proof(
    state: &mut State,
    config: &Config,
    now: Time,
    executed: Seq,
    message: &Verified<CheckpointProof>,
    effects: &mut Effects,
) {
    let (from, proof) = (message.signer(), message.body());
    let decided = vouched(config, proof)
        .and_then(|found| decide(state, config, now, executed, found).map(|what| (what, found.0)));
    match decided {
        Err(reason) => effects.reject(from, reason),
        Ok((Outcome::Stable, named)) => {
            if let Some(mark) = state.marks.get_mut(&named.seq) {
                mark.proof = Some(CheckpointProof {
                    checkpoints: proof.checkpoints.clone(),
                    preceding: mark.preceding.clone(),
                });
                state.stable = named.seq;
            }
        }
        Ok((Outcome::Matrix, _)) => {
            if let Some(transfer) = state.transfer.as_mut() {
                transfer.matrices.insert(from, proof.preceding.clone());
            }
        }
        Ok((Outcome::Fetch, _)) => {
            let mut transfer = Transfer::new(proof.clone(), now);
            transfer.matrices.insert(from, proof.preceding.clone());
            state.transfer = Some(transfer);
        }
    }
}
