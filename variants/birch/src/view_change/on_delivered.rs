//! `view_change.on_delivered`: Reports and entries, as they are delivered.

use prime::view_change::{Delivered, Effects, State, Statement, content_valid};
use wire::auth::Context;
use wire::prime::{Bound, Certificate, Payload, PrePrepare, RbInit, Report};
use wire::{Config, Reject, Seq, Verified, View};

/// What the broadcasts say, with the Pre-Prepares that they name.
type Said = (Statement, Vec<((Seq, Bound), Verified<PrePrepare>)>);

/// The Report, if it is there.
fn report(delivered: &Delivered) -> Option<&Report> {
    match &delivered.inits.get(&0)?.body().payload {
        Payload::Report(report) => Some(report),
        Payload::Entry(_) => None,
    }
}

/// The entry that a broadcast holds.
fn entry(message: &Verified<RbInit>) -> Option<Certificate> {
    match &message.body().payload {
        Payload::Entry(entry) => Some(entry.clone()),
        Payload::Report(_) => None,
    }
}

/// The Pre-Prepare in a broadcast, under its name.
fn proposal(
    message: &Verified<RbInit>,
    context: &Context,
) -> Option<((Seq, Bound), Verified<PrePrepare>)> {
    let found = message.pre_prepare(context)?;
    let bound = Bound { view: found.body().view, digest: found.digest() };
    Some(((found.body().seq, bound), found))
}

/// What the broadcasts say, if all are there and number `seq`, which came now, is one of them.
fn said(config: &Config, view: View, seq: u32, delivered: &Delivered) -> Result<Option<Said>, Reject> {
    let Some(report) = report(delivered).filter(|report| seq <= report.count) else {
        return Ok(None);
    };
    let wanted = u64::from(report.count).saturating_add(1);
    let all = || delivered.inits.range(..=report.count).map(|(_, init)| init);
    if (delivered.inits.len() as u64) < wanted || all().count() as u64 != wanted {
        return Ok(None);
    }
    let entries: Vec<Certificate> = all().filter_map(entry).collect();
    let context = Context::from(config);
    content_valid(config, view, report, &entries)
        .map(|statement| {
            Some((statement, all().filter_map(|init| proposal(init, &context)).collect()))
        })
        .ok_or(Reject::Invalid)
}

/// Takes a delivered broadcast.
pub fn on_delivered(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    effects: &mut Effects,
) {
    let (from, view, seq) = (message.signer(), message.body().view, message.body().seq);
    if view != state.preinstalled || !state.changing() {
        return;
    }
    let delivered = state.rounds.entry(view).or_default().delivered.entry(from).or_default();
    delivered.inits.insert(seq, message.clone());
    if delivered.statement.is_some() {
        return;
    }
    match said(config, view, seq, delivered) {
        Err(reason) => effects.reject(from, reason),
        Ok(None) => {}
        Ok(Some((statement, proposals))) => {
            delivered.statement = Some(statement);
            state.proposals.extend(proposals);
        }
    }
}
