//! Which version is at fault, asked of replays in which the reference stands for some versions.
//!
//! What a replay is stays with the caller: here it is a question about slots, asked as rarely as
//! possible, because each new answer costs a build.

use crate::exit::Result;
use slot_syntax::SlotPath;
use std::collections::BTreeMap;
use std::path::Path;

/// A replica's versions that are not the reference's: the family of each by its slot.
pub(super) type Versions = BTreeMap<String, String>;

/// How a culprit was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FoundBy {
    /// The panic's place was in its file, and without it the panic was gone.
    Location,
    /// Halving over all versions.
    Bisection,
}

impl FoundBy {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::Bisection => "bisection",
        }
    }
}

/// The slot whose version's file holds a panic's place `FILE:LINE:COLUMN`.
pub(super) fn suspect<'a>(place: &str, versions: &'a Versions) -> Option<&'a String> {
    let file = Path::new(place.rsplitn(3, ':').last().unwrap_or_default());
    let is_there = |(slot, family): &(&String, &String)| {
        let path = slot.parse::<SlotPath>();
        path.is_ok_and(|path| {
            let whole = SlotPath::of_component(&*path.component);
            let of_family = Path::new("versions").join(family);
            [path, whole].iter().any(|path| file.ends_with(of_family.join(path.file())))
        })
    };
    versions.iter().find(is_there).map(|(slot, _)| slot)
}

/// The slot whose version must go for the panic to go, and how it was found; `None` if the panic
/// stays with the reference in every slot.
///
/// `is_gone_without` says whether the panic is gone once the reference stands in these slots. The
/// suspect is asked about first: a panic's place is a hint and no proof, for the fault may be in
/// what another version handed over.
pub(super) fn culprit(
    versions: &Versions,
    suspect: Option<&String>,
    mut is_gone_without: impl FnMut(&[String]) -> Result<bool>,
) -> Result<(FoundBy, Option<String>)> {
    if let Some(suspect) = suspect
        && is_gone_without(std::slice::from_ref(suspect))?
    {
        return Ok((FoundBy::Location, Some(suspect.clone())));
    }
    let slots: Vec<String> = versions.keys().cloned().collect();
    Ok((FoundBy::Bisection, halve(&slots, is_gone_without)?))
}

/// One slot of `slots` that makes the difference, by halving; `None` if all together make none.
///
/// The panic stays without the slots before the one returned, and is gone without it as well:
/// whatever else is wrong, that one is at fault.
fn halve(
    slots: &[String],
    mut is_gone_without: impl FnMut(&[String]) -> Result<bool>,
) -> Result<Option<String>> {
    if slots.is_empty() || !is_gone_without(slots)? {
        return Ok(None);
    }
    // The panic stays without the first `stays` slots and is gone without the first `gone`.
    let (mut stays, mut gone) = (0, slots.len());
    while gone - stays > 1 {
        let middle = stays.midpoint(gone);
        if is_gone_without(&slots[..middle])? {
            gone = middle;
        } else {
            stays = middle;
        }
    }
    Ok(slots.get(stays).cloned())
}

#[cfg(test)]
mod tests {
    use super::{FoundBy, Versions, culprit, halve, suspect};
    use crate::exit::Failure;
    use std::collections::BTreeSet;

    const PLACE: &str = "compositions/prime-1/src/versions/heron/pre_order/covers.rs:16:9";

