//! Who is wrong about one case.

use super::outcome::{Ran, keeps_promises, same};
use crate::case::Case;
use crate::clip::{clip, clipped};
use crate::slots::{Judged, Outcome};
use verdict::{Blames, By};

/// Bytes of one effect, result or oracle's word that a person is shown.
const LINE: usize = 600;

/// What the bench judges by. Both, except in tests of the bench itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judges {
    /// The specifications.
    pub oracle: bool,
    /// The other versions.
    pub differential: bool,
}

impl Default for Judges {
    fn default() -> Self {
        Self { oracle: true, differential: true }
    }
}

/// What is wrong with one version's outcome of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) by: By,
    /// In words that do not depend on the case: two cases with one rule show the same fault.
    pub(super) rule: String,
    pub(super) expected: String,
    pub(super) got: String,
    pub(super) blames: Blames,
    /// Classes of voters that did the same, the largest first.
    pub(super) split: Vec<Vec<usize>>,
}

/// Classes of voters with the same outcome, the largest first, ties by the first voter.
fn classes(slot: &dyn Judged, ran: &[Option<Ran>]) -> Vec<Vec<usize>> {
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for (voter, outcome) in ran.iter().enumerate() {
        let Some(outcome) = outcome else { continue };
        let mine = classes.iter_mut().find(|class| {
            class
                .first()
                .and_then(|first| ran[*first].as_ref())
                .is_some_and(|o| same(slot, o, outcome))
        });
        match mine {
            Some(class) => class.push(voter),
            None => classes.push(vec![voter]),
        }
    }
    classes.sort_by_key(|class| std::cmp::Reverse(class.len()));
    classes
}

/// The oracle's word on one outcome, and the rules that hold for all slots.
fn unlawful(slot: &dyn Judged, case: &Case, ran: &Ran, judges: Judges) -> Option<Fault> {
    let fault = |by, rule: &str, expected: String, got: String| Fault {
        by,
        rule: rule.to_string(),
        expected,
        got,
        blames: Blames::Version,
        split: Vec::new(),
    };
    let outcome = match ran {
        Ok(outcome) => outcome,
        Err(panic) => {
            let expected = String::from("no panic");
            return Some(fault(By::Differential, "never panics", expected, panic.clone()));
        }
    };
    if judges.differential && !keeps_promises(&outcome.effects) {
        let rule = "a promise is logged before it is sent";
        let got = describe(slot, case, ran);
        return Some(fault(By::Differential, rule, String::from(rule), got));
    }
    if !judges.oracle {
        return None;
    }
    // An oracle that panics has met something that it does not know: no reason to go down.
    let checked = crate::quiet::catch(|| slot.check(case, outcome));
    match checked {
        Ok(Ok(())) => None,
        Ok(Err(found)) => {
            let (expected, got) = (clip(&found.expected, LINE), clip(&found.got, LINE));
            let got = format!("{got}\n{}", describe(slot, case, ran));
            Some(fault(By::Oracle, &found.rule, expected, got))
        }
        Err(panic) => {
            let got = describe(slot, case, ran);
            Some(fault(By::Oracle, "the oracle understands the outcome", panic, got))
        }
    }
}

/// What came of a case, for a person.
pub(super) fn describe(slot: &dyn Judged, case: &Case, ran: &Ran) -> String {
    let Outcome { state, effects, output, service, .. } = match ran {
        Ok(outcome) => outcome,
        Err(panic) => return panic.clone(),
    };
    let mut parts = Vec::new();
    match state {
        Some(after) => parts.push(slot.cases().changes(&*case.state, &**after)),
        None => parts.push(format!("result {}", clipped(output, LINE))),
    }
    if *service != Default::default() {
        parts.push(format!("asks the service {}", clipped(service, LINE)));
    }
    if state.is_some() && !output.is_empty() {
        parts.push(format!("result {}", clipped(output, LINE)));
    }
    parts.extend(effects.iter().take(12).map(|effect| format!("emits {}", clipped(effect, LINE))));
    if effects.len() > 12 {
        parts.push(format!("and {} effects more", effects.len() - 12));
    }
    parts.join("\n")
}

/// Whether one outcome holds far more than another: growth rather than difference.
fn outgrows(slot: &dyn Judged, one: &Ran, other: &Ran) -> bool {
    let measure = |ran: &Ran| {
        let outcome = ran.as_ref().ok()?;
        let state = outcome.state.as_deref().map_or(0, |state| slot.cases().size(state));
        Some((state, outcome.effects.len()))
    };
    let (Some(one), Some(other)) = (measure(one), measure(other)) else { return false };
    one.0 > 2 * other.0 + 16 || one.1 > 2 * other.1 + 8
}

