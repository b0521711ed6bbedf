//! `view_change.preinstall`: what this server says at the beginning of a change.

use prime::view_change::State;
use wire::prime::{Certificate, Payload, Report};
use wire::{Config, Seq, View};

/// Enters `view`; the Report, and the entries.
pub fn preinstall(
    state: &mut State,
    _config: &Config,
    view: View,
    executed: Seq,
    entries: Vec<Certificate>,
) -> Vec<Payload> {
    state.enter(view);
    if state.preinstalled == view && state.changing() {
        state.rounds.entry(view).or_default();
    }
    let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let report = Report { executed, count, replay: state.certificate.clone() };
    std::iter::once(Payload::Report(report))
        .chain(entries.into_iter().map(Payload::Entry))
        .collect()
}
