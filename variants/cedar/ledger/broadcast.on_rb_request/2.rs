//! The receiver's account as a small state machine: a table gives its next state, or none.

use prime::broadcast::{ANSWERS, Effects, State, Tag};
use wire::prime::{Incoming, RbRequest};
use wire::{Config, Effect, Reject, Time, To, Verified};

/// An account and what it is looked at with.
struct Facts {
    /// When the count began, and the count.
    account: (Time, u32),
    /// How long a period is.
    period: u64,
    /// The present.
    now: Time,
}

/// A condition, and the account after one more answer, if there may be one.
type Step = (fn(&Facts) -> bool, fn(&Facts) -> Option<(Time, u32)>);

/// Tried in order.
const STEPS: [Step; 3] = [
    // No period is under way, or it is over: the next begins.
    (
        |facts| {
            facts.account.1 == 0
                || facts.now.0.saturating_sub(facts.account.0.0) >= facts.period
        },
        |facts| Some((facts.now, 1)),
    ),
    (|facts| facts.account.1 >= ANSWERS, |_| None),
    (|_| true, |facts| Some((facts.account.0, facts.account.1.saturating_add(1)))),
];

/// The account after one more answer, if there may be one.
fn after(facts: &Facts) -> Option<(Time, u32)> {
    STEPS.iter().find(|(applies, _)| applies(facts)).and_then(|(_, next)| next(facts))
}

/// Answers an RbRequest of its signer.
pub fn on_rb_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<RbRequest>,
    effects: &mut Effects,
) {
    let RbRequest { originator, view, seq, digest } = *message.body();
    let signer = message.signer();
    if signer == state.me {
        return;
    }
    let held = state
        .instances
        .get(&Tag { view, originator, seq })
        .and_then(|instance| instance.init.as_ref())
        .filter(|init| init.digest() == digest);
    let place = usize::from(signer.0).checked_sub(1);
    let account = place.and_then(|place| state.answered.get_mut(place));
    let (Some(init), Some(account)) = (held, account) else {
        return;
    };
    let facts = Facts { account: *account, period: config.timing.retransmit, now };
    match after(&facts) {
        None => effects.reject(signer, Reject::Full),
        Some(next) => {
            *account = next;
            effects.push(Effect::Relay {
                to: To::One(signer),
                message: Incoming::from(init.clone()),
            });
        }
    }
}
