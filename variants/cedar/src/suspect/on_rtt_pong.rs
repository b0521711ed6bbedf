//! Takes the answer to a ping.

use prime::suspect::{Effects, State, take};
use wire::monitoring::Monitoring;
use wire::prime::{RttMeasure, RttPong};
use wire::{Config, Reject, ReplicaId, Time, To, Verified};

/// Measures the round trip and tells the signer.
pub fn on_rtt_pong(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPong>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let outcome = entitled(state, message.body(), signer)
        .and_then(|()| {
            if take(state, config, rules, now, signer) { Ok(()) } else { Err(Reject::Full) }
        })
        .and_then(|()| sent_at(state, message.body().seq, signer));
    match outcome {
        Err(reason) => effects.reject(signer, reason),
        Ok(sent) => {
            if let Some(answered) = state.answered.get_mut(place(signer)) {
                *answered = message.body().seq;
            }
            let rtt = now.0.saturating_sub(sent.0);
            effects.send(To::One(signer), RttMeasure { view: state.view, to: signer, rtt });
        }
    }
}

/// What is asked before the message is counted.
fn entitled(state: &State, pong: &RttPong, signer: ReplicaId) -> Result<(), Reject> {
    let guards = [
        (pong.view != state.view, Reject::WrongView),
        (pong.pinger != state.me || signer == state.me, Reject::NotEntitled),
    ];
    first(guards.as_slice())
}

/// When the ping was sent, if its answer is still wanted.
fn sent_at(state: &State, seq: u64, signer: ReplicaId) -> Result<Time, Reject> {
    let answered = state.answered.get(place(signer)).copied().unwrap_or(u64::MAX);
    let guards = [(seq > state.ping_seq, Reject::Invalid), (seq <= answered, Reject::Duplicate)];
    first(guards.as_slice())?;
    state.pings.get(&seq).copied().ok_or(Reject::Stale)
}

fn first(guards: &[(bool, Reject)]) -> Result<(), Reject> {
    guards.iter().find(|guard| guard.0).map_or(Ok(()), |guard| Err(guard.1))
}

fn place(id: ReplicaId) -> usize {
    usize::from(id.0).wrapping_sub(1)
}
