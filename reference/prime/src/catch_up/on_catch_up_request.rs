//! A server that is behind is shown what was ordered.

use crate::catch_up::State;
use crate::pre_order::Effects;
use slots::slot;
use wire::prime::{CatchUpRequest, OrderedCertificate};
use wire::{Config, List, Reject, Time, To, Verified};

/// Most certificates sent for one request.
const CERTIFICATES: usize = 32;

/// Answers a Catch-Up-Request of its signer.
///
/// If the archive holds nothing above the request's `ordered`, nothing happens.
/// Rejects: `Full` (naming the signer) if the signer was answered less than
/// `timing.retransmit / 4` before `now`.
///
/// Otherwise `state.answered_at` of the signer becomes `now`, and the certificates of the lowest
/// numbers above `ordered`, at most 32, ascending, are emitted as `Send` to the signer alone.
///
/// Paper: none. Deviation: none.
#[slot(catch_up.on_catch_up_request)]
pub fn on_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<CatchUpRequest>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let mut lacking = state.archive.range(message.body().ordered.next()..).peekable();
    if sender == state.me || lacking.peek().is_none() {
        return;
    }
    let answered = &mut state.answered_at[sender.index()];
    if answered.is_some_and(|at| now.since(at) < config.timing.retransmit / 4) {
        return effects.reject(sender, Reject::Full);
    }
    *answered = Some(now);
    for (_, certificate) in lacking.take(CERTIFICATES) {
        let pre_prepare = certificate.pre_prepare.signed().clone();
        let commits = certificate.commits.iter().map(|vote| vote.signed().clone()).collect();
        let commits = List::new(commits).expect("at most one for each replica");
        effects.send(To::One(sender), OrderedCertificate { pre_prepare, commits });
    }
}
