//! Guards tried in order; what none of them refuses binds the number.

use prime::order::{Effects, State, accept, settle};
use std::collections::BTreeSet;
use wire::auth::Context;
use wire::prime::{Commit, Incoming, OrderedCertificate, PrePrepare, PrePrepareConflict};
use wire::{Config, Record, Reject, Seq, To, Verified};

/// What the decision depends on.
struct Facts<'a> {
    state: &'a State,
    config: &'a Config,
    message: &'a Verified<OrderedCertificate>,
}

impl Facts<'_> {
    /// The number that it is about.
    fn seq(&self) -> Seq {
        self.message.body().pre_prepare.body.seq
    }
}

/// A condition under which the certificate is refused, and the reason: what can be told without a look
/// at its parts.
type Guard = (fn(&Facts<'_>) -> bool, Reject);

/// Tried in order.
const GUARDS: [Guard; 3] = [
    (|facts| facts.seq() <= facts.state.ordered, Reject::Stale),
    (|facts| facts.seq() > facts.state.horizon(facts.config), Reject::BeyondWindow),
    (
        |facts| facts.state.slots.get(&facts.seq()).is_some_and(|slot| slot.committed),
        Reject::Duplicate,
    ),
];

/// The Pre-Prepare and the Commits for it, if they are a certificate.
fn parts(
    config: &Config,
    message: &Verified<OrderedCertificate>,
) -> Option<(Verified<PrePrepare>, Vec<Verified<Commit>>)> {
    let (pre_prepare, mut commits) = message.parts(&Context::from(config));
    let PrePrepare { view, seq, ref matrix } = *pre_prepare.body();
    let wanted = Commit { view, seq, digest: pre_prepare.digest() };
    commits.retain(|vote| *vote.body() == wanted);
    let signers: BTreeSet<_> = commits.iter().map(Verified::signer).collect();
    let sound = pre_prepare.signer() == config.leader_of(view)
        && matrix.rows.len() == config.size()
        && signers.len() >= config.quorum();
    sound.then_some((pre_prepare, commits))
}

/// Binds the number of `pre_prepare` to it. Returns the Pre-Prepare whose place it took, if there was one.
fn bind(
    state: &mut State,
    pre_prepare: &Verified<PrePrepare>,
    commits: Vec<Verified<Commit>>,
) -> Option<Verified<PrePrepare>> {
    let PrePrepare { view, seq, ref matrix } = *pre_prepare.body();
    let slot = state.slots.entry(seq).or_default();
    for vote in commits {
        slot.commits.insert(vote.signer(), vote);
    }
    slot.committed = true;
    if slot.pre_prepare.as_ref().is_some_and(|held| held.digest() == pre_prepare.digest()) {
        return None;
    }
    let held = slot.pre_prepare.replace(pre_prepare.clone());
    if held.as_ref().is_some_and(|held| held.body().view != view) {
        // The Commit promised was not for this one.
        slot.prepared = false;
    }
    let marks = [
        (state.accepted, &mut state.preceding),
        (state.proposed, &mut state.proposal),
    ];
    for (_, place) in marks.into_iter().filter(|(mark, _)| *mark == seq) {
        place.clone_from(matrix);
    }
    held
}

/// The proof that the leader equivocated, if `bound` took the place of another Pre-Prepare of the installed
/// view and this is the first time that it is to be shown.
fn proof(
    state: &State,
    held: Option<&Verified<PrePrepare>>,
    bound: &Verified<PrePrepare>,
) -> Option<PrePrepareConflict> {
    let view = bound.body().view;
    let held = held.filter(|held| {
        held.body().view == view && view == state.view && !state.leader_accused
    })?;
    Some(PrePrepareConflict { first: held.signed().clone(), second: bound.signed().clone() })
}

/// Takes a Pre-Prepare together with Commits for it, of whatever view.
pub fn on_ordered_certificate(
    state: &mut State,
    config: &Config,
    message: &Verified<OrderedCertificate>,
    effects: &mut Effects,
) {
    let refused = {
        let facts = Facts { state, config, message };
        GUARDS.iter().find(|(applies, _)| applies(&facts)).map(|(_, reason)| *reason)
    };
    if let Some(reason) = refused {
        effects.reject(message.signer(), reason);
        return;
    }
    let Some((pre_prepare, commits)) = parts(config, message) else {
        effects.reject(message.signer(), Reject::Invalid);
        return;
    };
    let held = bind(state, &pre_prepare, commits);
    if let Some(proof) = proof(state, held.as_ref(), &pre_prepare) {
        state.leader_accused = true;
        effects.send(To::All, proof);
    }
    effects.persist(Record::Held(Incoming::from(message.clone())));
    settle(state);
    accept(state, config, effects);
}
