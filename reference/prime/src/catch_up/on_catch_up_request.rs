//! A server that is behind is shown what was ordered.

use crate::catch_up::{ANSWERS, Answered, CERTIFICATES, State};
use crate::pre_order::Effects;
use slots::slot;
use std::ops::Bound;
use wire::prime::{CatchUpRequest, OrderedCertificate};
use wire::{Config, List, Reject, Seq, Time, To, Verified};

/// Answers a Catch-Up-Request of its signer.
///
/// What it lacks are the certificates in the archive of numbers above the request's `ordered` and at
/// most [`CERTIFICATES`] above it (a number that is no more there was ordered by a view change or is
/// covered by a state, and is shown otherwise). If there are none, or the signer is this server,
/// nothing happens, whatever it got before.
///
/// The signer's period (`state.answered`) goes on if its `count` is above 0 and `now` is before
/// `since + timing.retransmit`.
/// Rejects: `Full` (naming the signer, nothing changed) if its period goes on and its `ordered` is
/// below `upto`, or `count` is [`ANSWERS`]: whoever has got all is helped on at once, whoever asks for
/// the same again waits.
///
/// Otherwise, if its period does not go on, a new one begins: `since` becomes `now`, `count` and `upto`
/// become 0. Then the lowest of what it lacks, as many as `ANSWERS` less `count` at most, are emitted,
/// ascending, each as one `Send` of an Ordered-Certificate to the signer alone; `count` grows by how
/// many they are, and `upto` becomes the number of the last. The request's views are not looked at.
///
/// Invariant: a server is sent at most `ANSWERS` certificates in a period.
/// Paper: none. Deviation: none.
///
/// Invariant: the archive never changes, and of what was answered only the signer's entry.
/// Invariant: a signer gets no more than 32 certificates a request, ascending and of numbers above
/// what it has ordered.
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
    let mut lacking: Vec<_> =
        state.archive.range((Bound::Excluded(ordered), Bound::Included(last))).collect();
    if lacking.is_empty() || sender == state.me {
        return;
    }
    let answered = &mut state.answered[sender.index()];
    if answered.count == 0 || now.since(answered.since) >= config.timing.retransmit {
        *answered = Answered { since: now, ..Answered::default() };
    } else if ordered < answered.upto || answered.count >= ANSWERS {
        return effects.reject(sender, Reject::Full);
    }
    let left = ANSWERS.saturating_sub(answered.count);
    lacking.truncate(usize::try_from(left).expect("a small constant"));
    answered.count += lacking.len() as u64;
    for (seq, certificate) in lacking {
        answered.upto = *seq;
        let pre_prepare = certificate.pre_prepare.signed().clone();
        let commits = certificate.commits.iter().map(|vote| vote.signed().clone()).collect();
        let commits = List::new(commits).expect("at most one for each replica");
        effects.send(To::One(sender), OrderedCertificate { pre_prepare, commits });
    }
}
