//! Versions with a fault planted in them, and two that are right and written in another way.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bench::{Corpus, Judges, Plan, Registry, Selection};
use prime::pre_order::{
    self, Content, Effects, PoSlot, Relation, RequestBody, State, advance_aru, make_po_aru,
};
use prime::suspect;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use verdict::{Blames, By, Decision, Verdict};
use wire::monitoring::Monitoring;
use wire::prime::{PoAck, PoAcks, PoAru, PoRequest};
use wire::{Config, Digest, PoSeq, Reject, ReplicaId, Time, To, Update, Verified};

const BOTH: Judges = Judges { oracle: true, differential: true };
const VOTES: Judges = Judges { oracle: false, differential: true };
const ORACLE: Judges = Judges { oracle: true, differential: false };

fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| Corpus::record(5))
}

fn all(registry: &Registry, slot: &str, judges: Judges) -> Vec<Verdict> {
    let plan = Plan { cases: Some(6_000), judges, ..Plan::default() };
    let slot = format!("pre_order.{slot}");
    let selection = Selection { slot: Some(&slot), family: None };
    registry.judge(corpus(), &selection, &plan, &|lost| panic!("{lost:?}"))
}

fn of(verdicts: &[Verdict], family: &str) -> Verdict {
    verdicts.iter().find(|verdict| verdict.family == family).unwrap().clone()
}

/// Rejected by oracle and by votes, each alone, with an input of at most `lines` lines.
fn caught(registry: &Registry, slot: &str, lines: usize) -> Verdict {
    let alone = of(&all(registry, slot, VOTES), "alpha");
    assert_eq!(
        (alone.verdict, alone.by),
        (Decision::Rejected, Some(By::Differential)),
        "{alone:?}"
    );
    let verdicts = all(registry, slot, BOTH);
    let verdict = of(&verdicts, "alpha");
    assert_eq!((verdict.verdict, verdict.by), (Decision::Rejected, Some(By::Oracle)));
    assert_eq!(verdict.blames, Some(Blames::Version));
    let reference = of(&verdicts, "reference");
    assert_ne!(reference.verdict, Decision::Rejected, "{reference:?}");
    for found in [&alone, &verdict] {
        let input = found.minimal_input.as_ref().unwrap();
        assert!(input.lines().count() <= lines, "{input}");
    }
    verdict
}

macro_rules! registry {
    ($slot:ident: $($family:literal = $version:expr),*) => {{
        let mut registry = Registry::default();
        $(registry.pre_order.$slot.push(($family, $version));)*
        registry
    }};
}

fn one_vote_less(config: &Config, originator: ReplicaId, slot: &PoSlot) -> Option<Digest> {
    if slot.certified.is_some() {
        return slot.certified;
    }
    let mut votes: BTreeMap<Digest, usize> = BTreeMap::new();
    for (_, digest) in slot.acks.iter().filter(|(sender, _)| **sender != originator) {
        *votes.entry(*digest).or_default() += 1;
    }
    let held = |digest: &Digest| {
        slot.request.as_ref().is_some_and(|request| request.digest() == *digest)
            || slot.adopted.as_ref().is_some_and(|content| content.digest == *digest)
    };
    let enough = config.votes_beside_proposer() - 1;
    votes.into_iter().find(|(d, count)| *count >= enough && held(d)).map(|(digest, _)| digest)
}

#[test]
fn a_quorum_off_by_one_is_caught() {
    let verdict = caught(&registry!(certificate: "alpha" = one_vote_less), "certificate", 1);
    assert_eq!(verdict.split.as_deref(), Some("[reference] against [alpha]"));
}

/// Two with the same fault fail on the same cases, of which the first is the one that is found.
#[test]
fn every_failure_is_noted_where_that_is_asked_for() {
    let registry = registry!(certificate:
        "alpha" = one_vote_less, "beta" = pre_order::certificate, "gamma" = one_vote_less);
    let plan = Plan { cases: Some(3_000), every: true, shrink: false, ..Plan::default() };
    let selection = Selection { slot: Some("pre_order.certificate"), family: None };
    let judge =
        |plan: &Plan| registry.judge(corpus(), &selection, plan, &|lost| panic!("{lost:?}"));
    let verdicts = judge(&plan);
    let failed = |family: &str| of(&verdicts, family).failed;
    let (alpha, gamma) = (failed("alpha"), failed("gamma"));
    assert!(alpha.len() > 1 && alpha.is_sorted(), "{alpha:?}");
    assert_eq!(alpha, gamma);
    assert_eq!((failed("beta"), failed("reference")), (vec![], vec![]));
    let found = of(&judge(&Plan { every: false, ..plan }), "alpha");
    assert_eq!(found.replay.map(|replay| replay.case), alpha.first().copied());
    assert!(found.failed.is_empty());
}

