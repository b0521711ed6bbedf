//! A view is entered.

use prime::view_change::State;
use wire::prime::{Certificate, Payload, Report};
use wire::{Config, Seq, View};

/// Enters `view` and returns what is to be broadcast in it.
pub fn preinstall(
    state: &mut State,
    _config: &Config,
    view: View,
    executed: Seq,
    entries: Vec<Certificate>,
) -> Vec<Payload> {
    let count = match u32::try_from(entries.len()) {
        Ok(count) => count,
        Err(_) => u32::MAX,
    };

    state.enter(view);
    state.rounds.entry(view).or_default();
    let mut payloads = Vec::with_capacity(entries.len() + 1);
    payloads.push(Payload::Report(Report { executed, count, replay: state.certificate.clone() }));
    for entry in entries {
        payloads.push(Payload::Entry(entry));
    }
    payloads
}
