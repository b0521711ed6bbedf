//! A proof that a leader signed two different Pre-Prepares.

use prime::order::Effects;
use prime::order::State;
use wire::Config;
use wire::Effect;
use wire::Reject;
use wire::To;
use wire::Verified;
use wire::auth::Context;
use wire::prime::PrePrepareConflict;

/// 5.3, last paragraph, for Replay messages
pub fn on_pre_prepare_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepareConflict>,
    effects: &mut Effects,
) {
    match proves(config, message).and_then(|()| news(state, message)) {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok(()) => {
            state.leader_proof = Some(message.clone());
            if !state.leader_accused {
                state.leader_accused = true;
                effects.push(Effect::Relay {
                    to: To::Others,
                    message: message.clone().into(),
                });
            }
        }
    }
}

/// Whether a leader contradicts itself in it.
fn proves(config: &Config, message: &Verified<PrePrepareConflict>) -> Result<(), Reject> {
    let (first, second) = message.pair(&Context::from(config));
    if first.signer() == second.signer()
        && first.body().view == second.body().view
        && first.body().seq == second.body().seq
        && first.digest() != second.digest()
        && first.signer() == config.leader_of(first.body().view)
    {
        Ok(())
    } else {
        Err(Reject::Invalid)
    }
}

/// Whether it is the first one about the installed view.
fn news(state: &State, message: &Verified<PrePrepareConflict>) -> Result<(), Reject> {
    if message.body().first.body.view != state.view {
        Err(Reject::WrongView)
    } else if state.leader_proof.is_some() {
        Err(Reject::Duplicate)
    } else {
        Ok(())
    }
}