/// What [`count_acks`] does wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    Edge,
    Silent,
    Grows,
}

fn count_acks(
    wrong: Wrong,
    state: &mut State,
    config: &Config,
    message: &Verified<PoAcks>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    for ack in message.body().acks.iter() {
        let reason = why_not(wrong, state, config, sender, ack);
        if let Some(reason) = reason {
            if wrong == Wrong::Grows {
                state.unsent_acks.extend([*ack; 100]);
            }
            if wrong != Wrong::Silent || reason != Reject::Equivocation {
                effects.reject(sender, reason);
            }
            continue;
        }
        let column = &mut state.columns[ack.originator.index()];
        column.slots.entry(ack.seq).or_default().acks.entry(sender).or_insert(ack.digest);
        advance_aru(state, config, ack.originator);
    }
}

/// The contract's checks from the last to the first: each earlier one has the later word.
fn why_not(
    wrong: Wrong,
    state: &State,
    config: &Config,
    sender: ReplicaId,
    ack: &PoAck,
) -> Option<Reject> {
    if !(1..=config.n).contains(&ack.originator.0) {
        return Some(Reject::Invalid);
    }
    let column = &state.columns[usize::from(ack.originator.0) - 1];
    let held = column.slots.get(&ack.seq).and_then(|slot| slot.acks.get(&sender));
    let mut reason =
        held.map(|held| if *held == ack.digest { Reject::Duplicate } else { Reject::Equivocation });
    let ahead = ack.seq.0.saturating_sub(column.retired.0);
    let window = config.windows.preorder;
    if ahead > window || (wrong == Wrong::Edge && ahead == window) {
        reason = Some(Reject::BeyondWindow);
    }
    if ahead == 0 {
        reason = Some(Reject::Stale);
    }
    if ack.originator == sender {
        reason = Some(Reject::NotEntitled);
    }
    reason
}

macro_rules! acks_that {
    ($($name:ident = $wrong:expr),*) => {
        $(fn $name(s: &mut State, c: &Config, m: &Verified<PoAcks>, e: &mut Effects) {
            count_acks($wrong, s, c, m, e);
        })*
    };
}
acks_that!(
    otherwise_written = Wrong::Nothing,
    edge_left_out = Wrong::Edge,
    equivocation_swallowed = Wrong::Silent,
    grows = Wrong::Grows
);

#[test]
fn the_windows_edge_is_tried() {
    let verdict = caught(&registry!(on_po_acks: "alpha" = edge_left_out), "on_po_acks", 2);
    assert!(verdict.minimal_input.unwrap().contains("PoAcks by"));
}

#[test]
fn equivocation_must_be_told() {
    caught(&registry!(on_po_acks: "alpha" = equivocation_swallowed), "on_po_acks", 4);
}

#[test]
fn growth_is_a_matter_of_resources() {
    let registry = registry!(on_po_acks: "alpha" = grows);
    let verdict = of(&all(&registry, "on_po_acks", VOTES), "alpha");
    assert_eq!(verdict.by, Some(By::Resource), "{verdict:?}");
    assert_eq!(of(&all(&registry, "on_po_acks", BOTH), "alpha").by, Some(By::Oracle));
}

fn relation_by_order(first: &[PoSeq], second: &[PoSeq]) -> Relation {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let longer = first.len().max(second.len());
    let padded = |vector: &[PoSeq]| {
        let mut vector = vector.to_vec();
        vector.resize(longer, PoSeq(0));
        vector
    };
    let pairs = padded(first).into_iter().zip(padded(second));
    pairs.fold(Relation::Same, |so_far, (a, b)| match (so_far, a.cmp(&b)) {
        (same, Equal) => same,
        (Relation::Same | Relation::Newer, Greater) => Relation::Newer,
        (Relation::Same | Relation::Older, Less) => Relation::Older,
        _ => Relation::Inconsistent,
    })
}

#[test]
fn what_is_right_is_accepted_however_it_is_written() {
    let acks =
        of(&all(&registry!(on_po_acks: "alpha" = otherwise_written), "on_po_acks", BOTH), "alpha");
    assert_eq!(acks.verdict, Decision::Accepted, "{acks:?}");
    assert!(acks.cases == 6_000 && acks.state_changing_percent >= 30.0);
    let relation =
        of(&all(&registry!(relation: "alpha" = relation_by_order), "relation", BOTH), "alpha");
    assert_eq!(relation.verdict, Decision::Accepted, "{relation:?}");
}

fn panics_on_a_payload(s: &mut State, c: &Config, u: &Verified<Update>, e: &mut Effects) {
    assert_ne!(&u.body().payload[..], b"b", "cannot read this");
    pre_order::on_update(s, c, u, e);
}

