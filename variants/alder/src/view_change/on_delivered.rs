//! A broadcast is delivered.

use prime::view_change::{Delivered, Effects, State};
use std::ops::Bound as End;
use wire::auth::Context;
use wire::prime::{Bound, Certificate, Payload, PrePrepare, RbInit, Report};
use wire::{Config, Reject, Verified};

/// The Report of `delivered`, if it and all the numbers that it announces are there.
fn whole(delivered: &Delivered) -> Option<&Report> {
    let first = delivered.inits.get(&0)?;
    let Payload::Report(report) = &first.body().payload else {
        return None;
    };
    let wanted = u64::from(report.count) + 1;
    let there = delivered.inits.len() as u64;
    if there < wanted {
        return None;
    }
    let (&highest, _) = delivered.inits.last_key_value()?;
    if highest > report.count {
        // Some are beyond: count those that are not, while one can be missing.
        let mut counted = 0u64;
        for (&number, _) in &delivered.inits {
            if u64::from(number) != counted {
                return None;
            }
            counted += 1;
            if counted == wanted {
                break;
            }
        }
    }
    Some(report)
}

/// Takes a delivered broadcast of its signer.
pub fn on_delivered(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let view = message.body().view;
    let number = message.body().seq;
    if view != state.preinstalled || !state.changing() {
        return;
    }
    let Some(round) = state.rounds.get_mut(&view) else {
        return;
    };
    let delivered = round.delivered.entry(signer).or_default();
    delivered.inits.insert(number, message.clone());
    if delivered.statement.is_some() {
        return;
    }
    let Some(report) = whole(delivered) else {
        return;
    };
    if number > report.count {
        return;
    }

    // All is there: judge it.
    let context = Context::from(config);
    let mut entries: Vec<Certificate> = Vec::with_capacity(delivered.inits.len());
    let mut proposals: Vec<Verified<PrePrepare>> = Vec::new();
    // The ends may be equal: that is an empty range and no panic.
    let numbers = (End::Excluded(0), End::Included(report.count));
    for (_, init) in delivered.inits.range(numbers) {
        if let Payload::Entry(entry) = &init.body().payload {
            entries.push(entry.clone());
        }
    }
    let judged = prime::view_change::content_valid(config, view, report, &entries);
    let Some(statement) = judged else {
        effects.reject(signer, Reject::Invalid);
        return;
    };
    for (_, init) in delivered.inits.range(numbers) {
        if let Some(proposal) = init.pre_prepare(&context) {
            proposals.push(proposal);
        }
    }

    delivered.statement = Some(statement);
    for proposal in proposals {
        let bound = Bound { view: proposal.body().view, digest: proposal.digest() };
        state.proposals.insert((proposal.body().seq, bound), proposal);
    }
}
