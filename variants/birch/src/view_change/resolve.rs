//! `view_change.resolve`: what a new view begins with.

use prime::view_change::{Statement, bound_at};
use std::collections::BTreeMap;
use wire::prime::{Bound, MAX_REPLAY, Resolution};
use wire::{Digest, List, Seq, View};

/// What was decided before.
struct Decided<'a> {
    /// Entries of this view count beyond.
    view: View,
    /// Every number up to here was executed by somebody.
    base: Seq,
    /// Numbers up to here are bound already.
    last: Seq,
    /// By this.
    by: Option<&'a Resolution>,
}

/// What the Replay certificates of the highest view decided; without any, nothing, in view 0. `None`
/// if they differ, or their resolution is not held, or another than they say.
fn decided<'a>(
    members: &[&Statement],
    held: &'a BTreeMap<Digest, Resolution>,
) -> Option<Decided<'a>> {
    let certificates = || members.iter().filter_map(|member| member.replay);
    let Some(chosen) = certificates().max_by_key(|chosen| chosen.view) else {
        return Some(Decided { view: View(0), base: Seq(0), last: Seq(0), by: None });
    };
    let agreed = certificates().all(|other| other.view != chosen.view || other == chosen);
    held.get(&chosen.resolution)
        .filter(|resolution| {
            agreed
                && resolution.base == chosen.base
                && resolution.start_seq() == chosen.start_seq
        })
        .map(|resolution| Decided {
            view: chosen.view,
            base: chosen.base,
            last: chosen.start_seq.prev(),
            by: Some(resolution),
        })
}

/// The entries of `view` above `base`, ascending, one of each number. `None` if two differ, or one is
/// of a higher view.
fn entries(members: &[&Statement], view: View, base: Seq) -> Option<Vec<(Seq, Bound)>> {
    let all = || members.iter().flat_map(|member| member.entries.iter());
    if all().any(|(_, bound)| bound.view > view) {
        return None;
    }
    let mut sorted: Vec<(Seq, Bound)> = all()
        .filter(|(seq, bound)| **seq > base && bound.view == view)
        .map(|(&seq, &bound)| (seq, bound))
        .collect();
    sorted.sort_unstable();
    sorted.dedup();
    let alike = sorted.iter().zip(sorted.iter().skip(1)).all(|(one, next)| one.0 < next.0);
    alike.then_some(sorted)
}

/// What a new view must begin with.
pub fn resolve(members: &[&Statement], held: &BTreeMap<Digest, Resolution>) -> Option<Resolution> {
    let decided = decided(members, held)?;
    let base = members.iter().map(|member| member.executed).fold(decided.base, Seq::max);
    let named = entries(members, decided.view, base)?;
    let last = named.last().map_or(decided.last, |(seq, _)| decided.last.max(*seq));
    let count = last.0.saturating_sub(base.0);
    if count > MAX_REPLAY as u64 {
        return None;
    }
    let mut beyond = named.into_iter().filter(|(seq, _)| *seq > decided.last).peekable();
    let bound = (1..=count).map(|step| Seq(base.0.saturating_add(step))).map(|seq| {
        if seq <= decided.last {
            decided.by.and_then(|resolution| bound_at(resolution, seq))
        } else {
            beyond.next_if(|(number, _)| *number == seq).map(|(_, bound)| bound)
        }
    });
    List::new(bound.collect()).ok().map(|entries| Resolution { base, entries })
}