#[test]
fn a_panic_is_caught_with_its_place() {
    let registry = registry!(on_update: "alpha" = panics_on_a_payload);
    let verdict = of(&all(&registry, "on_update", BOTH), "alpha");
    assert_eq!((verdict.by, verdict.blames), (Some(By::Differential), Some(Blames::Version)));
    let got = verdict.got.unwrap();
    assert!(got.contains("plants.rs:") && got.contains("cannot read this"), "{got}");
    assert!(verdict.minimal_input.unwrap().lines().count() <= 2);
}

fn says_it_twice(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let before = effects.as_slice().len();
    make_po_aru(state, config, now, effects);
    if effects.as_slice().len() > before {
        let vec = wire::List::new(state.sent_aru.clone()).unwrap();
        effects.send(To::All, PoAru { vec });
    }
}

#[test]
fn an_effect_too_many_is_caught() {
    caught(&registry!(make_po_aru: "alpha" = says_it_twice), "make_po_aru", 4);
}

fn sends_before_it_logs(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let mut proper = Effects::default();
    make_po_aru(state, config, now, &mut proper);
    let mut all = proper.drain();
    all.reverse();
    all.into_iter().for_each(|effect| effects.push(effect));
}

#[test]
fn a_promise_sent_before_it_is_logged_is_caught() {
    let registry = registry!(make_po_aru: "alpha" = sends_before_it_logs);
    let verdict = of(&all(&registry, "make_po_aru", VOTES), "alpha");
    assert_eq!(verdict.by, Some(By::Differential));
    assert_eq!(verdict.rule.as_deref(), Some("a promise is logged before it is sent"));
    assert_eq!(of(&all(&registry, "make_po_aru", ORACLE), "alpha").by, Some(By::Oracle));
}

/// The contract fixes the order of what it says, which votes do not look at.
fn says_again_too_early(
    state: &mut suspect::State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut suspect::Effects,
) {
    if state.tick_at.is_none_or(|at| now < at) {
        return;
    }
    state.tick_at = Some(now.after(rules.period));
    suspect::make_ping(state, now, effects);
    suspect::say_again(state, config, effects);
    suspect::make_tat_measure(state, config, rules, now, effects);
}

#[test]
fn an_order_that_the_contract_fixes_is_asked_of_all() {
    let mut registry = Registry::default();
    registry.suspect.tick.push(("alpha", says_again_too_early));
    registry.suspect.tick.push(("beta", suspect::tick));
    let selection = Selection { slot: Some("suspect.tick"), family: None };
    let judged = |judges| {
        let plan = Plan { cases: Some(6_000), judges, ..Plan::default() };
        registry.judge(corpus(), &selection, &plan, &|lost| panic!("{lost:?}"))
    };
    assert_ne!(of(&judged(VOTES), "alpha").verdict, Decision::Rejected);
    let verdicts = judged(BOTH);
    let alpha = of(&verdicts, "alpha");
    assert_eq!((alpha.verdict, alpha.by), (Decision::Rejected, Some(By::Oracle)));
    assert_eq!(alpha.blames, Some(Blames::Version));
    assert_eq!(alpha.split.as_deref(), Some("[reference, beta] against [alpha]"));
    for right in ["reference", "beta"] {
        assert_ne!(of(&verdicts, right).verdict, Decision::Rejected);
    }
}

fn takes_its_time(config: &Config, originator: ReplicaId, slot: &PoSlot) -> Option<Digest> {
    let start = Instant::now();
    while slot.acks.len() > 2 && start.elapsed() < Duration::from_micros(400) {}
    pre_order::certificate(config, originator, slot)
}

#[test]
fn slowness_is_caught() {
    let registry = registry!(certificate: "alpha" = takes_its_time);
    let verdict = of(&all(&registry, "certificate", BOTH), "alpha");
    assert_eq!((verdict.verdict, verdict.by), (Decision::Rejected, Some(By::Resource)));
}

/// The right digest on the wrong body: states do not compare bodies.
fn adopts_something_else(
    state: &mut State,
    config: &Config,
    originator: ReplicaId,
    content: &Content,
    effects: &mut Effects,
) {
    let body = PoRequest { seq: content.body.seq, updates: wire::List::empty() };
    let other = Content { digest: content.digest, body: RequestBody::from(body) };
    pre_order::adopt(state, config, originator, &other, effects);
}

#[test]
fn bodies_are_compared_beside_digests() {
    let registry = registry!(adopt: "alpha" = adopts_something_else);
    let verdict = of(&all(&registry, "adopt", VOTES), "alpha");
    assert_eq!((verdict.verdict, verdict.by), (Decision::Rejected, Some(By::Differential)));
}

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

fn remembers(first: &[PoSeq], second: &[PoSeq]) -> Relation {
    let calls = CALLS.replace(CALLS.get() + 1);
    if calls % 1_000 == 999 { Relation::Newer } else { pre_order::relation(first, second) }
}

