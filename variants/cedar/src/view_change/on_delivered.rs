//! Takes a delivered broadcast.

use std::ops::Bound::{Excluded, Included};

use prime::view_change::{Delivered, Effects, State, Statement, content_valid};
use wire::auth::Context;
use wire::prime::{Bound, Certificate, Payload, PrePrepare, RbInit, Report};
use wire::{Config, Reject, ReplicaId, Verified};

/// What is to be done with a server's broadcasts.
enum Verdict {
    Wait,
    Valid(Statement, Vec<Verified<PrePrepare>>),
    Invalid,
}

/// Keeps it; once all of its signer's are here, they are judged.
pub fn on_delivered(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    effects: &mut Effects,
) {
    let RbInit { view, seq, .. } = *message.body();
    let signer = message.signer();
    if view != state.preinstalled || !state.changing() {
        return;
    }
    let delivered = state.rounds.entry(view).or_default().delivered.entry(signer).or_default();
    delivered.inits.insert(seq, message.clone());
    let verdict = verdict(config, delivered, message);
    carry_out(state, signer, message, verdict, effects);
}

fn verdict(config: &Config, delivered: &Delivered, last: &Verified<RbInit>) -> Verdict {
    let Some((report, inits)) = whole(delivered, last.body().seq) else {
        return Verdict::Wait;
    };
    let entries: Vec<Certificate> = inits.iter().filter_map(|init| entry(init)).collect();
    let Some(statement) = content_valid(config, last.body().view, report, &entries) else {
        return Verdict::Invalid;
    };
    let context = Context::from(config);
    let proposals = inits.iter().filter_map(|init| init.pre_prepare(&context)).collect();
    Verdict::Valid(statement, proposals)
}

/// The Report and the broadcasts that it counts, if nothing was judged yet and number `last` is one of
/// those that make them whole.
fn whole(delivered: &Delivered, last: u32) -> Option<(&Report, Vec<&Verified<RbInit>>)> {
    let Payload::Report(report) = &delivered.inits.get(&0)?.body().payload else {
        return None;
    };
    let guards = [
        delivered.statement.is_some(),
        last > report.count,
        u32::try_from(delivered.inits.len()).is_ok_and(|held| held <= report.count),
    ];
    if guards.contains(&true) {
        return None;
    }
    let counted = (Excluded(0), Included(report.count));
    let inits: Vec<_> = delivered.inits.range(counted).map(|(_, init)| init).collect();
    (u32::try_from(inits.len()) == Ok(report.count)).then_some((report, inits))
}

/// The entry that it broadcasts, if it is one.
fn entry(init: &Verified<RbInit>) -> Option<Certificate> {
    match &init.body().payload {
        Payload::Entry(certificate) => Some(certificate.clone()),
        Payload::Report(_) => None,
    }
}

fn carry_out(
    state: &mut State,
    signer: ReplicaId,
    message: &Verified<RbInit>,
    verdict: Verdict,
    effects: &mut Effects,
) {
    match verdict {
        Verdict::Wait => {}
        Verdict::Invalid => effects.reject(signer, Reject::Invalid),
        Verdict::Valid(statement, proposals) => {
            let round = state.rounds.get_mut(&message.body().view);
            if let Some(delivered) = round.and_then(|round| round.delivered.get_mut(&signer)) {
                delivered.statement = Some(statement);
            }
            for proposal in proposals {
                let body = proposal.body();
                let key = (body.seq, Bound { view: body.view, digest: proposal.digest() });
                state.proposals.insert(key, proposal);
            }
        }
    }
}
