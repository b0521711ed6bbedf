//! Takes the proof of a state.

use std::collections::BTreeSet;

use prime::checkpoint::{State, Transfer};
use prime::view_change::Effects;
use wire::prime::{CheckpointProof, StateId};
use wire::{Config, Reject, Time, Verified};
use wire::Seq;

/// In how many periods without progress another state may be fetched instead.
const PERIODS: u64 = 4;

/// What comes of a proof.
enum Outcome {
    Drop(Reject),
    Stable,
    Matrix,
    Begin,
}

/// Fetches the state, or counts the proof for an own checkpoint.
pub fn on_checkpoint_proof(
    state: &mut State,
    config: &Config,
    now: Time,
    executed: Seq,
    message: &Verified<CheckpointProof>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    let (name, outcome) = match named(config, body) {
        None => {
            effects.reject(signer, Reject::Invalid);
            return;
        }
        Some((name, servers)) => (name, judge(state, config, now, executed, name, servers)),
    };
    match outcome {
        Outcome::Drop(reason) => effects.reject(signer, reason),
        Outcome::Stable => {
            if let Some(mark) = state.marks.get_mut(&name.seq) {
                mark.proof = Some(CheckpointProof {
                    checkpoints: body.checkpoints.clone(),
                    preceding: mark.preceding.clone(),
                });
                state.stable = name.seq;
            }
        }
        Outcome::Matrix => {
            if let Some(transfer) = &mut state.transfer {
                transfer.matrices.insert(signer, body.preceding.clone());
            }
        }
        Outcome::Begin => {
            let mut transfer = Transfer::new(body.clone(), now);
            transfer.matrices.insert(signer, body.preceding.clone());
            state.transfer = Some(transfer);
        }
    }
}

/// The state and how many servers vouch for it, if the proof is one.
fn named(config: &Config, proof: &CheckpointProof) -> Option<(StateId, usize)> {
    let name = proof.checkpoints.first()?.body.state;
    let servers: BTreeSet<_> = proof.checkpoints.iter().map(|vote| vote.signer).collect();
    let sound = proof.checkpoints.iter().all(|vote| vote.body.state == name)
        && servers.len() >= config.one_correct()
        && proof.preceding.rows.len() == config.size();
    sound.then_some((name, servers.len()))
}

fn judge(
    state: &State,
    config: &Config,
    now: Time,
    executed: Seq,
    name: StateId,
    servers: usize,
) -> Outcome {
    let own = name.seq > state.stable
        && servers >= config.quorum()
        && state.marks.get(&name.seq).is_some_and(|mark| mark.state == name);
    let fetched = state.transfer.as_ref().and_then(|transfer| {
        let vote = transfer.proof.checkpoints.first()?;
        Some((vote.body.state, transfer.progress_at))
    });
    let pause = config.timing.retransmit.saturating_mul(PERIODS);
    match fetched {
        _ if own => Outcome::Stable,
        _ if name.seq <= executed => Outcome::Drop(Reject::Stale),
        Some((goal, _)) if goal == name => Outcome::Matrix,
        Some((goal, _)) if name.seq < goal.seq => Outcome::Drop(Reject::Stale),
        Some((_, since)) if now.0 < since.0.saturating_add(pause) => Outcome::Drop(Reject::Full),
        Some(_) | None => Outcome::Begin,
    }
}
