//! Answers who lacks certificates.

use std::ops::Bound::{Excluded, Included};

use prime::catch_up::{ANSWERS, Answered, CERTIFICATES, Certificate, State};
use prime::pre_order::Effects;
use wire::prime::{CatchUpRequest, OrderedCertificate};
use wire::{Config, List, Reject, Seq, Time, To, Verified};

/// What is to be done.
enum Answer {
    Nothing,
    Wait,
    /// Send as many certificates at most, counted upon this.
    Send(usize, Answered),
}

/// Sends the signer the next certificates above what it has ordered.
pub fn on_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<CatchUpRequest>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    match answer(state, config, now, message) {
        Answer::Nothing => {}
        Answer::Wait => effects.reject(signer, Reject::Full),
        Answer::Send(most, mut answered) => {
            for (seq, certificate) in lacking(state, message.body().ordered).take(most) {
                answered.count = answered.count.saturating_add(1);
                answered.upto = seq;
                effects.send(To::One(signer), worded(certificate));
            }
            if let Some(entry) = state.answered.get_mut(place(message)) {
                *entry = answered;
            }
        }
    }
}

fn answer(
    state: &State,
    config: &Config,
    now: Time,
    message: &Verified<CatchUpRequest>,
) -> Answer {
    let ordered = message.body().ordered;
    let Some(before) = state.answered.get(place(message)).copied() else {
        return Answer::Nothing;
    };
    let end = before.since.0.saturating_add(config.timing.retransmit);
    let goes_on = before.count > 0 && now.0 < end;
    let idle = message.signer() == state.me || lacking(state, ordered).next().is_none();
    let waits = goes_on && (ordered < before.upto || before.count >= ANSWERS);
    let base = if goes_on { before } else { Answered { since: now, count: 0, upto: Seq(0) } };
    let most = usize::try_from(ANSWERS.saturating_sub(base.count)).unwrap_or(usize::MAX);
    [(idle, Answer::Nothing), (waits, Answer::Wait)]
        .into_iter()
        .find_map(|(holds, answer)| holds.then_some(answer))
        .unwrap_or(Answer::Send(most, base))
}

/// Where the signer has its entry.
fn place(message: &Verified<CatchUpRequest>) -> usize {
    usize::from(message.signer().0).wrapping_sub(1)
}

/// The certificates above `ordered`, and at most `CERTIFICATES` above it, ascending.
fn lacking(state: &State, ordered: Seq) -> impl Iterator<Item = (Seq, &Certificate)> {
    let last = Seq(ordered.0.saturating_add(CERTIFICATES));
    state
        .archive
        .range((Excluded(ordered), Included(last)))
        .map(|(seq, certificate)| (*seq, certificate))
}

fn worded(certificate: &Certificate) -> OrderedCertificate {
    let mut commits = certificate.commits.iter().map(|commit| commit.signed().clone());
    OrderedCertificate {
        pre_prepare: certificate.pre_prepare.signed().clone(),
        commits: List::take(&mut commits),
    }
}
