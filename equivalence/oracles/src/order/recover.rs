//! What `order.recover` must do.

use super::definitions::{bind, preinstall, shown};
use crate::Finding;
use crate::expected::Expected;
use prime::order::{OrderSlot, State};
use wire::prime::{Body, Commit, Incoming, OrderedCertificate, PrePrepare, Prepare, Prime, RbInit};
use wire::{Config, Record, Seq, Verified};

/// A record of the log is taken back; no promise may be contradicted after a restart.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    record: &Record<Prime>,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.recover", config, before);
    match record {
        Record::Promise(Body::PrePrepare(own)) => promised(&mut expected, own),
        Record::Promise(Body::Commit(own)) => own_commit(&mut expected, own),
        Record::Promise(Body::RbInit(RbInit { view, .. })) if *view > before.preinstalled => {
            expected.since("`Promise` of an RbInit of a view above `preinstalled`: `preinstall`");
            preinstall(&mut expected.state, *view);
        }
        Record::Held(Incoming::PrePrepare(held)) => proposal(&mut expected, held),
        Record::Held(Incoming::Prepare(held)) => prepare(&mut expected, held),
        Record::Held(Incoming::Commit(held)) => commit(&mut expected, held),
        Record::Held(Incoming::OrderedCertificate(held)) => certificate(&mut expected, held),
        Record::Promise(_) | Record::Held(_) => {}
    }
    expected.judge_state(after)
}

/// The slot of `seq`, unless it is retired.
fn slot<'a>(expected: &'a mut Expected<'_, State>, seq: Seq) -> Option<&'a mut OrderSlot> {
    let state = &mut expected.state;
    (seq > state.retired).then(|| state.slots.entry(seq).or_default())
}

fn promised(expected: &mut Expected<'_, State>, own: &PrePrepare) {
    let state = &mut expected.state;
    if own.view != state.view || own.seq <= state.retired {
        return;
    }
    state.promised.insert(own.seq, own.clone());
    if own.seq > state.proposed {
        (state.proposed, state.proposal) = (own.seq, own.matrix.clone());
    }
    expected.since("`Promise` of a Pre-Prepare: `proposed`, `proposal` and `promised` follow");
}

fn own_commit(expected: &mut Expected<'_, State>, own: &Commit) {
    expected.since("`Promise` of a Commit of the installed view: the slot's `prepared` is set");
    if own.view == expected.state.view {
        slot(expected, own.seq).into_iter().for_each(|slot| slot.prepared = true);
    }
}

fn proposal(expected: &mut Expected<'_, State>, held: &Verified<PrePrepare>) {
    expected.since("`Held` Pre-Prepare of the installed view enters its slot; counts in turn");
    let PrePrepare { view, seq, matrix } = held.body();
    if *view != expected.state.view {
        return;
    }
    let Some(slot) = slot(expected, *seq) else { return };
    slot.pre_prepare = Some(held.clone());
    let state = &mut expected.state;
    if *seq == state.accepted.next() {
        (state.accepted, state.preceding) = (*seq, matrix.clone());
        if *seq > state.proposed {
            (state.proposed, state.proposal) = (*seq, matrix.clone());
        }
    }
}

fn prepare(expected: &mut Expected<'_, State>, held: &Verified<Prepare>) {
    expected.since("`Held` Prepare of the installed view enters its slot under its signer");
    if held.body().view == expected.state.view {
        let slot = slot(expected, held.body().seq).into_iter();
        slot.for_each(|slot| drop(slot.prepares.insert(held.signer(), held.clone())));
    }
}

fn commit(expected: &mut Expected<'_, State>, held: &Verified<Commit>) {
    expected.since("`Held` Commit of the installed view enters its slot under its signer");
    if held.body().view == expected.state.view {
        let slot = slot(expected, held.body().seq).into_iter();
        slot.for_each(|slot| drop(slot.commits.insert(held.signer(), held.clone())));
    }
}

