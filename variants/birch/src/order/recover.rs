//! One record of the log.

use prime::order::OrderSlot;
use prime::order::State;
use wire::Config;
use wire::Record;
use wire::Seq;
use wire::Verified;
use wire::View;
use wire::auth::Context;
use wire::prime::Body;
use wire::prime::Commit;
use wire::prime::Incoming;
use wire::prime::PrePrepare;
use wire::prime::Prime;

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::PrePrepare(proposal)) => proposed(state, proposal),
        Record::Promise(Body::Commit(commit)) => {
            if let Some(slot) = slot(state, commit.view, commit.seq) {
                slot.prepared = true;
            }
        }
        Record::Promise(Body::RbInit(init)) => {
            if init.view > state.preinstalled {
                prime::order::preinstall(state, init.view);
            }
        }
        Record::Held(Incoming::PrePrepare(pre_prepare)) => held(state, pre_prepare),
        Record::Held(Incoming::Prepare(prepare)) => {
            if let Some(slot) = slot(state, prepare.body().view, prepare.body().seq) {
                slot.prepares.insert(prepare.signer(), prepare.clone());
            }
        }
        Record::Held(Incoming::Commit(commit)) => {
            if let Some(slot) = slot(state, commit.body().view, commit.body().seq) {
                slot.commits.insert(commit.signer(), commit.clone());
            }
        }
        Record::Held(Incoming::OrderedCertificate(certificate)) => {
            let (pre_prepare, commits) = certificate.parts(&Context::from(config));
            if pre_prepare.body().seq > state.retired {
                let commits = matching(&pre_prepare, commits);
                bind(state, &pre_prepare, commits);
            }
        }
        _ => {}
    }
}

/// The slot of `seq`, made if need be, if that is kept and `view` installed.
fn slot(state: &mut State, view: View, seq: Seq) -> Option<&mut OrderSlot> {
    (view == state.view && seq > state.retired).then(|| state.slots.entry(seq).or_default())
}

/// The own proposal was promised.
fn proposed(state: &mut State, proposal: &PrePrepare) {
    if proposal.view != state.view {
        return;
    }
    if proposal.seq > state.proposed {
        state.proposed = proposal.seq;
        state.proposal = proposal.matrix.clone();
    }
    if proposal.seq > state.retired {
        state.promised.insert(proposal.seq, proposal.clone());
    }
}

/// The Pre-Prepare was accepted, or stands here for another reason.
fn held(state: &mut State, pre_prepare: &Verified<PrePrepare>) {
    let PrePrepare { view, seq, matrix } = pre_prepare.body();
    let Some(slot) = slot(state, *view, *seq) else {
        return;
    };
    slot.pre_prepare = Some(pre_prepare.clone());
    if state.accepted.0.checked_add(1) == Some(seq.0) {
        state.accepted = *seq;
        state.preceding = matrix.clone();
        if *seq > state.proposed {
            state.proposed = *seq;
            state.proposal = matrix.clone();
        }
    }
}

/// Binds the number of `pre_prepare` to it and enters `commits`; returns what it took the place of.
fn bind(
    state: &mut State,
    pre_prepare: &Verified<PrePrepare>,
    commits: Vec<Verified<Commit>>,
) -> Option<Verified<PrePrepare>> {
    let PrePrepare { view, seq, matrix } = pre_prepare.body();
    let slot = state.slots.entry(*seq).or_default();
    slot.commits
        .extend(commits.into_iter().map(|commit| (commit.signer(), commit)));
    slot.committed = true;
    let same = slot
        .pre_prepare
        .as_ref()
        .is_some_and(|held| held.digest() == pre_prepare.digest());
    if same {
        return None;
    }
    let replaced = slot.pre_prepare.replace(pre_prepare.clone());
    slot.prepared = slot.prepared
        && replaced
            .as_ref()
            .is_none_or(|held| held.body().view == *view);
    if *seq == state.accepted {
        state.preceding = matrix.clone();
    }
    if *seq == state.proposed {
        state.proposal = matrix.clone();
    }
    replaced
}

/// Those of `commits` that are for `pre_prepare`.
fn matching(pre_prepare: &Verified<PrePrepare>, commits: Vec<Verified<Commit>>) -> Vec<Verified<Commit>> {
    let (view, seq) = (pre_prepare.body().view, pre_prepare.body().seq);
    commits
        .into_iter()
        .filter(|commit| {
            let vote = commit.body();
            vote.view == view && vote.seq == seq && vote.digest == pre_prepare.digest()
        })
        .collect()
}
