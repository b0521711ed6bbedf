//! A Pre-Prepare together with Commits for it.

use prime::order::Effects;
use prime::order::State;
use wire::Config;
use wire::Record;
use wire::Reject;
use wire::ReplicaId;
use wire::Seq;
use wire::To;
use wire::Verified;
use wire::auth::Context;
use wire::prime::Commit;
use wire::prime::OrderedCertificate;
use wire::prime::PrePrepare;
use wire::prime::PrePrepareConflict;

/// Takes a Pre-Prepare together with Commits for it, of whatever view.
pub fn on_ordered_certificate(
    state: &mut State,
    config: &Config,
    message: &Verified<OrderedCertificate>,
    effects: &mut Effects,
) {
    let seq = message.body().pre_prepare.body.seq;
    let sound = timely(state, config, seq).and_then(|()| proven(config, message));
    match sound {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok((pre_prepare, commits)) => {
            let view = pre_prepare.body().view;
            let other = bind(state, &pre_prepare, commits)
                .filter(|other| other.body().view == view && view == state.view)
                .filter(|_| !state.leader_accused);
            if let Some(other) = other {
                state.leader_accused = true;
                effects.send(
                    To::All,
                    PrePrepareConflict {
                        first: other.signed().clone(),
                        second: pre_prepare.signed().clone(),
                    },
                );
            }
            effects.persist(Record::Held(message.clone().into()));
            prime::order::settle(state);
            prime::order::accept(state, config, effects);
        }
    }
}

/// Whether a certificate for `seq` is of use.
fn timely(state: &State, config: &Config, seq: Seq) -> Result<(), Reject> {
    if seq <= state.ordered {
        Err(Reject::Stale)
    } else if seq > state.horizon(config) {
        Err(Reject::BeyondWindow)
    } else if state.slots.get(&seq).is_some_and(|slot| slot.committed) {
        Err(Reject::Duplicate)
    } else {
        Ok(())
    }
}

/// The Pre-Prepare and the Commits for it, if they order it.
fn proven(
    config: &Config,
    message: &Verified<OrderedCertificate>,
) -> Result<(Verified<PrePrepare>, Vec<Verified<Commit>>), Reject> {
    let (pre_prepare, commits) = message.parts(&Context::from(config));
    let commits = matching(&pre_prepare, commits);
    let mut signers: Vec<ReplicaId> = commits.iter().map(Verified::signer).collect();
    signers.sort_unstable();
    signers.dedup();
    if pre_prepare.signer() == config.leader_of(pre_prepare.body().view)
        && pre_prepare.body().matrix.rows.len() == config.size()
        && signers.len() >= config.quorum()
    {
        Ok((pre_prepare, commits))
    } else {
        Err(Reject::Invalid)
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
