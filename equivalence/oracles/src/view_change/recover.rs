//! What `view_change.recover` must do.

use super::definitions::{
    bound_above, changing, enter, install, judge, key_of, list, names, prepares, round_mut, view_of,
};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::{Round, State};
use wire::prime::{Body, Incoming, Prime, ReplayCertificate, ReplayCommit};
use wire::{Config, Record, Seq, View};

/// A record of the log is taken back; no vote may be contradicted after a restart.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    record: &Record<Prime>,
    after: &State,
) -> Result<(), Finding> {
    // The contract is about what this server logged, and that fits together.
    if let Record::Promise(Body::InstallCertificate(own)) = record
        && !names(&own.replay.body.constraint, &own.resolution)
    {
        return Ok(());
    }
    let mut expected = Expected::unchanged("view_change.recover", config, before);
    match record {
        Record::Promise(body) => promise(&mut expected, body),
        Record::Held(message) => held(&mut expected, message),
    }
    judge(&expected, after, &[])
}

/// The round of `view`, if that is the change under way.
fn under_way<'a>(expected: &'a mut Expected<'_, State>, view: View) -> Option<&'a mut Round> {
    let state = &mut expected.state;
    (changing(state) && view == state.preinstalled).then(|| round_mut(state, view))
}

fn promise(expected: &mut Expected<'_, State>, body: &Body) {
    match body {
        Body::RbInit(init) if init.view > expected.state.preinstalled => {
            expected.since("`State::enter`, and `rounds` gets an empty round for it");
            enter(&mut expected.state, init.view);
            round_mut(&mut expected.state, init.view);
        }
        Body::VcList(own) => {
            expected.since("a VC-List of the change under way becomes `listed`");
            if let Some(round) = under_way(expected, own.view) {
                round.listed = Some(own.ids.clone());
            }
        }
        Body::Replay(own) => {
            expected.since("a Replay of the change under way becomes `promised`");
            if let Some(round) = under_way(expected, own.constraint.view) {
                round.promised = Some(own.clone());
            }
        }
        Body::ReplayPrepare(own) => {
            expected.since("of a Replay-Prepare, `prepared` becomes its digest");
            if let Some(round) = under_way(expected, own.view) {
                round.prepared = Some(own.digest);
            }
        }
        Body::ReplayCommit(own) => committed(expected, own),
        Body::ResolutionAnswer(own) => {
            expected.since("the resolution enters `resolutions`");
            let resolution = own.resolution.clone();
            expected.state.resolutions.insert(resolution.digest(), resolution);
        }
        Body::InstallCertificate(own) if view_of(own) > expected.state.installed => {
            expected.since("an Install-Certificate: as in `finish`, but nothing is emitted");
            install(&mut expected.state, own);
        }
        _ => expected.since("anything else is not for view changes: nothing happens"),
    }
}

fn committed(expected: &mut Expected<'_, State>, own: &ReplayCommit) {
    expected.since("`committed` becomes its digest, `certificate` the Replay with its votes");
    let config = expected.config;
    let Some(round) = under_way(expected, own.view) else { return };
    round.committed = Some(own.digest);
    let votes = prepares(config, round);
    if let Some((replay, votes)) = round.replay.as_ref().zip(votes) {
        let prepares = list(votes.iter().map(|vote| vote.signed().clone()).collect());
        let certificate = ReplayCertificate { replay: replay.signed().clone(), prepares };
        expected.state.certificate = Some(certificate);
    }
}

