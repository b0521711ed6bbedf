//! A server that is behind is shown what was ordered.

use crate::catch_up::{ANSWERS, Answered, CERTIFICATES, State};
use crate::pre_order::Effects;
use slots::slot;
use std::ops::Bound;
use wire::prime::{CatchUpRequest, OrderedCertificate};
use wire::{Config, List, Reject, Seq, Time, To, Verified};

/// Answers a Catch-Up-Request of its signer.
///
/// The answer has the certificates in the archive of numbers above the request's `ordered` and at most
/// 32 above it (a number that is no more there was ordered by a view change or is covered by a state,
/// and is shown otherwise). If there are none, or the signer is this server, nothing happens.
/// Rejects: `Full` (naming the signer, nothing changed) if its period (`state.answered`) is not over
/// and its `ordered` is below the highest number sent in it, or [`ANSWERS`] certificates were: whoever
/// has got all is helped on at once, whoever asks for the same again waits.
///
/// Otherwise the certificates are emitted, ascending, each as one `Send` of an Ordered-Certificate to
/// the signer alone, and counted in its period (a new one from `now`, if the last is over, with `upto`
/// 0 before they are counted). The request's views are not looked at.
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
    let (sender, ordered) = (message.signer(), message.body().ordered);
    let last = Seq(ordered.0.saturating_add(CERTIFICATES));
    let lacking: Vec<_> =
        state.archive.range((Bound::Excluded(ordered), Bound::Included(last))).collect();
    let Some(upto) = lacking.last().map(|(seq, _)| **seq).filter(|_| sender != state.me) else {
        return;
    };
    let answered = &mut state.answered[sender.index()];
    if answered.count == 0 || now.since(answered.since) >= config.timing.retransmit {
        *answered = Answered { since: now, ..Answered::default() };
    } else if ordered < answered.upto || answered.count >= ANSWERS {
        return effects.reject(sender, Reject::Full);
    }
    answered.count += lacking.len() as u64;
    answered.upto = answered.upto.max(upto);
    for (_, certificate) in lacking {
        let pre_prepare = certificate.pre_prepare.signed().clone();
        let commits = certificate.commits.iter().map(|vote| vote.signed().clone()).collect();
        let commits = List::new(commits).expect("at most one for each replica");
        effects.send(To::One(sender), OrderedCertificate { pre_prepare, commits });
    }
}
