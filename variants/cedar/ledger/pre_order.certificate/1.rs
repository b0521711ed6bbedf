//! When an identifier is bound to a digest: rules tried in order, votes counted down.

use prime::pre_order::PoSlot;
use std::collections::BTreeMap;
use wire::{Config, Digest, ReplicaId};

/// What the rules look at.
struct Case<'a> {
    slot: &'a PoSlot,
    originator: ReplicaId,
    votes: usize,
}

/// Names the digest, or leaves it to the next rule.
type Rule = fn(&Case<'_>) -> Option<Digest>;

/// In order of precedence.
const RULES: [Rule; 2] = [settled, voted];

/// Returns the digest for which `slot` holds a preorder certificate, if there is one.
pub fn certificate(config: &Config, originator: ReplicaId, slot: &PoSlot) -> Option<Digest> {
    let case = Case { slot, originator, votes: config.votes_beside_proposer() };
    RULES.iter().find_map(|rule| rule(&case))
}

fn settled(case: &Case<'_>) -> Option<Digest> {
    case.slot.certified
}

/// The least held digest for which no vote is missing any more.
fn voted(case: &Case<'_>) -> Option<Digest> {
    // Ordered by digest: the first without a debt is the least.
    let mut missing: BTreeMap<Digest, usize> = BTreeMap::new();
    let requested = case.slot.request.as_ref().map(|request| request.digest());
    let adopted = case.slot.adopted.as_ref().map(|content| content.digest);
    missing.extend(requested.into_iter().chain(adopted).map(|digest| (digest, case.votes)));

    for (&voter, digest) in &case.slot.acks {
        if voter == case.originator {
            continue;
        }
        if let Some(debt) = missing.get_mut(digest) {
            *debt = debt.saturating_sub(1);
        }
    }
    missing.iter().find_map(|(&digest, &debt)| (debt == 0).then_some(digest))
}
