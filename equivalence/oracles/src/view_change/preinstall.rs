//! What `view_change.preinstall` must do.

use super::definitions::{enter, judge, round_mut};
use crate::expected::Expected;
use crate::{Finding, answer};
use prime::view_change::State;
use wire::prime::{Certificate, Payload, Report};
use wire::{Config, Seq, View};

/// The view is entered, and this server's state is what must be broadcast in it.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    view: View,
    executed: Seq,
    entries: Vec<Certificate>,
    after: &State,
    got: &Vec<Payload>,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.preinstall", config, before);
    expected.since("after `State::enter`, `rounds` gets an empty round, unless one is there");
    enter(&mut expected.state, view);
    round_mut(&mut expected.state, view);
    judge(&expected, after, &[])?;
    let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let report = Report { executed, count, replay: before.certificate.clone() };
    let mut payloads = vec![Payload::Report(report)];
    payloads.extend(entries.into_iter().map(Payload::Entry));
    answer(&expected.rule("returns the Report, then each of `entries`"), &payloads, got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        certificate, changing, config, constraint, entry, hold, ids, install, prepared, proposal,
        replay, resolution, trips,
    };
    use prime::view_change::{Round, State};
    use wire::prime::{Payload, Report};
    use wire::{ReplicaId, Seq, Time, View};

    /// 5 is under way, 6 came early; kept are a certificate, an installed view, one offered.
    fn state() -> State {
        let mut state = changing(5);
        let early = [(ReplicaId(3), ids(&[1, 2, 3]))].into();
        state.rounds.insert(View(6), Round { lists: early, ..Round::default() });
        let chosen = resolution(4, &[true]);
        state.certificate = Some(certificate(&[1, 2], &replay(&constraint(3, &chosen))));
        hold(&mut state, &chosen);
        for (view, base) in [(2, 7), (7, 9)] {
            let install = install(view, &resolution(base, &[true]));
            hold(&mut state, &install.resolution);
            let of = if view == 2 { &mut state.installs } else { &mut state.offered };
            of.insert(View(view), install);
        }
        state.asked.insert((chosen.digest(), Seq(0), None), Time(9));
        state
    }

    #[test]
    fn what_only_lower_views_needed_goes_and_the_report_names_the_certificate() {
        let (config, mut before) = (config(), state());
        let used = resolution(11, &[true]);
        hold(&mut before, &used);
        before.proposals.extend([entry(&proposal(3, 20))]);
        let pc = vec![prepared(&proposal(3, 9), &[1, 2]), prepared(&proposal(2, 8), &[1, 2])];
        let mut payloads = vec![Payload::Report(Report {
            executed: Seq(7),
            count: 2,
            replay: before.certificate.clone(),
        })];
        payloads.extend(pc.iter().cloned().map(Payload::Entry));
        for view in [View(6), View(7)] {
            let mut after = state();
            after.preinstalled = view;
            after.rounds.retain(|&of, _| of >= view);
            after.rounds.entry(view).or_default();
            after.asked.clear();
            let check = |after: &State, got: &_| {
                check(&config, &before, view, Seq(7), pc.clone(), after, got)
            };
            assert_eq!(check(&after, &payloads), Ok(()));
            let mut stripped = payloads.clone();
            let report = Report { executed: Seq(7), count: 2, replay: None };
            stripped[0] = Payload::Report(report);
            trips(check(&after, &stripped), "returns");
            let mut swapped = payloads.clone();
            swapped.swap(1, 2);
            trips(check(&after, &swapped), "returns");
            let mut kept = after.clone();
            hold(&mut kept, &used);
            trips(check(&kept, &payloads), "resolutions");
            let mut lost = after.clone();
            lost.proposals.pop_first();
            trips(check(&lost, &payloads), "proposals");
            let mut asking = after.clone();
            asking.asked = before.asked.clone();
            trips(check(&asking, &payloads), "asked");
            let mut lost = after.clone();
            lost.offered.clear();
            trips(check(&lost, &payloads), "offered");
            after.rounds.insert(view, Round { accused: true, ..Round::default() });
            trips(check(&after, &payloads), "rounds");
        }
    }
}
