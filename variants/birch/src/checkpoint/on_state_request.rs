//! `checkpoint.on_state_request`: gives a chunk away.

use prime::checkpoint::{Effects, MAX_CHUNKS, Snapshot, State};
use wire::prime::{StateChunk, StateRequest};
use wire::{Blob, Config, Reject, ReplicaId, Time, To, Verified};

/// Who is at fault, and why.
type Refusal = (Option<ReplicaId>, Reject);

/// The bytes of the state asked for.
fn wanted<'a>(state: &'a State, request: &StateRequest) -> Result<&'a Snapshot, Refusal> {
    state
        .marks
        .get(&request.state.seq)
        .filter(|mark| mark.state == request.state)
        .and_then(|mark| mark.snapshot.as_ref())
        .ok_or((None, Reject::Premature))
}

/// The account after one more chunk at `now`.
fn account((since, count): (Time, u32), config: &Config, now: Time) -> Result<(Time, u32), Reject> {
    let goes_on = count > 0 && now < since.after(config.timing.retransmit);
    match goes_on {
        false => Ok((now, 1)),
        true if count >= MAX_CHUNKS => Err(Reject::Full),
        true => Ok((since, count + 1)),
    }
}

/// The chunk, and the account of its receiver with it.
fn answer(
    state: &State,
    config: &Config,
    now: Time,
    from: ReplicaId,
    request: &StateRequest,
) -> Result<(StateChunk, (Time, u32)), Refusal> {
    let snapshot = wanted(state, request)?;
    let index = usize::try_from(request.index)
        .ok()
        .filter(|_| u64::from(request.index) < request.state.chunks())
        .ok_or((Some(from), Reject::Invalid))?;
    let given = usize::from(from.0)
        .checked_sub(1)
        .and_then(|place| state.given.get(place))
        .copied()
        .unwrap_or_default();
    let account = account(given, config, now).map_err(|reason| (Some(from), reason))?;
    let bytes = Blob::new(snapshot.chunk(request.index).to_vec())
        .map_err(|_| (Some(from), Reject::Invalid))?;
    let path = snapshot.tree.path(index);
    Ok((StateChunk { state: request.state, index: request.index, bytes, path }, account))
}

/// Answers a request.
pub fn on_state_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<StateRequest>,
    effects: &mut Effects,
) {
    let (from, request) = (message.signer(), message.body());
    if from == state.me {
        return;
    }
    match answer(state, config, now, from, request) {
        Err((whose, reason)) => effects.reject(whose, reason),
        Ok((chunk, account)) => {
            effects.send(To::One(from), chunk);
            let place = usize::from(from.0).wrapping_sub(1);
            state.given.iter_mut().skip(place).take(1).for_each(|given| *given = account);
            if request.state.seq == state.offered {
                state.asked_at = Some(now);
            }
        }
    }
}
