//! What a view change must not lose.

use crate::order::{OrderSlot, State};
use slots::slot;
use wire::prime::Certificate;
use wire::{Config, List, Seq, View};

/// Returns, for every number above `executed`, ascending, the certificate of a view below `view` held
/// for it, if any:
/// - if the slot is `committed` and has Commits for its Pre-Prepare from Q servers: all of these with
///   it, ascending by signer;
/// - else, if it is `prepared` and not `replayed`: its Pre-Prepare with all Prepares for it but its
///   signer's, ascending by signer;
/// - else, or without a Pre-Prepare, nothing: a number that a view change resolved is covered by that change's own certificate.
///
/// A vote is for a Pre-Prepare if it has its view and digest. A certificate's view is its Pre-Prepare's.
///
/// Invariant: names every number above `executed` for which this server sent a Commit in the
/// installed view.
/// Paper: 5.3, "State Dissemination Phase" (PC-Set). Deviation: ordered numbers belong to it until
/// they are executed.
#[slot(order.pc_set)]
pub fn pc_set(state: &State, config: &Config, view: View, executed: Seq) -> Vec<Certificate> {
    let above = state.slots.range(executed.next()..);
    let certificates = above.filter_map(|(_, slot)| certificate(config, slot));
    certificates.filter(|held| held.pre_prepare().body.view < view).collect()
}

fn certificate(config: &Config, slot: &OrderSlot) -> Option<Certificate> {
    let proposal = slot.pre_prepare.as_ref()?;
    let (digest, view) = (proposal.digest(), proposal.body().view);
    let commits = slot
        .commits
        .values()
        .filter(|vote| (vote.body().view, vote.body().digest) == (view, digest));
    let commits: Vec<_> = commits.map(|vote| vote.signed().clone()).collect();
    if slot.committed && commits.len() >= config.quorum() {
        let commits = List::new(commits).expect("at most one for each replica");
        return Some(Certificate::Committed(proposal.signed().clone(), commits));
    }
    if !slot.prepared || slot.replayed {
        return None;
    }
    let votes = slot.prepares.values().filter(|vote| {
        let matches = (vote.body().view, vote.body().digest) == (view, digest);
        matches && vote.signer() != proposal.signer()
    });
    let votes = votes.map(|vote| vote.signed().clone()).collect();
    let votes = List::new(votes).expect("at most one for each replica");
    Some(Certificate::Prepared(proposal.signed().clone(), votes))
}
