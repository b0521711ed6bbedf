//! What a new view must begin with.

use std::collections::BTreeMap;

use prime::view_change::{Chosen, Statement, numbers};
use wire::prime::{Bound, MAX_REPLAY, Resolution};
use wire::{Digest, List, Seq, View};

/// What was chosen last.
struct Last<'a> {
    /// In which view.
    view: View,
    base: Seq,
    start_seq: Seq,
    /// Why it is so; nothing for view 0.
    resolution: Option<&'a Resolution>,
}

/// What the members' states resolve to.
pub fn resolve(members: &[&Statement], held: &BTreeMap<Digest, Resolution>) -> Option<Resolution> {
    let last = last(members, held)?;
    let executed = members.iter().map(|member| member.executed).max().unwrap_or(Seq(0));
    let base = executed.max(last.base);
    let voted = voted(members, base, last.view)?;
    // What was chosen counts below its end, votes from there on.
    let chosen_to = last.start_seq.0.saturating_sub(1);
    let voted_to = voted.last_key_value().map_or(0, |(seq, _)| seq.0);
    let top = base.0.max(chosen_to).max(voted_to);
    let length = usize::try_from(top.checked_sub(base.0)?).ok()?;
    if length > MAX_REPLAY {
        return None;
    }
    let chosen = last.resolution.into_iter().flat_map(numbers).filter(|(seq, _)| *seq > base);
    let later = voted.into_iter().filter(|(seq, _)| *seq >= last.start_seq);
    let mut entries = vec![None; length];
    for (seq, bound) in chosen.chain(later.map(|(seq, bound)| (seq, Some(bound)))) {
        let place = seq.0.checked_sub(base.0)?.checked_sub(1)?;
        *entries.get_mut(usize::try_from(place).ok()?)? = bound;
    }
    Some(Resolution { base, entries: List::new(entries).ok()? })
}

/// What the certificate of the highest view chose, if all of that view agree and it is held.
fn last<'a>(
    members: &[&Statement],
    held: &'a BTreeMap<Digest, Resolution>,
) -> Option<Last<'a>> {
    let certificates = || members.iter().filter_map(|member| member.replay);
    let Some(highest) = certificates().max_by_key(|chosen| chosen.view) else {
        return Some(Last { view: View(0), base: Seq(0), start_seq: Seq(1), resolution: None });
    };
    let Chosen { view, base, start_seq, .. } = highest;
    let resolution = held.get(&highest.resolution)?;
    let against = [
        certificates().any(|chosen| chosen.view == view && chosen != highest),
        resolution.base != base,
        resolution.start_seq() != start_seq,
    ];
    let resolution = Some(resolution);
    (!against.contains(&true)).then_some(Last { view, base, start_seq, resolution })
}

/// The entries of `view` above `base`, by number; `None` if two of them differ, or any is of a later
/// view.
fn voted(members: &[&Statement], base: Seq, view: View) -> Option<BTreeMap<Seq, Bound>> {
    let mut voted = BTreeMap::new();
    for (seq, bound) in members.iter().flat_map(|member| &member.entries) {
        if bound.view > view {
            return None;
        }
        let counts = bound.view == view && *seq > base;
        if counts && *voted.entry(*seq).or_insert(*bound) != *bound {
            return None;
        }
    }
    Some(voted)
}
