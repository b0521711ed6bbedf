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

/// What the Replay certificate of the highest view decided; without any, nothing, in view 0.
fn decided<'a>(
    members: &[&Statement],
    held: &'a BTreeMap<Digest, Resolution>,
) -> Option<Decided<'a>> {
    match members.iter().filter_map(|member| member.replay).max_by_key(|chosen| chosen.view) {
        None => Some(Decided { view: View(0), base: Seq(0), last: Seq(0), by: None }),
        Some(chosen) => held.get(&chosen.resolution).map(|resolution| Decided {
            view: chosen.view,
            base: resolution.base,
            last: resolution.start_seq().prev(),
            by: Some(resolution),
        }),
    }
}

/// The entries of `view` above `last`, ascending, one of each number.
fn entries(members: &[&Statement], view: View, last: Seq) -> Vec<(Seq, Bound)> {
    let mut sorted: Vec<(Seq, Bound)> = members
        .iter()
        .flat_map(|member| member.entries.iter().map(|(&seq, &bound)| (seq, bound)))
        .filter(|(seq, bound)| *seq > last && bound.view == view)
        .collect();
    sorted.sort_unstable();
    sorted.chunk_by(|one, next| one.0 == next.0).filter_map(|run| run.last().copied()).collect()
}

/// What a new view must begin with.
pub fn resolve(members: &[&Statement], held: &BTreeMap<Digest, Resolution>) -> Option<Resolution> {
    let decided = decided(members, held)?;
    let base = members.iter().map(|member| member.executed).fold(decided.base, Seq::max);
    let beyond = entries(members, decided.view, decided.last.max(base));
    let last = beyond.last().map_or(decided.last, |(seq, _)| *seq);
    let count = last.0.saturating_sub(base.0);
    if count > MAX_REPLAY as u64 {
        return None;
    }
    let mut beyond = beyond.into_iter().peekable();
    let bound = (1..=count).map(|step| Seq(base.0.saturating_add(step))).map(|seq| {
        if seq <= decided.last {
            decided.by.and_then(|resolution| bound_at(resolution, seq))
        } else {
            beyond.next_if(|(number, _)| *number == seq).map(|(_, bound)| bound)
        }
    });
    List::new(bound.collect()).ok().map(|entries| Resolution { base, entries })
}
