//! For each number a list of forms is tried in order; the first that the slot can take is taken.

use prime::order::{OrderSlot, State};
use std::ops::Bound::{Excluded, Unbounded};
use wire::prime::{Certificate, Commit, PrePrepare, Prepare};
use wire::{Config, List, Seq, Verified, View};

/// Makes a certificate of the slot, if it can.
type Form = fn(&Config, &OrderSlot, &Verified<PrePrepare>) -> Option<Certificate>;

/// Tried in order.
const FORMS: [Form; 2] = [committed, prepared];

fn committed(
    config: &Config,
    slot: &OrderSlot,
    pre_prepare: &Verified<PrePrepare>,
) -> Option<Certificate> {
    if !slot.committed {
        return None;
    }
    let PrePrepare { view, seq, .. } = *pre_prepare.body();
    let wanted = Commit { view, seq, digest: pre_prepare.digest() };
    let mut votes = slot
        .commits
        .values()
        .filter(|vote| *vote.body() == wanted)
        .map(|vote| vote.signed().clone());
    let votes = List::take(&mut votes);
    (votes.len() >= config.quorum())
        .then(|| Certificate::Committed(pre_prepare.signed().clone(), votes))
}

fn prepared(
    _config: &Config,
    slot: &OrderSlot,
    pre_prepare: &Verified<PrePrepare>,
) -> Option<Certificate> {
    if !slot.prepared || slot.replayed {
        return None;
    }
    let PrePrepare { view, seq, .. } = *pre_prepare.body();
    let wanted = Prepare { view, seq, digest: pre_prepare.digest() };
    let leader = pre_prepare.signer();
    let mut votes = slot
        .prepares
        .iter()
        .filter(|(signer, vote)| **signer != leader && *vote.body() == wanted)
        .map(|(_, vote)| vote.signed().clone());
    Some(Certificate::Prepared(pre_prepare.signed().clone(), List::take(&mut votes)))
}

/// Returns, for every number above `executed`, ascending, the certificate of a view below `view` held
/// for it, if any.
pub fn pc_set(state: &State, config: &Config, view: View, executed: Seq) -> Vec<Certificate> {
    state
        .slots
        .range((Excluded(executed), Unbounded))
        .filter_map(|(_, slot)| {
            let pre_prepare = slot.pre_prepare.as_ref()?;
            (pre_prepare.body().view < view)
                .then(|| FORMS.iter().find_map(|form| form(config, slot, pre_prepare)))?
        })
        .collect()
}