    /// As many as the reference has in the components that families write anew.
    fn slots(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("slot{number:02}")).collect()
    }

    fn versions(of: &[(&str, &str)]) -> Versions {
        of.iter().map(|(slot, family)| ((*slot).to_owned(), (*family).to_owned())).collect()
    }

    fn heron() -> Versions {
        versions(&[
            ("order.covers", "heron"),
            ("pre_order.covers", "heron"),
            ("pre_order.has_news", "heron"),
        ])
    }

    #[test]
    fn the_one_at_fault_is_found_wherever_it_stands() {
        for count in 1..=26 {
            let all = slots(count);
            for at_fault in &all {
                let mut replays = 0;
                let found = halve(&all, |without| {
                    replays += 1;
                    Ok(without.contains(at_fault))
                });
                assert_eq!(found.unwrap().as_ref(), Some(at_fault));
                // One for all of them, and one for each halving, rounded up.
                let most = 1 + count.next_power_of_two().ilog2();
                assert!(replays <= most, "{replays} replays for {count} slots");
            }
        }
    }

    #[test]
    fn of_several_at_fault_one_is_found_and_never_an_innocent_one() {
        let all = slots(6);
        for chosen in 1_u32..1 << all.len() {
            let is_chosen = |at: &usize| chosen >> at & 1 == 1;
            let at_fault: BTreeSet<String> =
                (0..all.len()).filter(is_chosen).map(|at| all[at].clone()).collect();
            // Each alone is enough for the panic, and then: only all together are.
            let each = |without: &[String]| Ok(at_fault.iter().all(|slot| without.contains(slot)));
            let joint = |without: &[String]| Ok(at_fault.iter().any(|slot| without.contains(slot)));
            for found in [halve(&all, each), halve(&all, joint)] {
                assert!(at_fault.contains(&found.unwrap().unwrap()), "{at_fault:?}");
            }
        }
    }

    /// Exchanging versions may bring a panic back: what is found makes a difference all the same.
    #[test]
    fn whatever_replays_say_the_one_found_makes_the_difference() {
        let all = slots(8);
        for answers in 0_u32..1 << (all.len() - 1) {
            // Bit n: whether the panic is gone without the first n + 1; without all of them it is.
            let is_gone = |count: usize| count == all.len() || answers >> (count - 1) & 1 == 1;
            let found = halve(&all, |without| Ok(is_gone(without.len()))).unwrap().unwrap();
            let at = all.iter().position(|slot| *slot == found).unwrap();
            assert!(at == 0 || !is_gone(at), "gone before {found}: {answers:b}");
            assert!(is_gone(at + 1), "not gone with {found}: {answers:b}");
        }
    }

    #[test]
    fn nobody_is_blamed_for_a_panic_that_stays() {
        let stays = culprit(&heron(), None, |_| Ok(false)).unwrap();
        assert_eq!(stays, (FoundBy::Bisection, None));
        let suspected = "pre_order.covers".to_owned();
        let stays = culprit(&heron(), Some(&suspected), |_| Ok(false)).unwrap();
        assert_eq!(stays, (FoundBy::Bisection, None));
        // A replica of the reference alone: there is nothing to ask.
        let asked = |_: &[String]| -> crate::exit::Result<bool> { panic!("asked about nothing") };
        assert_eq!(culprit(&Versions::new(), None, asked).unwrap(), (FoundBy::Bisection, None));
    }

    #[test]
    fn a_place_in_a_version_is_proved_by_one_replay() {
        let mut asked = Vec::new();
        let versions = heron();
        let found = culprit(&versions, suspect(PLACE, &versions), |without| {
            asked.push(without.to_vec());
            Ok(without.contains(&"pre_order.covers".to_owned()))
        });
        assert_eq!(found.unwrap(), (FoundBy::Location, Some("pre_order.covers".to_owned())));
        assert_eq!(asked, [["pre_order.covers"]]);
    }

    /// The version that panics may have been handed nonsense by another.
    #[test]
    fn a_suspect_without_which_the_panic_stays_is_not_blamed() {
        let versions = heron();
        let found = culprit(&versions, suspect(PLACE, &versions), |without| {
            Ok(without.contains(&"pre_order.has_news".to_owned()))
        });
        assert_eq!(found.unwrap(), (FoundBy::Bisection, Some("pre_order.has_news".to_owned())));
    }

    #[test]
    fn a_place_elsewhere_makes_every_version_suspect() {
        let versions = heron();
        for place in [
            "reference/prime/src/pre_order/covers.rs:1:1",
            "compositions/prime-1/src/versions/ibis/pre_order/covers.rs:1:1",
            "compositions/prime-1/src/versions/heron/order/has_news.rs:1:1",
            "/rustc/0123456789/library/core/src/option.rs:1:1",
            "",
        ] {
            assert_eq!(suspect(place, &versions), None, "{place}");
            let found = culprit(&versions, suspect(place, &versions), |without| {
                Ok(without.contains(&"order.covers".to_owned()))
            });
            assert_eq!(found.unwrap(), (FoundBy::Bisection, Some("order.covers".to_owned())));
        }
        assert_eq!(suspect(PLACE, &versions).unwrap(), "pre_order.covers");
    }

    #[test]
    fn a_replay_that_fails_ends_the_search() {
        let failed = culprit(&heron(), None, |_| Err(Failure::usage("the disk is full")));
        assert_eq!(failed.unwrap_err().sentence, "the disk is full");
    }
}
