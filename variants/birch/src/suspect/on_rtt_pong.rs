//! `suspect.on_rtt_pong`: B6 to B8.

use prime::suspect::{Effects, State, take};
use wire::monitoring::Monitoring;
use wire::prime::{RttMeasure, RttPong};
use wire::{Config, Reject, Time, To, Verified};

/// Whether the message answers this server, in this view.
fn admissible(state: &State, message: &Verified<RttPong>) -> Result<(), Reject> {
    if message.body().view != state.view {
        Err(Reject::WrongView)
    } else if message.body().pinger != state.me || message.signer() == state.me {
        Err(Reject::NotEntitled)
    } else {
        Ok(())
    }
}

/// When the ping was sent that is answered for the first time.
fn pinged(state: &State, answered: u64, seq: u64) -> Result<Time, Reject> {
    if seq > state.ping_seq {
        Err(Reject::Invalid)
    } else if seq <= answered {
        Err(Reject::Duplicate)
    } else {
        state.pings.get(&seq).copied().ok_or(Reject::Stale)
    }
}

/// Takes an answer and tells who gave it how far away it is.
pub fn on_rtt_pong(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPong>,
    effects: &mut Effects,
) {
    let (from, seq) = (message.signer(), message.body().seq);
    let place = usize::from(from.0).wrapping_sub(1);
    let answered = state.answered.get(place).copied().unwrap_or(0);
    let sent = admissible(state, message)
        .and_then(|()| take(state, config, rules, now, from).then_some(()).ok_or(Reject::Full))
        .and_then(|()| pinged(state, answered, seq));
    match sent {
        Ok(sent) => {
            state.answered.iter_mut().skip(place).take(1).for_each(|last| *last = seq);
            effects.send(
                To::One(from),
                RttMeasure { view: state.view, to: from, rtt: now.since(sent) },
            );
        }
        Err(reason) => effects.reject(from, reason),
    }
}
