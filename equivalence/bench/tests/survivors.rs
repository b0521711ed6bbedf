//! Faults that mutants had and nobody noticed, until inputs were made for them.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not known to be tests")]

use bench::{Corpus, Plan, Registry, Selection};
use prime::pre_order::{Effects, State, make_po_request};
use std::sync::OnceLock;
use verdict::{By, Decision, Verdict};
use wire::{ClientSeq, Config, Reject, Time, Update, Verified};

/// The verdict on the version `alpha`.
fn verdict(registry: &Registry, slot: &str) -> Verdict {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    let corpus = CORPUS.get_or_init(|| Corpus::record(5));
    let plan = Plan { cases: Some(20_000), shrink: false, ..Plan::default() };
    let selection = Selection { slot: Some(slot), family: Some("alpha") };
    let mut verdicts = registry.judge(corpus, &selection, &plan, &|lost| panic!("{lost:?}"));
    verdicts.pop().unwrap()
}

/// Takes an update as `on_update` has to, but for a client's share: its numbers count from `FROM`
/// on, and it is one `PART`th of the queue, at least `LEAST`.
fn shares<const FROM: u64, const PART: u64, const LEAST: u64>(
    state: &mut State,
    config: &Config,
    update: &Verified<Update>,
    effects: &mut Effects,
) {
    let key = (update.signer(), update.body().seq);
    let numbers = (key.0, ClientSeq(FROM))..=(key.0, ClientSeq(u64::MAX));
    let own = state.preordered.range(numbers).count() as u64;
    let share = (config.windows.pending / PART).max(LEAST);
    if state.preordered.contains(&key) {
        effects.reject(None, Reject::Duplicate);
    } else if state.pending.len() as u64 >= config.windows.pending || own >= share {
        effects.reject(None, Reject::Full);
    } else {
        state.preordered.insert(key);
        state.pending.push_back(update.clone());
    }
}

#[test]
fn a_clients_share_is_tried_at_its_edge() {
    let judged = |version| {
        let mut registry = Registry::default();
        registry.pre_order.on_update.push(("alpha", version));
        verdict(&registry, "pre_order.on_update")
    };
    let right = judged(shares::<0, 16, 1>);
    assert_eq!(right.verdict, Decision::Accepted, "{right:?}");
    for wrong in [shares::<1, 16, 1>, shares::<0, 15, 1>, shares::<0, 16, 2>, shares::<0, 16, 0>] {
        assert_eq!(judged(wrong).by, Some(By::Oracle));
    }
}

fn waits_for_another_period(s: &mut State, config: &Config, now: Time, e: &mut Effects) {
    let before = s.next_request_at;
    make_po_request(s, config, now, e);
    if s.next_request_at != before {
        s.next_request_at = now.after(config.timing.pre_prepare);
    }
}

#[test]
fn periods_differ() {
    let mut registry = Registry::default();
    registry.pre_order.make_po_request.push(("alpha", waits_for_another_period));
    assert_eq!(verdict(&registry, "pre_order.make_po_request").by, Some(By::Oracle));
}