/// Asks the oracle about the outcomes of one class: once for all that are alike to the letter. What a
/// class has in common is less than a contract may ask for: an order among effects, say.
fn charge(
    slot: &dyn Judged,
    case: &Case,
    ran: &[Option<Ran>],
    judges: Judges,
    class: &[usize],
    faults: &mut [Option<Fault>],
) {
    let mut asked: Vec<(usize, &Ran)> = Vec::new();
    for &voter in class {
        let Some(outcome) = &ran[voter] else { continue };
        let alike = |(_, before): &&(usize, &Ran)| match (before, outcome) {
            (Ok(before), Ok(outcome)) => before.effects == outcome.effects,
            (Err(before), Err(panic)) => before == panic,
            _ => false,
        };
        if let Some((before, _)) = asked.iter().find(alike) {
            faults[voter] = faults[*before].clone();
            continue;
        }
        asked.push((voter, outcome));
        faults[voter] = unlawful(slot, case, outcome, judges);
    }
}

/// A class in two, where the oracle objects to some of it only: the lawful ones are first.
fn parted(class: Vec<usize>, faults: &[Option<Fault>]) -> Vec<Vec<usize>> {
    let (lawful, unlawful): (Vec<usize>, Vec<usize>) =
        class.into_iter().partition(|voter| faults[*voter].is_none());
    [lawful, unlawful].into_iter().filter(|part| !part.is_empty()).collect()
}

/// Judges all outcomes of one case. `ran[0]` is the reference's; `None` has been judged before.
/// Returns one entry for each voter: nothing, where the reference's panic says that the input is none.
pub(super) fn judge(
    slot: &dyn Judged,
    case: &Case,
    ran: &[Option<Ran>],
    judges: Judges,
) -> Vec<Option<Fault>> {
    if is_none(case, ran) {
        return ran.iter().map(|_| None).collect();
    }
    let mut faults: Vec<Option<Fault>> = ran.iter().map(|_| None).collect();
    let mut split = Vec::new();
    for class in classes(slot, ran) {
        charge(slot, case, ran, judges, &class, &mut faults);
        split.extend(parted(class, &faults));
    }
    split.sort_by_key(|class| std::cmp::Reverse(class.len()));
    let lawful: Vec<bool> =
        split.iter().map(|class| class.iter().all(|voter| faults[*voter].is_none())).collect();
    if split.len() > 1 && judges.differential {
        compare(slot, case, ran, &split, &lawful, &mut faults);
    }
    let reference_fails = faults.first().is_some_and(Option::is_some);
    let home = split.iter().find(|class| class.contains(&0)).cloned().unwrap_or_default();
    for (voter, fault) in faults.iter_mut().enumerate() {
        let Some(fault) = fault else { continue };
        fault.split.clone_from(&split);
        if reference_fails && home.contains(&voter) {
            fault.blames = Blames::Reference;
        }
    }
    faults
}

/// Whether the reference's panic says that the case cannot come up.
pub(super) fn is_none(case: &Case, ran: &[Option<Ran>]) -> bool {
    !case.sure && matches!(ran.first(), Some(Some(Err(_))))
}

/// Settles by votes what the oracle let through.
fn compare(
    slot: &dyn Judged,
    case: &Case,
    ran: &[Option<Ran>],
    split: &[Vec<usize>],
    lawful: &[bool],
    faults: &mut [Option<Fault>],
) {
    let home = split.iter().position(|class| class.contains(&0));
    let Some(home) = home.filter(|home| lawful[*home]) else { return };
    let voters: usize = split.iter().map(Vec::len).sum();
    let alone = split[home].len() == 1 && split.len() == 2 && voters > 2;
    let outvoted = alone && lawful.iter().all(|lawful| *lawful);
    let reference = ran.first().and_then(Option::as_ref);
    for (at, class) in split.iter().enumerate().filter(|(at, _)| lawful[*at] && *at != home) {
        let Some(outcome) = class.first().and_then(|first| ran[*first].as_ref()) else { continue };
        let Some(reference) = reference else { continue };
        let (theirs, ours) = (describe(slot, case, outcome), describe(slot, case, reference));
        let grows = outgrows(slot, outcome, reference);
        let mut fault = Fault {
            by: if grows { By::Resource } else { By::Differential },
            rule: String::from(if grows {
                "holds and emits no more than others"
            } else {
                "does what the others do"
            }),
            expected: ours,
            got: theirs,
            blames: Blames::Version,
            split: Vec::new(),
        };
        if outvoted {
            std::mem::swap(&mut fault.expected, &mut fault.got);
            fault.blames = Blames::Reference;
            faults[0] = Some(fault);
            continue;
        }
        if split[at].len() >= split[home].len() && voters > 2 {
            fault.blames = Blames::Contract;
        }
        class.iter().for_each(|voter| faults[*voter] = Some(fault.clone()));
    }
}
