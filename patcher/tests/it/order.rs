//! Statements that change places: which orders are a fault, and which nobody can tell.

use crate::common::Tally;
use patcher::{Mutator, Operator, VersionFile};
use std::path::Path;

/// What all the statements stand among.
const AROUND: &str = "\
use wire::Update;

pub struct State {
    seen: Vec<u64>,
    kept: Vec<u64>,
    last: u64,
    most: Option<u64>,
    link: &'static mut u64,
}

impl State {
    fn get(&self) -> u64 { self.last }
    fn cmp(&mut self) {}
}

pub fn weigh(
    state: &mut State, config: &Config, now: u64, mut queue: Vec<u64>, update: &Update,
    effects: &mut Effects,
) {
    let me = state.last;
    let slot = state.slots.entry(me).or_default();
    let (first, second) = (update.len(), state.slots.get_mut(3));
    let take = |value: u64| value + 1;
    for (index, column) in config.replicas().zip(&mut state.columns) {
        BODY
    }
}
";

fn swaps(tally: &Tally, text: &str) -> usize {
    let (project, inventory) = tally.read();
    let slot = inventory.slot("count.weigh").expect("a slot");
    let version = VersionFile::new(slot, "heron", Path::new("weigh.rs"), text.to_owned());
    let mutator = Mutator::new(&project, &inventory).expect("structures that can be read");
    let mutants = mutator.version(&version).expect("a text that is Rust").mutants;
    mutants.iter().filter(|mutant| mutant.operator == Operator::Swap).count()
}

/// Holds how often statements of each body change places against what is said.
fn made(cases: &[(&str, usize)]) {
    let tally = Tally::new();
    for (body, expected) in cases {
        let text = AROUND.replace("BODY", body);
        assert_eq!(swaps(&tally, &text), *expected, "{body}");
    }
}

#[test]
fn statements_that_share_nothing_keep_their_places() {
    made(&[
        ("state.last = now; state.most = Some(now);", 0),
        ("state.seen.push(now); state.kept.push(now);", 0),
        ("state.last = state.last.max(now); state.most = None;", 0),
        ("column.aru = index; state.seen.push(index);", 0),
        // Nothing can be written through a copy, or through what is shared.
        ("state.seen.push(now.next()); state.kept.push(now.next());", 0),
        ("state.seen.extend(config.all(now)); state.kept.extend(config.all(now));", 0),
        ("note(config, &mut state.seen); note(config, &mut state.kept);", 0),
        ("state.seen.push(me); state.kept.push(me);", 0),
        ("state.seen.push(first); state.kept.push(first);", 0),
        // Both read the same.
        ("state.seen.push(state.last); state.kept.push(state.last);", 0),
        ("state.seen.push(slot.x.len()); state.kept.push(slot.x.len());", 0),
        // What is emitted is a place of its own.
        ("effects.send(now); state.last = now;", 0),
        // Names within a statement are its own.
        ("for x in &state.seen { state.last = *x; } for x in &state.kept { state.most = *x; }", 0),
        ("if let Some(x) = slot.x { state.seen.push(x); } state.kept.push(now);", 0),
        ("state.seen.retain(|x| { let y = x; y > &now }); state.kept.retain(|y| *y > now);", 0),
        // A loop is left within its statement, a closure within it.
        ("for x in 0..now { state.last = x; break; } state.most = None;", 0),
        ("state.last = state.seen.iter().map(|x| { return x; }).sum(); state.most = None;", 0),
        ("if matches!(state.last, 1 | 2 if now > 3) { state.most = None; } column.aru = now;", 0),
    ]);
}

#[test]
fn statements_that_share_something_change_places() {
    made(&[
        ("state.last = now; state.last += 1;", 1),
        ("state.last = now; state.seen.push(state.last);", 1),
        ("state.seen.push(now); state.last = state.seen.len();", 1),
        ("state.seen.push(now); state.seen.push(me);", 1),
        // All of a structure is its fields too.
        ("advance(state, config); state.last = now;", 1),
        ("state.last = now; advance(&mut *state, config);", 1),
        ("*slot = Slot::default(); slot.x = now;", 1),
        // An index may be any.
        ("state.seen[0] = now; state.seen[1] = me;", 1),
        ("state.last = now; state.seen[state.last] = 1;", 1),
        // What may be written through.
        ("grow(slot); slot.x = 1;", 1),
        ("grow(second); shrink(second);", 1),
        ("grow(state.link); shrink(state.link);", 1),
        ("queue.push(1); queue.clear();", 1),
        ("grow(column); index.note(column.aru);", 1),
        ("take(now); take(me);", 1),
        ("match slot.x { Some(ref mut x) => { *x = 1; } None => {} } column.aru = 1;", 1),
        // Methods that write, by whatever name.
        ("state.cmp(); state.last = 1;", 1),
        ("state.seen.entry(3).or_default().push(1); state.last = state.seen.len();", 1),
        ("*state.seen.get_mut(1) = 3; state.seen.push(1);", 1),
        // Two emissions.
        ("effects.send(now); effects.reject(now);", 1),
        ("note(state.last, effects); effects.send(now);", 1),
        // Who leaves keeps what comes behind from being done.
        ("if now > 3 { return; } state.last = now;", 1),
        ("if now > 3 { continue; } state.last = now;", 1),
        ("for x in 0..now { if x > 3 { return; } } state.last = now;", 1),
        ("state.last = check(now)?; state.most = None;", 1),
        // Names within an `if let` are not those of its `else`.
        ("if let Some(slot) = me { note(slot); } else { slot.x = 1; } grow(slot);", 1),
        ("trace!(state.last); state.last = now;", 1),
    ]);
}

/// Where what is shared can be written to, places say nothing.
#[test]
fn cells_are_not_seen_through() {
    let body = AROUND.replace("BODY", "state.seen.push(now); state.kept.push(now);");
    let tally = Tally::new();
    assert_eq!(swaps(&tally, &body), 0);
    assert_eq!(swaps(&tally, &format!("use std::cell::RefCell;\n{body}")), 1);
    assert_eq!(swaps(&tally, &body.replace("let me =", "let me = unsafe { 1 } +")), 1);
}