#[test]
fn a_version_with_a_memory_is_caught() {
    let registry = registry!(relation: "alpha" = remembers);
    assert_eq!(of(&all(&registry, "relation", VOTES), "alpha").verdict, Decision::Rejected);
}

fn reversed(first: &[PoSeq], second: &[PoSeq]) -> Relation {
    pre_order::relation(second, first)
}

fn always_same(_first: &[PoSeq], _second: &[PoSeq]) -> Relation {
    Relation::Same
}

#[test]
fn votes_decide_where_the_oracle_is_silent() {
    let outvoted = registry!(relation: "alpha" = reversed, "beta" = reversed);
    let verdicts = all(&outvoted, "relation", VOTES);
    let reference = of(&verdicts, "reference");
    assert_eq!(reference.split.as_deref(), Some("[alpha, beta] against [reference]"));
    assert_eq!(reference.blames, Some(Blames::Reference));
    assert_ne!(of(&verdicts, "alpha").verdict, Decision::Rejected);

    let torn = registry!(relation: "alpha" = reversed, "beta" = always_same);
    assert_eq!(of(&all(&torn, "relation", VOTES), "alpha").blames, Some(Blames::Contract));

    let specified = all(&outvoted, "relation", BOTH);
    assert_eq!(of(&specified, "reference").verdict, Decision::Accepted);
    assert_eq!(of(&specified, "beta").by, Some(By::Oracle));
}

static RELEASED: AtomicBool = AtomicBool::new(false);

fn never_comes_back(first: &[PoSeq], second: &[PoSeq]) -> Relation {
    while first.len() == 2 && !RELEASED.load(Ordering::Relaxed) {
        std::thread::yield_now();
    }
    pre_order::relation(first, second)
}

/// Other slots are judged meanwhile, and verdicts come in the slots' order all the same.
#[test]
fn a_version_that_does_not_come_back_is_named() {
    let mut registry = registry!(relation: "alpha" = never_comes_back);
    registry.pre_order.certificate.push(("alpha", one_vote_less));
    let slots = "pre_order.relation,pre_order.certificate";
    let selection = Selection { slot: Some(slots), family: None };
    let plan = Plan { cases: Some(1_000), limit: Duration::from_millis(300), ..Plan::default() };
    let lost = std::sync::Mutex::new(Vec::new());
    let verdicts = registry.judge(corpus(), &selection, &plan, &|verdict| {
        lost.lock().unwrap().push(verdict);
        RELEASED.store(true, Ordering::Relaxed);
    });
    let lost = lost.into_inner().unwrap();
    assert_eq!((lost.len(), lost[0].by), (1, Some(By::Timeout)));
    assert_eq!((lost[0].slot.as_str(), lost[0].family.as_str()), ("pre_order.relation", "alpha"));
    assert_eq!(lost[0].verdict, Decision::Rejected);
    assert!(lost[0].minimal_input.is_some() && lost[0].replay.is_some());
    let told: Vec<_> = verdicts.iter().map(|it| (it.slot.as_str(), it.family.as_str())).collect();
    let (certificate, relation) = ("pre_order.certificate", "pre_order.relation");
    let (first, second) = ("reference", "alpha");
    let order =
        [(certificate, first), (certificate, second), (relation, first), (relation, second)];
    assert_eq!(told, order);
    assert_eq!(verdicts[1].by, Some(By::Oracle));
}

#[test]
fn a_seed_means_the_same_findings() {
    let registry = registry!(on_po_acks: "alpha" = edge_left_out);
    let run = || {
        let verdict = of(&all(&registry, "on_po_acks", BOTH), "alpha");
        (verdict.minimal_input, verdict.expected, verdict.got, verdict.cases, verdict.replay)
    };
    let first = run();
    assert_eq!(first, run());
    let replay = first.4.unwrap();
    let plan = Plan { only: Some(replay.case), ..Plan::default() };
    let selection = Selection { slot: Some("pre_order.on_po_acks"), family: Some("alpha") };
    let again = registry.judge(&Corpus::record(5), &selection, &plan, &|_| {});
    assert_eq!((again.len(), again[0].verdict), (1, Decision::Rejected));
    assert!(replay.command.contains("--slot pre_order.on_po_acks --family alpha --seed 5 --case"));
}

#[test]
fn few_cases_decide_nothing() {
    let registry = registry!(on_po_acks: "alpha" = otherwise_written);
    let selection = Selection { slot: Some("pre_order.on_po_acks"), family: Some("alpha") };
    let plan = Plan { cases: Some(3), ..Plan::default() };
    let verdict = registry.judge(corpus(), &selection, &plan, &|_| {}).remove(0);
    assert_eq!(verdict.verdict, Decision::Undecided);
    assert!(!verdict.reasons_missed.is_empty(), "{verdict:?}");
}
