//! A new leader was elected.

use crate::view_change::State;
use slots::slot;
use wire::prime::{Certificate, Payload, Report};
use wire::{Config, Seq, View};

/// Enters `view` and returns what is to be broadcast in it: the Report, then each of `entries` in the
/// order given.
///
/// Requires: `view` is above `state.preinstalled`; `entries` are at most `MAX_REPLAY`.
///
/// `executed` is how far this server has executed, all of it backed by certificates (or a proven
/// checkpoint) in its log; `entries` are its certificates for numbers above.
/// After [`State::enter`], `rounds` gets an empty round for `view`, unless one is there (what came
/// early), and the Report has `executed`, the number of entries, and `state.certificate`. Emits nothing:
/// broadcasting promises the payloads. The Report is never made a second time, and an entry only if the
/// log ends before it (`broadcast::start`).
///
/// The caller has seen to it that this server votes for no lower view from now on.
///
/// Invariant: the Report names every view for which this server sent Replay-Commit, by the highest.
/// Paper: 5.3, "State Dissemination Phase". Deviation: see the module.
#[slot(view_change.preinstall)]
pub fn preinstall(
    state: &mut State,
    _config: &Config,
    view: View,
    executed: Seq,
    entries: Vec<Certificate>,
) -> Vec<Payload> {
    assert!(view > state.preinstalled, "views are preinstalled in ascending order");
    state.enter(view);
    state.rounds.entry(view).or_default();
    let count = u32::try_from(entries.len()).expect("at most MAX_REPLAY");
    let report = Report { executed, count, replay: state.certificate.clone() };
    let entries = entries.into_iter().map(Payload::Entry);
    std::iter::once(Payload::Report(report)).chain(entries).collect()
}
