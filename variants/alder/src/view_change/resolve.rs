//! What a new view begins with.

use prime::view_change::{Chosen, Statement, bound_at};
use std::collections::BTreeMap;
use wire::prime::{Bound, MAX_REPLAY, Resolution};
use wire::{Digest, List, Seq, View};

/// What the certificates of the highest view among `members` choose; `Err` if two of that view differ.
fn highest(members: &[&Statement]) -> Result<Option<Chosen>, ()> {
    let mut best: Option<Chosen> = None;
    for member in members {
        let Some(chosen) = member.replay else {
            continue;
        };
        let higher = match best {
            Some(found) => chosen.view > found.view,
            None => true,
        };
        if higher {
            best = Some(chosen);
        }
    }
    let Some(found) = best else {
        return Ok(None);
    };
    for member in members {
        if let Some(chosen) = member.replay {
            if chosen.view == found.view && chosen != found {
                return Err(());
            }
        }
    }
    Ok(Some(found))
}

/// What a list whose members said `members` resolves to.
pub fn resolve(members: &[&Statement], held: &BTreeMap<Digest, Resolution>) -> Option<Resolution> {
    let Ok(chosen) = highest(members) else {
        return None;
    };
    let empty = Resolution::default();
    let mut view = View(0);
    let mut before = &empty;
    if let Some(chosen) = chosen {
        view = chosen.view;
        before = held.get(&chosen.resolution)?;
        if before.base != chosen.base || before.start_seq() != chosen.start_seq {
            return None;
        }
    }
    let start = before.start_seq().0;
    let mut base = before.base.0;
    for member in members {
        if member.executed.0 > base {
            base = member.executed.0;
        }
    }

    // By offset from `base + 1`: what members bound in `view`.
    let mut bound: Vec<Option<Bound>> = Vec::new();
    let mut last = base;
    if start.saturating_sub(1) > last {
        last = start - 1;
    }
    for member in members {
        for (&seq, &what) in &member.entries {
            if what.view > view {
                return None;
            }
            if what.view < view || seq.0 <= base {
                continue;
            }
            let offset = seq.0 - base - 1;
            if offset >= MAX_REPLAY as u64 {
                return None;
            }
            let place = offset as usize;
            if bound.len() <= place {
                bound.resize(place + 1, None);
            }
            if let Some(slot) = bound.get_mut(place) {
                if let Some(other) = slot {
                    if other.digest != what.digest {
                        return None;
                    }
                }
                *slot = Some(what);
            }
            if seq.0 > last {
                last = seq.0;
            }
        }
    }
    let count = last - base;
    if count > MAX_REPLAY as u64 {
        return None;
    }

    let mut entries: Vec<Option<Bound>> = Vec::with_capacity(count as usize);
    for offset in 0..count {
        let seq = base + 1 + offset;
        let what = if seq < start {
            bound_at(before, Seq(seq))
        } else {
            match bound.get(offset as usize) {
                Some(&what) => what,
                None => None,
            }
        };
        entries.push(what);
    }
    match List::new(entries) {
        Ok(entries) => Some(Resolution { base: Seq(base), entries }),
        Err(_) => None,
    }
}
