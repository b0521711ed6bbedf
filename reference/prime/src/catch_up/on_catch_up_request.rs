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
/// If the signer is this server, or the archive holds nothing above the request's `ordered`, nothing
/// happens.
/// Rejects: `Full` (naming the signer, nothing changed) if the signer was answered less than
/// `timing.retransmit` before `now` and its `ordered` does not exceed what it was then: whoever makes
/// progress is helped on at once, whoever asks for the same again waits.
///
/// Otherwise `state.answered` of the signer becomes `now` and its `ordered`, and the certificates of
/// the lowest numbers above `ordered`, at most 32, ascending, are emitted, each as one `Send` of an
/// Ordered-Certificate to the signer alone. The request's view is not looked at.
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
    let ordered = message.body().ordered;
    let answered = &mut state.answered[sender.index()];
    let again = |(at, before): (Time, wire::Seq)| {
        now.since(at) < config.timing.retransmit && ordered <= before
    };
    if answered.is_some_and(again) {
        return effects.reject(sender, Reject::Full);
    }
    *answered = Some((now, ordered));
    for (_, certificate) in lacking.take(CERTIFICATES) {
        let pre_prepare = certificate.pre_prepare.signed().clone();
        let commits = certificate.commits.iter().map(|vote| vote.signed().clone()).collect();
        let commits = List::new(commits).expect("at most one for each replica");
        effects.send(To::One(sender), OrderedCertificate { pre_prepare, commits });
    }
}