fn held(expected: &mut Expected<'_, State>, message: &Incoming) {
    match message {
        Incoming::Replay(replay) => {
            expected.since("a `Held` Replay of the change under way becomes `replay`");
            if let Some(round) = under_way(expected, replay.body().constraint.view) {
                round.replay = Some(replay.clone());
            }
        }
        Incoming::ReplayPrepare(vote) => {
            expected.since("a `Held` Replay-Prepare enters `prepares` under its signer");
            if let Some(round) = under_way(expected, vote.body().view) {
                round.prepares.insert(vote.signer(), vote.clone());
            }
        }
        Incoming::PrePrepare(proposal) => {
            expected.since("a `Held` Pre-Prepare that a resolution held names enters `proposals`");
            let key = key_of(proposal);
            let held = expected.state.resolutions.values();
            if held.flat_map(|held| bound_above(held, Seq(0))).any(|named| named == key) {
                expected.state.proposals.insert(key, proposal.clone());
            }
        }
        _ => expected.since("anything else is not for view changes: nothing happens"),
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        certificate, changing, chooses, commits, config, constraint, digest, entry, hold, ids,
        install, now_in, prepares, proof, proposal, proposal_with, replay, resolution, sign, trips,
    };
    use prime::view_change::{Round, State};
    use wire::prime::{
        Body, Payload, Prime, RbInit, ReplayCommit, ReplayPrepare, Report, ResolutionAnswer, VcList,
    };
    use wire::{Record, ReplicaId, Seq, View};

    /// The record changes `before` as `change` says, and that much is looked at.
    #[track_caller]
    fn changes(
        before: &State,
        record: Record<Prime>,
        place: &str,
        change: impl FnOnce(&mut State),
    ) {
        let (config, mut after) = (config(), before.clone());
        change(&mut after);
        assert_eq!(check(&config, before, &record, &after), Ok(()));
        trips(check(&config, before, &record, before), place);
    }

    #[track_caller]
    fn changes_nothing(before: &State, record: &Record<Prime>) {
        assert_eq!(check(&config(), before, record, before), Ok(()));
        let mut after = before.clone();
        after.alarmed = true;
        trips(check(&config(), before, record, &after), "alarmed");
    }

    fn own(body: impl Into<Body>) -> Record<Prime> {
        Record::Promise(body.into())
    }

    fn init(view: u64) -> Record<Prime> {
        let report = Report { executed: Seq(4), count: 0, replay: None };
        own(RbInit { view: View(view), seq: 0, payload: Payload::Report(report) })
    }

    #[test]
    fn a_promised_report_enters_its_view() {
        let mut before = changing(5);
        let (kept, gone) = (install(3, &resolution(4, &[true])), resolution(7, &[true]));
        hold(&mut before, &kept.resolution);
        before.installs.insert(View(3), kept);
        let entered = |state: &mut State| {
            state.preinstalled = View(6);
            state.rounds = [(View(6), Round::default())].into();
        };
        let mut more = before.clone();
        hold(&mut more, &gone);
        let mut after = before.clone();
        entered(&mut after);
        assert_eq!(check(&config(), &more, &init(6), &after), Ok(()));
        hold(&mut after, &gone);
        trips(check(&config(), &more, &init(6), &after), "resolutions");
        changes(&before, init(6), "preinstalled", entered);
        changes_nothing(&before, &init(5));
    }

    #[test]
    fn promises_of_the_change_under_way_are_kept() {
        let before = changing(5);
        let all = |view: u64| {
            let chosen = chooses(proof(&[1, 2, 3], &constraint(view, &resolution(4, &[]))));
            let (view, digest) = (View(view), digest("any"));
            let list = VcList { view, ids: ids(&[1, 2, 3]) };
            (own(list), own(chosen.clone()), own(ReplayPrepare { view, digest }), chosen)
        };
        let (list, replay, prepare, chosen) = all(5);
        changes(&before, list, "listed", |s| now_in(s).listed = Some(ids(&[1, 2, 3])));
        changes(&before, replay, "promised", |s| now_in(s).promised = Some(chosen));
        changes(&before, prepare, "prepared", |s| now_in(s).prepared = Some(digest("any")));
        let mut over = before.clone();
        (over.installed, over.rounds) = (View(5), [].into());
        for (state, view) in [(&before, 4), (&before, 6), (&over, 5)] {
            let (list, replay, prepare, _) = all(view);
            changes_nothing(state, &list);
            changes_nothing(state, &replay);
            changes_nothing(state, &prepare);
            let (view, digest) = (View(view), digest("any"));
            changes_nothing(state, &own(ReplayCommit { view, digest }));
        }
    }

    #[test]
    fn a_promised_commit_brings_back_the_certificate() {
        let chosen = replay(&constraint(5, &resolution(4, &[])));
        let mut before = changing(5);
        let held = Record::<Prime>::Held;
        let hold = held(chosen.clone().into());
        changes(&before, hold, "replay", |s| now_in(s).replay = Some(chosen.clone()));
        now_in(&mut before).replay = Some(chosen.clone());
        for (i, vote) in prepares(&[1, 3], &chosen) {
            let record = held(vote.clone().into());
            changes(&before, record, "prepares", |s| {
                drop(now_in(s).prepares.insert(i, vote.clone()))
            });
            now_in(&mut before).prepares.insert(i, vote);
        }
        let other = replay(&constraint(5, &resolution(5, &[])));
        now_in(&mut before).prepares.extend(prepares(&[4], &other));
        let commit = own(ReplayCommit { view: View(5), digest: chosen.digest() });
        let mut after = before.clone();
        now_in(&mut after).committed = Some(chosen.digest());
        trips(check(&config(), &before, &commit, &after), "certificate");
        after.certificate = Some(certificate(&[1, 3], &chosen));
        assert_eq!(check(&config(), &before, &commit, &after), Ok(()));
        after.certificate = Some(certificate(&[3, 1], &other));
        trips(check(&config(), &before, &commit, &after), "certificate");
        // Others' Replay-Commits are not logged.
        let foreign = commits(&[3], &chosen).remove(&ReplicaId(3)).unwrap();
        changes_nothing(&before, &held(foreign.into()));
    }

    #[test]
    fn a_resolution_its_proposals_and_an_installed_view_come_back() {
        let mut before = changing(5);
        let found = resolution(4, &[true, false]);
        let answer = own(ResolutionAnswer { resolution: found.clone() });
        let at = proposal(0, 5);
        let held = Record::Held(at.clone().into());
        changes_nothing(&before, &held);
        changes(&before, answer, "resolutions", |state| {
            state.resolutions.insert(found.digest(), found.clone());
        });
        before.resolutions.insert(found.digest(), found.clone());
        for other in [proposal_with(0, 5, 3), proposal(0, 6), proposal(1, 5)] {
            changes_nothing(&before, &Record::Held(other.into()));
        }
        changes(&before, held, "proposals", |state| state.proposals.extend([entry(&at)]));
        before.proposals.extend([entry(&at)]);
        // Also of a view above the preinstalled one, with nothing of it lost.
        for view in [5, 7] {
            let install = install(view, &found);
            let record = own(install.clone());
            changes(&before, record, "[", |state| {
                (state.preinstalled, state.installed) = (View(view), View(view));
                state.rounds.clear();
                state.installs.insert(View(view), install);
            });
        }
        let mut lacking = before.clone();
        lacking.resolutions.clear();
        let mut after = lacking.clone();
        (after.preinstalled, after.installed) = (View(5), View(5));
        after.rounds.clear();
        after.installs.insert(View(5), install(5, &found));
        let record = own(install(5, &found));
        trips(check(&config(), &lacking, &record, &after), "resolutions");
        after.resolutions.insert(found.digest(), found.clone());
        assert_eq!(check(&config(), &lacking, &record, &after), Ok(()));
        let mut installed = before;
        (installed.preinstalled, installed.installed) = (View(5), View(5));
        installed.rounds.clear();
        changes_nothing(&installed, &own(install(5, &found)));
        let stranger = sign(3, VcList { view: View(5), ids: ids(&[1, 2, 3]) });
        changes_nothing(&installed, &Record::Held(stranger.into()));
    }
}
