//! Takes a delivered broadcast.

use std::collections::btree_map::Entry;

use prime::view_change::{Delivered, Effects, State, content_valid};
use wire::auth::Context;
use wire::prime::{Bound, Certificate, Payload, RbInit, Report};
use wire::{Config, Verified};

/// Keeps it; once all of its signer's are here, they are judged.
pub fn on_delivered(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    _effects: &mut Effects,
) {
    let view = message.body().view;
    if state.outside(view).is_some() {
        return;
    }
    let delivered =
        state.rounds.entry(view).or_default().delivered.entry(message.signer()).or_default();
    match delivered.inits.entry(message.body().seq) {
        Entry::Occupied(_) => return,
        Entry::Vacant(place) => {
            place.insert(message.clone());
        }
    }
    let Some((report, entries)) = whole(delivered, message.body().seq) else {
        return;
    };
    let Some(statement) = content_valid(config, view, &report, &entries) else {
        return;
    };
    delivered.statement = Some(statement);
    let context = Context::from(config);
    for proposal in delivered.inits.values().filter_map(|init| init.pre_prepare(&context)) {
        let body = proposal.body();
        let key = (body.seq, Bound { view: body.view, digest: proposal.digest() });
        state.proposals.entry(key).or_insert(proposal);
    }
}

/// Report and entries, if number `last` made them whole.
fn whole(delivered: &Delivered, last: u32) -> Option<(Report, Vec<Certificate>)> {
    let Payload::Report(report) = &delivered.inits.get(&0)?.body().payload else {
        return None;
    };
    let few = u32::try_from(delivered.inits.len()).is_ok_and(|held| held <= report.count);
    if few {
        return None;
    }
    let following = delivered.inits.range(1..).take_while(|(seq, _)| **seq <= report.count).count();
    if last > report.count || u32::try_from(following) != Ok(report.count) {
        return None;
    }
    let entries = delivered
        .inits
        .range(1..)
        .take(following)
        .map(|(_, init)| match &init.body().payload {
            Payload::Entry(certificate) => Some(certificate.clone()),
            Payload::Report(_) => None,
        })
        .collect::<Option<Vec<Certificate>>>()?;
    Some((report.clone(), entries))
}
