//! What `view_change.finish` must do.

use super::definitions::{
    holds, install as counted, judge, names, numbers, resolution_of, view_of,
};
use crate::expected::Expected;
use crate::{Finding, answer};
use prime::view_change::State;
use std::collections::BTreeMap;
use wire::prime::{InstallCertificate, PrePrepare, Prime, ResolutionAnswer};
use wire::{Config, Effect, Record, Seq, To, Verified};

/// The view is installed, with all that it rests on logged before.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    install: &InstallCertificate,
    executed: Seq,
    after: &State,
    effects: &[Effect<Prime>],
    got: &BTreeMap<Seq, Option<Verified<PrePrepare>>>,
) -> Result<(), Finding> {
    // The contract is about a certificate that can be installed, and silent on all others.
    let whole = names(&install.replay.body.constraint, &install.resolution);
    let held = holds(before, resolution_of(install), executed);
    if !whole || !held || view_of(install) <= before.installed {
        return Ok(());
    }
    let mut expected = Expected::unchanged("view_change.finish", config, before);
    expected.since("the resolution, each Pre-Prepare ascending, the certificate, `State::install`");
    let resolution = install.resolution.clone();
    let above = numbers(&resolution).filter(|&(seq, _)| seq > executed);
    let bound: BTreeMap<Seq, Option<Verified<PrePrepare>>> = above
        .map(|(seq, bound)| (seq, bound.and_then(|to| before.proposals.get(&(seq, to)).cloned())))
        .collect();
    expected.persist(Record::Promise(ResolutionAnswer { resolution }.into()));
    for proposal in bound.values().flatten() {
        expected.hold(proposal.clone());
    }
    expected.persist(Record::Promise(install.clone().into()));
    counted(&mut expected.state, install);
    let leader = config.leader_of(view_of(install));
    if before.me != leader {
        expected.send(To::One(leader), install.clone());
    }
    judge(&expected, after, effects)?;
    answer(&expected.rule("returns what each number above `executed` is bound to"), &bound, got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, config, effects, entry, hold, install, keep, proposal, resolution, sent, trips,
    };
    use prime::view_change::{Round, State};
    use std::collections::BTreeMap;
    use wire::prime::{InstallCertificate, Prime, ResolutionAnswer};
    use wire::{Effect, Record, ReplicaId, Seq, To, View};

    const EXECUTED: Seq = Seq(5);

    type Spoil = fn(&mut State);

    /// 5 (executed), 6, 8 are bound, 7 is a no-op.
    fn certificate(view: u64) -> InstallCertificate {
        install(view, &resolution(4, &[true, true, false, true]))
    }

    /// The change to view 5 is under way, 6 came early, 5 is offered; 1 and 3 were installed, with
    /// bases 2 and 4.
    fn state() -> State {
        let mut state = changing(5);
        hold(&mut state, &certificate(5).resolution);
        state.installed = View(3);
        state.rounds.insert(View(6), Round::default());
        state.offered.insert(View(5), certificate(5));
        let earlier = [(View(1), install(1, &resolution(2, &[true])))];
        state.installs = earlier.into();
        state.installs.insert(View(3), install(3, &resolution(4, &[])));
        state
    }

    fn after(view: u64) -> State {
        let mut after = state();
        after.installed = View(view);
        after.preinstalled = View(view.max(5));
        after.rounds.retain(|&of, _| of > View(view));
        after.offered.clear();
        after.installs.remove(&View(3));
        after.installs.insert(View(view), certificate(view));
        after
    }

    /// With the proposals of these numbers.
    fn logged(install: &InstallCertificate, seqs: &[u64]) -> Vec<Effect<Prime>> {
        effects(|e| {
            let resolution = install.resolution.clone();
            e.persist(Record::Promise(ResolutionAnswer { resolution }.into()));
            seqs.iter().for_each(|&seq| keep(e, proposal(0, seq)));
            e.persist(Record::Promise(install.clone().into()));
        })
    }

    #[test]
    fn all_is_logged_the_view_counts_and_its_leader_is_told() {
        let (config, before, install) = (config(), state(), certificate(5));
        let bound: BTreeMap<_, _> = [(6, true), (7, false), (8, true)]
            .map(|(seq, some)| (Seq(seq), some.then(|| proposal(0, seq))))
            .into();
        let mut made = logged(&install, &[6, 8]);
        made.push(sent(To::One(ReplicaId(2)), install.clone()));
        let check = |after: &State, made: &[_], bound: &_| {
            check(&config, &before, &install, EXECUTED, after, made, bound)
        };
        assert_eq!(check(&after(5), &made, &bound), Ok(()));
        for left_out in 0..made.len() {
            let mut some = made.clone();
            some.remove(left_out);
            trips(check(&after(5), &some, &bound), "effect");
        }
        let mut late = made.clone();
        late.swap(0, 3);
        trips(check(&after(5), &late, &bound), "effect 0");
        let mut wrong = bound.clone();
        wrong.insert(Seq(5), None);
        trips(check(&after(5), &made, &wrong), "returns");
        let wrongs: [(Spoil, &str); 5] = [
            (|state| state.installed = View(3), "installed"),
            (|state| state.rounds.clear(), "rounds"),
            (|state| drop(state.offered.insert(View(5), certificate(5))), "offered"),
            (|state| drop(state.installs.remove(&View(1))), "installs"),
            (|state| drop(state.installs.insert(View(3), certificate(3))), "installs"),
        ];
        for (spoil, place) in wrongs {
            let mut wrong = after(5);
            spoil(&mut wrong);
            trips(check(&wrong, &made, &bound), place);
        }
    }

    #[test]
    fn its_leader_tells_nobody_and_a_lower_view_leaves_the_change_under_way() {
        let config = config();
        let install = certificate(4);
        let (before, made) = (state(), logged(&install, &[8]));
        let bound: BTreeMap<_, _> =
            [(8, true)].map(|(seq, some)| (Seq(seq), some.then(|| proposal(0, seq)))).into();
        let mut after = after(4);
        after.offered = before.offered.clone();
        assert_eq!(check(&config, &before, &install, Seq(7), &after, &made, &bound), Ok(()));
        let mut told = made;
        told.push(sent(To::One(ReplicaId(1)), install.clone()));
        trips(check(&config, &before, &install, Seq(7), &after, &told, &bound), "effect 3");
    }

    #[test]
    fn a_view_above_the_preinstalled_one_is_entered() {
        let (config, mut before, install) = (config(), state(), certificate(7));
        before.offered = [(View(7), install.clone())].into();
        before.proposals.extend([entry(&proposal(2, 9))]);
        let mut after = after(7);
        after.rounds.clear();
        let mut made = logged(&install, &[6, 8]);
        made.push(sent(To::One(ReplicaId(4)), install.clone()));
        let bound: BTreeMap<_, _> = [(6, true), (7, false), (8, true)]
            .map(|(seq, some)| (Seq(seq), some.then(|| proposal(0, seq))))
            .into();
        assert_eq!(check(&config, &before, &install, EXECUTED, &after, &made, &bound), Ok(()));
        let mut kept = after.clone();
        kept.proposals = before.proposals.clone();
        trips(check(&config, &before, &install, EXECUTED, &kept, &made, &bound), "proposals");
        after.preinstalled = View(5);
        trips(check(&config, &before, &install, EXECUTED, &after, &made, &bound), "preinstalled");
    }
}
