//! What is certified here of numbers that were not executed.

use prime::order::OrderSlot;
use prime::order::State;
use std::ops::Bound::Excluded;
use std::ops::Bound::Unbounded;
use wire::Config;
use wire::List;
use wire::Seq;
use wire::Signed;
use wire::Verified;
use wire::View;
use wire::prime::Certificate;
use wire::prime::Commit;
use wire::prime::PrePrepare;
use wire::prime::Prepare;

/// 5.3, "State Dissemination Phase" (PC-Set)
pub fn pc_set(state: &State, config: &Config, view: View, executed: Seq) -> Vec<Certificate> {
    state
        .slots
        .range((Excluded(executed), Unbounded))
        .filter_map(|(_, slot)| {
            slot.pre_prepare
                .as_ref()
                .filter(|pre_prepare| pre_prepare.body().view < view)
                .and_then(|pre_prepare| certificate(config, slot, pre_prepare))
        })
        .collect()
}

/// Why the number of `slot` is bound to `pre_prepare`, if it is.
fn certificate(
    config: &Config,
    slot: &OrderSlot,
    pre_prepare: &Verified<PrePrepare>,
) -> Option<Certificate> {
    let signed = || pre_prepare.signed().clone();
    if slot.committed && prime::order::committed(config, slot) {
        let mut commits = commits(slot, pre_prepare);
        Some(Certificate::Committed(signed(), List::take(&mut commits)))
    } else if slot.prepared && !slot.replayed {
        let mut prepares = prepares(slot, pre_prepare);
        Some(Certificate::Prepared(signed(), List::take(&mut prepares)))
    } else {
        None
    }
}

/// The Commits for it, ascending.
fn commits<'a>(
    slot: &'a OrderSlot,
    pre_prepare: &'a Verified<PrePrepare>,
) -> impl Iterator<Item = Signed<Commit>> + 'a {
    slot.commits
        .values()
        .filter(|commit| {
            let vote = commit.body();
            vote.digest == pre_prepare.digest()
                && vote.view == pre_prepare.body().view
                && vote.seq == pre_prepare.body().seq
        })
        .map(|commit| commit.signed().clone())
}

/// The Prepares for it, ascending, but its signer's.
fn prepares<'a>(
    slot: &'a OrderSlot,
    pre_prepare: &'a Verified<PrePrepare>,
) -> impl Iterator<Item = Signed<Prepare>> + 'a {
    slot.prepares
        .iter()
        .filter(|(signer, prepare)| {
            let vote = prepare.body();
            **signer != pre_prepare.signer()
                && vote.digest == pre_prepare.digest()
                && vote.view == pre_prepare.body().view
                && vote.seq == pre_prepare.body().seq
        })
        .map(|(_, prepare)| prepare.signed().clone())
}
