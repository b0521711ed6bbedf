//! Enters a view.

use prime::view_change::State;
use wire::prime::{Certificate, Payload, Report};
use wire::{Config, Seq, View};

/// Enters `view`; what is to be broadcast in it.
pub fn preinstall(
    state: &mut State,
    _config: &Config,
    view: View,
    executed: Seq,
    entries: Vec<Certificate>,
) -> Vec<Payload> {
    state.enter(view);
    if view == state.preinstalled && view > state.installed {
        state.rounds.entry(view).or_default();
    }
    let report = Report {
        executed,
        count: u32::try_from(entries.len()).unwrap_or(u32::MAX),
        replay: state.certificate.clone(),
    };
    let mut payloads = Vec::with_capacity(entries.len().saturating_add(1));
    payloads.push(Payload::Report(report));
    payloads.extend(entries.into_iter().map(Payload::Entry));
    payloads
}
