//! What a new view must begin with.

use std::collections::BTreeMap;

use prime::view_change::{Statement, numbers};
use wire::prime::{Bound, MAX_REPLAY, Resolution};
use wire::{Digest, List, Seq, View};

/// What the members' states resolve to.
pub fn resolve(members: &[&Statement], held: &BTreeMap<Digest, Resolution>) -> Option<Resolution> {
    let last = members
        .iter()
        .filter_map(|member| member.replay)
        .max_by_key(|chosen| (chosen.view, chosen.resolution));
    let replayed = match last {
        None => None,
        Some(chosen) => Some((chosen, held.get(&chosen.resolution)?)),
    };
    let executed = members.iter().map(|member| member.executed).max().unwrap_or(Seq(0));
    let base = replayed.map_or(executed, |(chosen, _)| executed.max(chosen.base));
    let bindings = bindings(members, base, replayed.map(|(chosen, it)| (chosen.view, it)));
    let top = bindings.last_key_value().map_or(base.0, |(seq, _)| seq.0);
    let length = usize::try_from(top.checked_sub(base.0)?).ok()?;
    if length > MAX_REPLAY {
        return None;
    }
    let mut entries = vec![None; length];
    for (seq, bound) in bindings {
        let place = seq.0.checked_sub(base.0)?.checked_sub(1)?;
        *entries.get_mut(usize::try_from(place).ok()?)? = bound;
    }
    Some(Resolution { base, entries: List::new(entries).ok()? })
}

/// Numbers above `base` and what they are bound to: by the certificates of the last view in which
/// something was chosen or later, of which the highest view counts, otherwise as was chosen there.
fn bindings(
    members: &[&Statement],
    base: Seq,
    replayed: Option<(View, &Resolution)>,
) -> BTreeMap<Seq, Option<Bound>> {
    let mut bindings: BTreeMap<Seq, Option<Bound>> = replayed
        .into_iter()
        .flat_map(|(_, resolution)| numbers(resolution))
        .filter(|(seq, _)| *seq > base)
        .collect();
    let mut voted: BTreeMap<Seq, Bound> = BTreeMap::new();
    for (seq, bound) in members.iter().flat_map(|member| &member.entries) {
        let counts = *seq > base && replayed.is_none_or(|(view, _)| bound.view >= view);
        if counts {
            voted.entry(*seq).and_modify(|best| *best = (*best).max(*bound)).or_insert(*bound);
        }
    }
    bindings.extend(voted.into_iter().map(|(seq, bound)| (seq, Some(bound))));
    bindings
}
