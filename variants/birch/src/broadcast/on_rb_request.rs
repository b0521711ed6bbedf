//! Passes an Init on to whoever lacks it.

use prime::broadcast::ANSWERS;
use prime::broadcast::Effects;
use prime::broadcast::State;
use prime::broadcast::Tag;
use wire::Config;
use wire::Effect;
use wire::Reject;
use wire::Time;
use wire::To;
use wire::Verified;
use wire::prime::RbInit;
use wire::prime::RbRequest;

/// Answers an RbRequest of its signer.
pub fn on_rb_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<RbRequest>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let Some(init) = asked(state, message).cloned() else {
        return;
    };
    let place = usize::from(signer.0).checked_sub(1);
    let Some(entry) = place.and_then(|place| state.answered.get_mut(place)) else {
        return;
    };
    match counted(*entry, now, config.timing.retransmit) {
        Err(reason) => effects.reject(signer, reason),
        Ok(next) => {
            *entry = next;
            effects.push(Effect::Relay {
                to: To::One(signer),
                message: init.into(),
            });
        }
    }
}

/// The Init that another server asks for, if it is held.
fn asked<'a>(state: &'a State, message: &Verified<RbRequest>) -> Option<&'a Verified<RbInit>> {
    let &RbRequest {
        originator,
        view,
        seq,
        digest,
    } = message.body();
    let tag = Tag {
        view,
        originator,
        seq,
    };
    Some(&state.instances)
        .filter(|_| message.signer() != state.me)
        .and_then(|instances| instances.get(&tag))
        .and_then(|instance| instance.init.as_ref())
        .filter(|init| init.digest() == digest)
}

/// The period's begin and count after one more answer.
fn counted(
    (begin, count): (Time, u32),
    now: Time,
    period: u64,
) -> Result<(Time, u32), Reject> {
    let over = now
        .0
        .checked_sub(begin.0)
        .is_some_and(|elapsed| elapsed >= period);
    match count {
        0 => Ok((now, 1)),
        _ if over => Ok((now, 1)),
        ANSWERS.. => Err(Reject::Full),
        _ => Ok((begin, count + 1)),
    }
}
