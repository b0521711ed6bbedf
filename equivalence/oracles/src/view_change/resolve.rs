//! What `view_change.resolve` must return.

use super::definitions::{list, numbers};
use crate::{Finding, answer};
use prime::view_change::Statement;
use std::collections::{BTreeMap, BTreeSet};
use wire::prime::{Bound, MAX_REPLAY, Resolution};
use wire::{Digest, Seq, View};

/// What a new view must begin with.
///
/// # Errors
/// The first way in which the answer is not what the contract calls for.
pub fn check(
    members: &[&Statement],
    held: &BTreeMap<Digest, Resolution>,
    got: &Option<Resolution>,
) -> Result<(), Finding> {
    answer("view_change.resolve", &resolution(members, held), got)
}

/// What the states of `members` amount to; `None` if that cannot be with at most f faulty servers.
pub(super) fn resolution(
    members: &[&Statement],
    held: &BTreeMap<Digest, Resolution>,
) -> Option<Resolution> {
    let certificates = || members.iter().filter_map(|says| says.replay);
    let w = certificates().map(|chosen| chosen.view).max().unwrap_or(View(0));
    let earlier = match certificates().find(|chosen| chosen.view == w) {
        Some(chosen) => {
            let earlier = held.get(&chosen.resolution)?;
            let fits = (earlier.base, earlier.start_seq()) == (chosen.base, chosen.start_seq);
            let alike = certificates().all(|other| other.view < w || other == chosen);
            (fits && alike).then(|| earlier.clone())?
        }
        None => Resolution::default(),
    };
    let base = members.iter().map(|says| says.executed).fold(earlier.base, Seq::max);

    let entries = || members.iter().flat_map(|says| &says.entries);
    if entries().any(|(_, bound)| bound.view > w) {
        return None;
    }
    let of_w: BTreeSet<(Seq, Bound)> = entries()
        .filter(|&(&seq, bound)| bound.view == w && seq > base)
        .map(|(&seq, &bound)| (seq, bound))
        .collect();
    let numbered: BTreeMap<Seq, Bound> = of_w.iter().copied().collect();
    if numbered.len() < of_w.len() {
        return None;
    }
    let before = numbers(&earlier).filter(|&(seq, _)| seq > base);
    let beyond = numbered.into_iter().filter(|&(seq, _)| seq >= earlier.start_seq());
    let bindings: BTreeMap<Seq, Option<Bound>> =
        before.chain(beyond.map(|(seq, bound)| (seq, Some(bound)))).collect();
    let last = bindings.last_key_value().map_or(base, |(&seq, _)| seq);
    let count = usize::try_from(last.0 - base.0).ok().filter(|&count| count <= MAX_REPLAY)?;
    let bound = |above: usize| {
        let seq = Seq(base.0 + 1 + above as u64);
        bindings.get(&seq).copied().flatten()
    };
    Some(Resolution { base, entries: list((0..count).map(bound).collect()) })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{bound, digest, proposal, proposal_with, statement, trips};
    use crate::view_change::kit::{entry as keyed, resolution as no_gap};
    use prime::view_change::Statement;
    use std::collections::BTreeMap;
    use wire::prime::{Bound, MAX_REPLAY, Resolution};
    use wire::{Digest, List, Seq};

    type Held = BTreeMap<Digest, Resolution>;

    fn of(base: u64, entries: &[Option<Bound>]) -> Resolution {
        Resolution { base: Seq(base), entries: List::new(entries.to_vec()).unwrap() }
    }

    /// With entries of those views for those numbers.
    fn with(mut says: Statement, entries: &[(u64, u64)]) -> Statement {
        says.entries.extend(entries.iter().map(|&(view, seq)| keyed(&proposal(view, seq)).0));
        says
    }

    fn some(view: u64, seq: u64) -> Option<Bound> {
        Some(bound(&proposal(view, seq)))
    }

    #[track_caller]
    fn finds(members: &[Statement], held: &Held, wanted: Option<&Resolution>) {
        let members: Vec<_> = members.iter().collect();
        assert_eq!(check(&members, held, &wanted.cloned()), Ok(()));
        let other = wanted.map_or_else(|| Some(of(0, &[])), |_| None);
        trips(check(&members, held, &other), "view_change.resolve");
        for other in wanted.into_iter().flat_map(|right| {
            let mut entries = right.entries.to_vec();
            entries.push(None);
            [of(right.base.0 + 1, &right.entries), of(right.base.0, &entries)]
        }) {
            trips(check(&members, held, &Some(other)), "view_change.resolve");
        }
    }

    #[test]
    fn the_contracts_example() {
        let members = [with(statement(3, None), &[(0, 5)]), with(statement(4, None), &[(0, 7)])];
        let wanted = of(4, &[some(0, 5), None, some(0, 7)]);
        finds(&members, &Held::new(), Some(&wanted));
        finds(&[statement(4, None)], &Held::new(), Some(&of(4, &[])));
        finds(&[], &Held::new(), Some(&of(0, &[])));
    }

    #[test]
    fn what_an_earlier_replay_decided_stays_decided() {
        // W: 5 bound, 6 a no-op, 7 bound, 8 a no-op, so startSeq 9.
        let earlier = no_gap(4, &[true, false, true, false]);
        let held = Held::from([(earlier.digest(), earlier.clone())]);
        let chose = statement(2, Some((3, &earlier)));
        let kept = of(4, &[some(0, 5), None, some(0, 7), None]);
        // Lower views' entries are passed over, of any number; so are those of w below startSeq.
        let members = [chose.clone(), with(statement(4, None), &[(0, 6), (2, 9), (3, 8)])];
        finds(&members, &held, Some(&kept));
        // Of w beyond it they count, with gaps; the base may lie within W or above it.
        let members = [chose.clone(), with(statement(6, None), &[(3, 10)])];
        finds(&members, &held, Some(&of(6, &[some(0, 7), None, None, some(3, 10)])));
        let members = [chose.clone(), with(statement(9, None), &[(3, 11)])];
        finds(&members, &held, Some(&of(9, &[None, some(3, 11)])));
        finds(&[chose.clone(), statement(12, None)], &held, Some(&of(12, &[])));
        // Only the highest certificate counts, and an older one need not be held.
        let older = statement(0, Some((2, &no_gap(1, &[true]))));
        finds(&[older, chose], &held, Some(&kept));
    }

    #[test]
    fn what_cannot_be_is_no_resolution() {
        let earlier = no_gap(4, &[true]);
        let held = Held::from([(earlier.digest(), earlier.clone())]);
        let chose = || statement(4, Some((3, &earlier)));
        let mut altered = [chose(), chose(), chose()];
        altered[0].replay.as_mut().unwrap().base = Seq(3);
        altered[1].replay.as_mut().unwrap().start_seq = Seq(7);
        altered[2].replay.as_mut().unwrap().resolution = digest("other");
        for other in altered {
            finds(&[other.clone(), chose()], &held, None);
            finds(&[other], &held, None);
        }
        finds(&[chose()], &Held::new(), None);
        finds(&[chose(), with(statement(9, None), &[(4, 2)])], &held, None);
        finds(&[with(statement(0, None), &[(1, 1)])], &held, None);

        let mut twice = [with(chose(), &[(3, 7)]), chose()];
        let other = proposal_with(3, 7, 3);
        twice[1].entries.insert(Seq(7), bound(&other));
        finds(&twice, &held, None);
        twice[0].executed = Seq(7);
        finds(&twice, &held, Some(&of(7, &[])));

        let most = MAX_REPLAY as u64;
        let mut far = [with(statement(1, None), &[(0, most + 1)])];
        let mut entries = vec![None; MAX_REPLAY];
        entries[MAX_REPLAY - 1] = some(0, most + 1);
        let members: Vec<_> = far.iter().collect();
        assert_eq!(check(&members, &held, &Some(of(1, &entries))), Ok(()));
        far[0].executed = Seq(0);
        finds(&far, &held, None);
    }
}
