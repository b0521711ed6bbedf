//! Recorded calls as examples, for authors that are given no contract.
//!
//! Of each slot a few calls are shown that differ in what comes of them, the shortest of their kind.

use super::{Sample, Taps};
use crate::clip::{clip, clipped};
use crate::quiet;
use crate::registry::tapped;
use crate::slots::{Judged, Use};
use crate::tree;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use wire::Config;

/// Calls shown of a slot.
const EXAMPLES: usize = 8;

/// Lines shown of a state, and of what changed in it.
const LINES: usize = 12;

/// Bytes shown of a line, of one effect and of a result.
const SHOWN: usize = 240;

/// Bytes shown of all arguments.
const ARGUMENTS: usize = 900;

/// The examples of all slots of a component whose calls are recorded, as Markdown: what the clusters
/// of `seed` called them with, and what came of it. Empty if the component has none.
#[must_use]
pub fn examples(component: &str, seed: u64) -> String {
    let slots: Vec<_> = tapped()
        .into_iter()
        .filter(|slot| slot.facts().name.split_once('.').is_some_and(|(of, _)| of == component))
        .collect();
    if slots.is_empty() {
        return String::new();
    }
    let taps = Taps::record(seed);
    let mut text = format!(
        "# Recorded calls of the slots of `{component}`\n\n\
         Made by `cargo run --release -p bench --example recorded -- {component} {seed}`.\n"
    );
    for slot in slots {
        let _ = write!(text, "\n## {}\n", slot.facts().name);
        for (index, shown) in chosen(&taps, slot).iter().enumerate() {
            let _ = write!(text, "\nExample {}:\n\n```text\n{shown}\n```\n", index + 1);
        }
    }
    text
}

/// A few calls of different kinds: of those with the same reasons, effects and answer to whether
/// something changed the shortest.
fn chosen(taps: &Taps, slot: &dyn Judged) -> Vec<String> {
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (class, kept) in taps.of(slot.facts().name) {
        let shown = kept.samples.iter().filter(|sample| sample.recorded).filter_map(|sample| {
            let config = &taps.clusters[sample.cluster].config;
            example(slot, config, sample)
        });
        kinds.entry(class.kind()).or_default().extend(shown);
    }
    for all in kinds.values_mut() {
        all.sort_by_key(|text| (text.len(), text.clone()));
        all.dedup();
    }
    let mut found: Vec<String> = Vec::new();
    // One of each kind, then from the middle of each: another than the smallest.
    for share in [0, 2, 4] {
        for all in kinds.values().filter(|all| !all.is_empty()) {
            let text = &all[(all.len() * share / 5).min(all.len() - 1)];
            if found.len() < EXAMPLES && !found.contains(text) {
                found.push(text.clone());
            }
        }
    }
    found
}

/// One call: the state that it met, what it was called with, and what came of it.
fn example(slot: &dyn Judged, config: &Config, sample: &Sample) -> Option<String> {
    let (state, args) = (&*sample.state, &*sample.args);
    let facts = slot.facts();
    let outcome = quiet::catch(|| slot.run(0, config, state, args)).ok()?;
    let mut text = format!("n = {}, f = {}, k = {}\n", config.n, config.f, config.k);
    let changes = outcome.state.as_deref().map(|after| slot.cases().changes(state, after));
    if facts.uses != Use::Ignores {
        let changed = changes.as_deref().unwrap_or_default();
        text.push_str(&before(&tree::show(state), changed));
    }
    let _ = writeln!(text, "called with {}", facts.arguments.join(", "));
    let _ = writeln!(text, "  {}", clipped(args, ARGUMENTS));
    if let Some(changes) = changes {
        let more = changes.lines().count().saturating_sub(LINES);
        for line in changes.lines().take(LINES) {
            let _ = writeln!(text, "{}", clip(line, SHOWN));
        }
        if more > 0 {
            let _ = writeln!(text, "and {more} changes more");
        }
    }
    for effect in &outcome.effects {
        let _ = writeln!(text, "effect {}", clipped(effect, SHOWN));
    }
    let result = clipped(&outcome.output, SHOWN);
    if result != "()" {
        let _ = writeln!(text, "result {result}");
    }
    Some(text.trim_end().to_owned())
}

/// The state's lines: those that change first, then as many others as there is room for.
fn before(state: &str, changes: &str) -> String {
    let gone: BTreeSet<&str> = changes.lines().filter_map(|line| line.strip_prefix("- ")).collect();
    let all: Vec<&str> = state.lines().collect();
    let others = LINES.saturating_sub(all.iter().filter(|line| gone.contains(*line)).count());
    let mut left = others;
    let mut text = String::new();
    let mut hidden = 0;
    for line in all {
        if gone.contains(line) {
            let _ = writeln!(text, "{}", clip(line, SHOWN));
        } else if left > 0 {
            left -= 1;
            let _ = writeln!(text, "{}", clip(line, SHOWN));
        } else {
            hidden += 1;
        }
    }
    if hidden > 0 {
        let _ = writeln!(text, "and {hidden} lines more, which do not change");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_a_slot_differ_in_what_comes_of_them() {
        let taps = Taps::some(1, 3);
        let slots = tapped();
        let slot = slots.iter().find(|slot| slot.facts().name == "order.on_prepare").unwrap();
        let shown = chosen(&taps, *slot);
        assert!((2..=EXAMPLES).contains(&shown.len()), "{shown:?}");
        assert!(shown.iter().all(|text| text.contains("\ncalled with message\n")), "{shown:?}");
        assert!(shown.iter().any(|text| text.contains("effect Reject")), "{shown:?}");
        assert!(shown.iter().any(|text| text.contains("\n+ state")), "{shown:?}");
    }

    #[test]
    fn what_changes_is_shown_of_however_long_a_state() {
        let lines: Vec<String> = (0..40).map(|number| format!("state.x{number}: 1")).collect();
        let text = before(&lines.join("\n"), "- state.x39: 1\n+ state.x39: 2");
        assert!(
            text.contains("state.x39: 1\n")
                && text.ends_with(&format!("and {} lines more, which do not change\n", 40 - LINES))
        );
    }
}
