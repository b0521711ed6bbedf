//! Versions of a whole component, called as a runner calls them: what is wrong with a state of their
//! own is found function by function where a round trip shows it, and in sequences where it does not.

use bench::{Corpus, Plan, Registry, Selection, aside};
use prime::broadcast::{self, Effects, model};
use std::cell::RefCell;
use std::sync::OnceLock;
use std::time::Duration;
use verdict::{By, Decision, Verdict};
use wire::prime::{RbEcho, RbInit, RbReady};
use wire::{Config, Verified};

/// A version's state that is the abstract one, and something that the abstract one does not show.
#[derive(Clone)]
struct Own {
    state: model::State,
    /// Echoes that entered since the state was made. (Calls upon one state may stand in a row
    /// where functions are called one by one, too.)
    hidden: u32,
}

/// What is wrong with a version.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// It forgets the third Echo of a sequence, and all after it.
    InSequence,
    /// Its abstract state lacks what was delivered and not taken.
    Forgets,
}

impl Own {
    fn from_abstract(state: &model::State) -> Self {
        Self { state: state.clone(), hidden: 0 }
    }

    fn to_abstract(&self, fault: Fault) -> model::State {
        let mut state = self.state.clone();
        if fault == Fault::Forgets {
            state.fresh.clear();
        }
        state
    }

    fn on_rb_echo(
        &mut self,
        fault: Fault,
        config: &Config,
        message: &Verified<RbEcho>,
        effects: &mut Effects,
    ) {
        if self.hidden < 2 || fault != Fault::InSequence {
            let RbEcho { view, originator, seq, .. } = *message.body();
            let tag = broadcast::Tag { view, originator, seq };
            let held = |state: &model::State| {
                state.instances.get(&tag).map_or(0, |instance| instance.echoes.len())
            };
            let before = held(&self.state);
            broadcast::on_rb_echo(&mut self.state, config, message, effects);
            self.hidden += u32::from(held(&self.state) > before);
        }
    }
}

thread_local! {
    static LEFT: RefCell<Option<(model::State, Own)>> = const { RefCell::new(None) };
}

/// As the module does that the patcher puts beside a version.
fn change<T>(fault: Fault, state: &mut model::State, call: impl FnOnce(&mut Own) -> T) -> T {
    let mut own = aside(|| match LEFT.take() {
        Some((met, own)) if met == *state => own,
        _ => {
            let own = Own::from_abstract(state);
            assert!(own.to_abstract(fault) == *state, "another state");
            own
        }
    });
    let result = call(&mut own);
    aside(|| {
        *state = own.to_abstract(fault);
        LEFT.set(Some((state.clone(), own)));
    });
    result
}

macro_rules! registry {
    ($fault:expr) => {{
        let mut registry = Registry::default();
        registry.broadcast.on_rb_echo.push((
            "alpha",
            |s: &mut model::State, c: &Config, m: &Verified<RbEcho>, e: &mut Effects| {
                change($fault, s, |own| own.on_rb_echo($fault, c, m, e))
            },
        ));
        registry.broadcast.on_rb_init.push((
            "alpha",
            |s: &mut model::State, c: &Config, m: &Verified<RbInit>, e: &mut Effects| {
                change($fault, s, |own| broadcast::on_rb_init(&mut own.state, c, m, e))
            },
        ));
        registry.broadcast.on_rb_ready.push((
            "alpha",
            |s: &mut model::State, c: &Config, m: &Verified<RbReady>, e: &mut Effects| {
                change($fault, s, |own| broadcast::on_rb_ready(&mut own.state, c, m, e))
            },
        ));
        registry
    }};
}

fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| Corpus::record(11))
}

const SELECTION: Selection<'static> = Selection { slot: None, family: Some("alpha") };

fn plan() -> Plan {
    Plan { cases: Some(2_000), time: Duration::from_secs(60), ..Plan::default() }
}

fn slots(registry: &Registry) -> Vec<Verdict> {
    registry.judge(corpus(), &SELECTION, &plan(), &|lost| panic!("{lost:?}"))
}

fn sequences(registry: &Registry) -> Verdict {
    let mut all = registry.sequences(corpus(), &SELECTION, &plan(), &|lost| panic!("{lost:?}"));
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn nothing_is_found_in_what_the_reference_does() {
    let registry = registry!(Fault::None);
    let found = slots(&registry);
    assert!(found.iter().all(|verdict| verdict.verdict != Decision::Rejected), "{found:?}");
    let verdict = sequences(&registry);
    assert_eq!(verdict.verdict, Decision::Accepted, "{verdict:?}");
    assert_eq!((verdict.slot.as_str(), verdict.family.as_str()), ("broadcast", "alpha"));
    assert!(verdict.cases > 10_000, "{}", verdict.cases);
}

#[test]
fn what_is_wrong_in_sequence_alone_is_found_in_sequence_alone() {
    let registry = registry!(Fault::InSequence);
    let found = slots(&registry);
    assert!(found.iter().all(|verdict| verdict.verdict != Decision::Rejected), "{found:?}");
    let verdict = sequences(&registry);
    assert_eq!((verdict.verdict, verdict.by), (Decision::Rejected, Some(By::Differential)));
    let input = verdict.minimal_input.unwrap_or_default();
    assert!(input.contains("call 3, broadcast.on_rb_echo"), "{input}");
    assert!(!input.contains("call 4"), "{input}");
    assert!(verdict.expected != verdict.got);
}

#[test]
fn an_abstract_state_that_lacks_something_is_found_function_by_function() {
    let verdicts = slots(&registry!(Fault::Forgets));
    let said = |verdict: &Verdict| {
        let got = verdict.got.as_deref().unwrap_or_default();
        verdict.verdict == Decision::Rejected && got.contains("another state")
    };
    assert!(verdicts.iter().any(said), "{verdicts:?}");
}