fn certificate(expected: &mut Expected<'_, State>, held: &Verified<OrderedCertificate>) {
    expected.since("`Held` Ordered-Certificate: its number is bound, nothing else follows");
    let (proposal, votes) = shown(expected.config, held);
    if proposal.body().seq > expected.state.retired {
        bind(&mut expected.state, (&proposal, votes));
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        accepted, at, certificate, commit, commit_body, config, grown, ordered, other, prepare,
        proposal, proposal_of, slot, state, trips,
    };
    use prime::order::State;
    use wire::prime::{Body, Incoming, Payload, Prime, RbInit, Report};
    use wire::{Record, ReplicaId, Seq, View};

    fn held(message: impl Into<Incoming>) -> Record<Prime> {
        Record::Held(message.into())
    }

    fn promise(body: impl Into<Body>) -> Record<Prime> {
        Record::Promise(body.into())
    }

    /// Nothing happens; `wrong` would.
    #[track_caller]
    fn ignored(before: &State, record: &Record<Prime>, wrong: &State) {
        assert_eq!(check(&config(), before, record, before), Ok(()));
        trips(check(&config(), before, record, wrong), "order.recover");
    }

    #[test]
    fn own_proposals_are_not_made_twice() {
        let (config, mut before) = (config(), state());
        accepted(&mut before, 2);
        let record = promise(proposal(3).body().clone());
        let mut after = before.clone();
        (after.proposed, after.proposal) = (Seq(3), grown(3));
        after.promised.insert(Seq(3), proposal(3).body().clone());
        assert_eq!(check(&config, &before, &record, &after), Ok(()));
        let mut forgotten = after.clone();
        forgotten.promised.clear();
        trips(check(&config, &before, &record, &forgotten), "promised");
        let mut reused = after.clone();
        reused.proposed = Seq(2);
        trips(check(&config, &before, &record, &reused), "proposed");
        // A lower one is promised too, and does not lower `proposed`.
        let low = promise(proposal(1).body().clone());
        let mut after = before.clone();
        after.promised.insert(Seq(1), proposal(1).body().clone());
        assert_eq!(check(&config, &before, &low, &after), Ok(()));
        ignored(&before, &promise(proposal_of(0, 1, grown(1)).body().clone()), &after);
        (before.retired, after.retired) = (Seq(1), Seq(1));
        ignored(&before, &low, &after);
    }

    #[test]
    fn a_held_proposal_takes_its_place_and_is_accepted_in_turn() {
        let (config, mut before) = (config(), state());
        *at(&mut before, 1) = slot(&other(1), &[3], &[]);
        let record = held(proposal(1));
        let mut after = before.clone();
        at(&mut after, 1).pre_prepare = Some(proposal(1));
        trips(check(&config, &before, &record, &after), "accepted");
        accepted(&mut after, 1);
        assert_eq!(check(&config, &before, &record, &after), Ok(()));
        let mut kept = after.clone();
        at(&mut kept, 1).pre_prepare = Some(other(1));
        trips(check(&config, &before, &record, &kept), "pre_prepare");
        let mut late = after.clone();
        at(&mut late, 3).pre_prepare = Some(proposal(3));
        assert_eq!(check(&config, &after, &held(proposal(3)), &late), Ok(()));
        let mut proposed = late.clone();
        (proposed.proposed, proposed.proposal) = (Seq(3), grown(3));
        trips(check(&config, &after, &held(proposal(3)), &proposed), "proposed");
        accepted(&mut late, 3);
        trips(check(&config, &after, &held(proposal(3)), &late), "accepted");
        ignored(&before, &held(proposal_of(0, 1, grown(1))), &after);
    }

    #[test]
    fn votes_come_back_under_their_signers() {
        let (config, before) = (config(), state());
        let mut prepared = before.clone();
        at(&mut prepared, 1).prepares.insert(ReplicaId(3), prepare(3, &proposal(1)));
        assert_eq!(check(&config, &before, &held(prepare(3, &proposal(1))), &prepared), Ok(()));
        trips(check(&config, &before, &held(prepare(4, &proposal(1))), &prepared), "slots");
        let mut committed = before.clone();
        at(&mut committed, 1).commits.insert(ReplicaId(3), commit(3, &proposal(1)));
        assert_eq!(check(&config, &before, &held(commit(3, &proposal(1))), &committed), Ok(()));
        trips(check(&config, &before, &held(commit(3, &proposal(1))), &prepared), "slots");
        let mut own = before.clone();
        at(&mut own, 1).prepared = true;
        assert_eq!(check(&config, &before, &promise(commit_body(&proposal(1))), &own), Ok(()));
        trips(check(&config, &before, &promise(commit_body(&proposal(1))), &before), "slots");
        // The last read of a signer stays.
        let mut first = before.clone();
        at(&mut first, 1).prepares.insert(ReplicaId(3), prepare(3, &other(1)));
        at(&mut first, 1).commits.insert(ReplicaId(3), commit(3, &other(1)));
        let mut last = first.clone();
        at(&mut last, 1).prepares.insert(ReplicaId(3), prepare(3, &proposal(1)));
        assert_eq!(check(&config, &first, &held(prepare(3, &proposal(1))), &last), Ok(()));
        trips(check(&config, &first, &held(prepare(3, &proposal(1))), &first), "prepares");
        let mut last = first.clone();
        at(&mut last, 1).commits.insert(ReplicaId(3), commit(3, &proposal(1)));
        assert_eq!(check(&config, &first, &held(commit(3, &proposal(1))), &last), Ok(()));
        trips(check(&config, &first, &held(commit(3, &proposal(1))), &first), "commits");
        let old = proposal_of(0, 1, grown(1));
        ignored(&before, &promise(commit_body(&old)), &own);
        ignored(&before, &held(commit(3, &old)), &committed);
        ignored(&before, &held(prepare(3, &old)), &prepared);
    }

    #[test]
    fn a_certificate_binds_and_nothing_else_follows() {
        let (config, mut before) = (config(), state());
        let old = proposal_of(0, 1, grown(11));
        let votes = [1, 2, 3].map(|i| commit(i, &old));
        let record = held(certificate(&old, &votes));
        *at(&mut before, 1) = slot(&proposal(1), &[3], &[]);
        at(&mut before, 1).prepared = true;
        accepted(&mut before, 1);
        let mut after = before.clone();
        *at(&mut after, 1) = slot(&old, &[], &[1, 2, 3]);
        at(&mut after, 1).prepares = at(&mut before, 1).prepares.clone();
        trips(check(&config, &before, &record, &after), "preceding");
        (after.preceding, after.proposal) = (grown(11), grown(11));
        trips(check(&config, &before, &record, &after), "committed");
        at(&mut after, 1).committed = true;
        assert_eq!(check(&config, &before, &record, &after), Ok(()));
        let mut settled = after.clone();
        (settled.ordered, settled.ordered_matrix) = (Seq(1), grown(11));
        trips(check(&config, &before, &record, &settled), "ordered");
        ordered(&mut before, 1);
        before.retired = Seq(1);
        before.slots.clear();
        after.retired = Seq(1);
        ignored(&before, &record, &after);
    }

    #[test]
    fn a_views_first_broadcast_ends_voting_below_it() {
        let (config, before) = (config(), state());
        let init = |view| {
            let payload = Payload::Report(Report { executed: Seq(0), count: 0, replay: None });
            promise(RbInit { view: View(view), seq: 0, payload })
        };
        let mut after = before.clone();
        after.preinstalled = View(3);
        assert_eq!(check(&config, &before, &init(3), &after), Ok(()));
        trips(check(&config, &before, &init(3), &before), "preinstalled");
        ignored(&after, &init(2), &before);
    }
}
