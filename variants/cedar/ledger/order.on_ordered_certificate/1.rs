//! Guards tried in order; what none of them refuses binds the number.

use prime::order::{State, accept, settle};
use std::collections::BTreeSet;
use wire::auth::Context;
use wire::prime::{Commit, Incoming, OrderedCertificate, PrePrepare, Prime};
use wire::{Config, Effects, Record, Reject, Seq, Verified};

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

/// Binds the number of `pre_prepare` to it.
fn bind(state: &mut State, pre_prepare: Verified<PrePrepare>, commits: Vec<Verified<Commit>>) {
    let seq = pre_prepare.body().seq;
    let slot = state.slots.entry(seq).or_default();
    if slot.pre_prepare.as_ref().is_none_or(|held| held.digest() != pre_prepare.digest()) {
        slot.pre_prepare = Some(pre_prepare);
    }
    for vote in commits {
        slot.commits.insert(vote.signer(), vote);
    }
    slot.committed = true;
}

/// Takes a Pre-Prepare together with Commits for it, of whatever view.
pub fn on_ordered_certificate(
    state: &mut State,
    config: &Config,
    message: &Verified<OrderedCertificate>,
    effects: &mut Effects<Prime>,
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
    bind(state, pre_prepare, commits);
    effects.persist(Record::Held(Incoming::from(message.clone())));
    settle(state);
    accept(state, config, effects);
}
