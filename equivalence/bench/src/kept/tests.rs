//! What is kept can be had again, and what does not fit is named.

use super::Kept;
use crate::case::{Case, NOWHERE};
use crate::registry::Registry;
use crate::slots::Judged;
use crate::tree::Tree as _;
use crate::world::Corpus;
use serde_json::{Value, json};
use std::sync::OnceLock;

fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| Corpus::record(5))
}

/// Inputs of each slot that are kept and had again.
const EACH: u64 = 25;

/// Whether `case` is of a recorded cluster's own configuration; else it is of one made for a bound.
fn comes_back(slot: &dyn Judged, case: &Case) -> bool {
    let name = slot.facts().name;
    let kept = slot.keep(case);
    let again = serde_json::from_str(&kept.to_string()).unwrap();
    let again = slot.had(&again).unwrap_or_else(|misfit| panic!("{name}: {misfit}"));
    assert_eq!(slot.keep(&again), kept, "{name}");
    let show = |case: &Case| slot.cases().show(slot.facts(), case);
    assert_eq!(show(&again), show(case), "{name}");
    assert!(
        slot.cases().same(&*again.state, &*case.state) && again.args.same(&*case.args),
        "{name}"
    );
    assert!(*again.config == *case.config, "{name}");
    let world = slot.cases().world(corpus(), &again.config);
    assert!(world == case.world || world == NOWHERE, "{name}");
    let run =
        |case: &Case| crate::quiet::catch(|| slot.run(0, &case.config, &*case.state, &*case.args));
    match (run(case), run(&again)) {
        (Ok(one), Ok(other)) => {
            assert_eq!(one.effects, other.effects, "{name}");
            assert!(one.output.same(&*other.output), "{name}");
        }
        (one, other) => assert_eq!(one.is_err(), other.is_err(), "{name}"),
    }
    world == case.world
}

#[test]
fn every_slot_has_its_inputs_again_and_does_the_same_with_them() {
    let registry = Registry::default();
    let mut never = Vec::new();
    for slot in registry.linked() {
        let mut maker = slot.cases().maker(&*slot, corpus());
        let cases: Vec<Case> = (0..EACH).map_while(|step| maker.case(step * 7)).collect();
        let strange = cases.iter().filter(|case| !comes_back(&*slot, case)).count();
        assert!(2 * strange <= cases.len(), "{}: {strange}", slot.facts().name);
        never.extend(cases.is_empty().then_some(slot.facts().name));
    }
    // Some are called too rarely for one seed to meet them.
    assert!(never.len() <= 10, "{never:?}");
}

#[test]
fn what_does_not_fit_any_more_is_named_by_its_path() {
    let registry = Registry::default();
    let slots = registry.linked();
    let slot = slots.iter().find(|slot| slot.facts().name == "pre_order.on_po_acks").unwrap();
    let case = slot.cases().maker(&**slot, corpus()).case(3).unwrap();
    let good = slot.keep(&case);
    let had = |value: &Value| slot.had(value).map(drop).map_err(|it| it.to_string());
    assert_eq!(had(&good), Ok(()));
    let misfit = |edit: &dyn Fn(&mut Value)| {
        let mut bad = good.clone();
        edit(&mut bad);
        had(&bad).unwrap_err()
    };
    assert_eq!(
        misfit(&|it| drop(it["state"].as_object_mut().unwrap().remove("me"))),
        "state.me: this field is missing"
    );
    assert_eq!(
        misfit(&|it| it["state"]["columns"][1]["aru"] = json!("x")),
        "state.columns.1.aru: this must be a number that fits"
    );
    assert_eq!(
        misfit(&|it| it["args"]["because"] = json!(1)),
        "args.because: there is no such field any more"
    );
    assert_eq!(misfit(&|it| it["args"] = json!(1)), "args: this must be an object");
    assert_eq!(
        misfit(&|it| it["config"]["cluster"] = json!("0g")),
        "config.cluster: this must be bytes in hex"
    );
    let few = misfit(&|it| it["config"]["n"] = json!(3));
    assert!(few.starts_with("config: n = 3 replicas"), "{few}");
    assert_eq!(had(&json!(7)).unwrap_err(), "input: this must be an object");
}

#[test]
fn numbers_and_holes_are_not_lost() {
    let pools = crate::tree::Pools::default();
    let config = &corpus().worlds[0].config;
    let hand = crate::tree::Hand::new(config, &pools, crate::rng::Rng::of(&[]));
    let value = (u64::MAX, vec![None, Some(None), Some(Some(7_u8))], true);
    let text = value.keep().to_string();
    assert_eq!(text, "[18446744073709551615,[null,[null],[[7]]],true]");
    let again = Kept::had(&serde_json::from_str(&text).unwrap(), &hand).unwrap();
    assert!(value.same(&again), "{again:?}");
}
