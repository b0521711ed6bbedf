//! Components taken as a whole: found, planned, composed, counted.

use crate::common::{Tally, four, unwatched};
use crate::own::own;
use patcher::{
    Census, Error, Inventory, PlanProblem, Project, Refusal, ReplicaPlan, Run, Runner, VersionFile,
    adapted, build_runner, census, check_plan, choice, composed_source, diff, make_plan,
    parse_plan, reference_as_component, sharing,
};
use slot_syntax::SlotPath;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

const MODEL: &str = "//! What counting remembers.

/// All that counting remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// The sum of all weights so far. Never decreases.
    pub total: u64,
    /// The kinds of update seen.
    pub seen: Seen,
}

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many were counted.
    pub counted: u64,
}
";

const INTERFACE: &str = "//! What the rest uses of counting.

pub use super::on_update;

use super::State;

impl State {
    /// Nothing counted.
    pub fn new() -> Self {
        Self::default()
    }

    /// The abstract state.
    pub fn to_abstract(&self) -> &Self {
        self
    }

    /// `total`.
    pub fn total(&self) -> u64 {
        self.total
    }
}

/// The largest total.
pub fn most() -> u64 {
    u64::MAX
}
";

/// Counts down from the largest total.
const DOWN: &str = "//! The total as what is left of the largest.

use tally::check;
use tally::count::model;
use wire::{Effect, Effects, Update};

/// What is left, and how many were counted.
#[derive(Clone)]
pub struct State {
    left: u64,
    counted: u64,
}

impl State {
    pub fn new() -> State {
        Self { left: most(), counted: 0 }
    }

    pub fn from_abstract(state: &model::State) -> Self {
        Self { left: most() - state.total, counted: state.seen.counted }
    }

    pub fn to_abstract(&self) -> model::State {
        model::State { total: self.total(), seen: model::Seen { counted: self.counted } }
    }

    pub fn total(&self) -> u64 {
        most() - self.left
    }
}

pub fn most() -> u64 {
    u64::MAX
}

pub fn on_update(state: &mut State, update: &Update, effects: &mut Effects) {
    if let Some(reason) = check::judge(update) {
        return effects.push(Effect::Reject(reason));
    }
    let weight: u64 = update.payload.iter().copied().map(u64::from).sum();
    state.left = state.left.wrapping_sub(weight);
    state.counted += 1;
    effects.push(Effect::Total(state.total()));
}
";

/// The miniature with `count` as a component slot, of which `heron` has a version.
fn whole() -> Tally {
    let tally = Tally::new();
    let folder = tally.root.join("reference/tally/src/count");
    let text = fs::read_to_string(folder.join("mod.rs")).expect("a miniature");
    let (head, _) = text.split_once("/// All that counting remembers.").expect("a miniature");
    let head = head.replace("mod on_update;", "pub mod interface;\npub mod model;\nmod on_update;");
    let uses = "pub use interface::most;\npub use model::{Seen, State};\n";
    fs::write(folder.join("mod.rs"), format!("{head}{uses}")).expect("a miniature");
    fs::write(folder.join("model.rs"), MODEL).expect("a miniature");
    fs::write(folder.join("interface.rs"), INTERFACE).expect("a miniature");
    tally.edit("reference/tally/src/lib.rs", "count::State::default()", "count::State::new()");
    fs::write(tally.root.join("variants/heron/src/count/component.rs"), DOWN).expect("a miniature");
    tally
}

fn count() -> SlotPath {
    SlotPath::of_component("count")
}

#[test]
fn a_component_slot_is_what_its_interface_says() {
    let tally = whole();
    let (project, inventory) = tally.read();
    let component = &inventory.components[&count()];
    assert_eq!(component.path.to_string(), "count");
    assert_eq!(component.exports(), ["State", "most", "on_update"]);
    let methods: Vec<&str> = component.methods.iter().map(|it| it.signature.as_str()).collect();
    assert_eq!(methods, ["fn new() -> State", "fn total(&self) -> u64"]);
    let version = inventory.version(&project, "heron", "count").unwrap();
    assert_eq!((version.name().as_str(), version.fit.is_ok()), ("heron/count", true));
    let before = component.fingerprint.clone();
    // What other slots are to do, the interface's words and the abstract state: all bear on it.
    for (file, old, new) in [
        ("weigh.rs", "Example: `[1, 2]` weighs 3.", "Example: `[1, 2]` weighs three."),
        ("interface.rs", "/// Nothing counted.", "/// Nothing counted yet."),
        ("model.rs", "pub counted: u64", "pub counted: u32"),
    ] {
        let tally = whole();
        tally.edit(&format!("reference/tally/src/count/{file}"), old, new);
        let project = Project::open(&tally.root).unwrap();
        let inventory = Inventory::read(&project).unwrap();
        assert_ne!(inventory.components[&count()].fingerprint, before, "{file}");
    }
}

#[test]
fn an_interface_that_is_none_is_an_error_with_its_place() {
    let file = "reference/tally/src/count/interface.rs";
    for (old, new, said) in [
        (
            "pub use super::on_update;",
            "pub use super::{on_update, Seen};",
            "interface.rs:3: `Seen` is no slot of this component: write what is none out in this file",
        ),
        ("/// `total`.\n", "", "interface.rs:18: a slot's doc comment is its contract: write one"),
        (
            "/// The largest total.",
            "mod other {}\n\n/// The largest total.",
            "interface.rs:24: an interface is `pub use super::{...}` of slots, `impl State` and \
             `pub fn`: move this elsewhere",
        ),
    ] {
        let tally = whole();
        tally.edit(file, old, new);
        let project = Project::open(&tally.root).unwrap();
        let error = Inventory::read(&project).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    let tally = whole();
    fs::remove_file(tally.root.join("reference/tally/src/count/model.rs")).unwrap();
    let project = Project::open(&tally.root).unwrap();
    let error = Inventory::read(&project).unwrap_err().to_string();
    assert!(error.contains("a component slot keeps its abstract state in `model.rs`"), "{error}");
    let tally = Tally::new();
    let slot = "reference/tally/src/count/weigh.rs";
    tally.edit(slot, "#[slot(count.weigh)]\npub fn weigh", "#[slot(count.model)]\npub fn model");
    let error = Inventory::read(&Project::open(&tally.root).unwrap()).unwrap_err().to_string();
    assert!(error.contains("a slot cannot be called `model`"), "{error}");
}

#[test]
fn a_version_of_the_whole_has_all_of_the_interface_and_sees_the_abstract_state_alone() {
    let (_, inventory) = whole().read();
    let component = &inventory.components[&count()];
    for (old, new, said) in [
        (
            "pub fn total(&self) -> u64",
            "pub fn total(&self) -> u32",
            "change `fn total(&self) -> u32` to",
        ),
        ("pub fn total(", "fn total(", "must have `pub fn total(&self) -> u64`: add it"),
        ("pub fn most() -> u64 {", "pub fn least() -> u64 {", "must have `pub fn most() -> u64`"),
        ("pub fn on_update(", "pub fn on_updates(", "a version of `count.on_update` must have"),
        (
            "pub fn from_abstract(",
            "pub fn of_abstract(",
            "must have `pub fn from_abstract(state: &model::State) -> Self` in `impl State`: add it",
        ),
        ("pub struct State {", "pub struct Other {", "must have `pub struct State`: add it"),
        (
            "use tally::count::model;",
            "use tally::count::{model, weigh};",
            "`tally::count::weigh` is this slot itself once composed",
        ),
        ("#[derive(Clone)]", "#[derive(Clone, Zeroize)]", "`derive(Zeroize)` is forbidden"),
    ] {
        assert!(DOWN.contains(old));
        let text = DOWN.replacen(old, new, 1);
        let version = VersionFile::of_component(component, "heron", Path::new("c.rs"), text);
        let error = version.fit.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

/// A harness in which a replica that is composed does what the reference does, or says where not.
const BESIDE: &str = r#"
use wire::{Effects, Machine as _, Update};
fn main() {
    let mut one = tally::Replica::new();
    let mut other = composed::Replica::new();
    for length in 0..12_u8 {
        let update = Update { payload: (0..length).collect() };
        let (mut said, mut answered) = (Effects::default(), Effects::default());
        one.step(&update, &mut said);
        other.step(&update, &mut answered);
        assert_eq!(said.take(), answered.take());
    }
    println!("equal");
}
"#;

fn runs_equal(tally: &Tally, family: &str) -> String {
    let (project, inventory) = tally.read();
    let mut replica = ReplicaPlan::of_family(1, "reference");
    replica.slots.insert("count".to_owned(), family.to_owned());
    let runner = Runner {
        main: BESIDE.to_owned(),
        dependencies: BTreeMap::from([("wire".to_owned(), Vec::new())]),
        machines: BTreeMap::from([("composed".to_owned(), replica)]),
        ..Runner::default()
    };
    let run =
        unwatched(|watch| build_runner(&project, &inventory, &runner, watch)).expect("a build");
    let Run::Ready { path, .. } = run else { panic!("{run:?}") };
    let output = Command::new(path).output().expect("a runner that runs");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn a_replica_composed_with_a_version_of_the_whole_does_the_same() {
    let tally = whole();
    assert_eq!(runs_equal(&tally, "heron"), "equal\n");
    // The reference itself as a version: the rest of the crate keeps to the interface.
    let (project, inventory) = tally.read();
    let component = &inventory.components[&count()];
    let text = reference_as_component(&project, &inventory, component).unwrap();
    fs::write(tally.root.join("variants/heron/src/count/component.rs"), &text).unwrap();
    assert_eq!(runs_equal(&tally, "heron"), "equal\n");
    assert!(text.contains("pub struct State {") && !text.contains("#[slot"), "{text}");
    // One that counts wrong is seen.
    let wrong = text.replace("state.seen.counted += 1", "state.total += 1");
    assert_ne!(wrong, text);
    fs::write(tally.root.join("variants/heron/src/count/component.rs"), wrong).unwrap();
    assert_eq!(runs_equal(&tally, "heron"), "");
    // A rest of the crate that looks into the state does not compile.
    tally.edit(
        "reference/tally/src/lib.rs",
        "count::on_update(",
        "assert!(self.state.total < 9);\n        count::on_update(",
    );
    let (project, inventory) = tally.read();
    let mut replica = ReplicaPlan::of_family(1, "heron");
    replica.slots.insert("count".to_owned(), "heron".to_owned());
    fs::write(tally.root.join("variants/heron/src/count/component.rs"), DOWN).unwrap();
    let (_, inventory_again) = tally.read();
    let runner = Runner {
        main: BESIDE.to_owned(),
        dependencies: BTreeMap::from([("wire".to_owned(), Vec::new())]),
        machines: BTreeMap::from([("composed".to_owned(), replica)]),
        ..Runner::default()
    };
    drop(inventory);
    let run = unwatched(|watch| build_runner(&project, &inventory_again, &runner, watch));
    assert!(matches!(run, Err(Error::Build { .. })), "{run:?}");
}

/// The miniature in which the rest of the crate looks at the state of `count`.
fn looked_at() -> Tally {
    let tally = whole();
    let (interface, library) =
        ("reference/tally/src/count/interface.rs", "reference/tally/src/lib.rs");
    let used = "pub use super::on_update;\n\nuse super::State;\n";
    tally.edit(interface, used, "pub use super::{State, on_update};\n");
    tally.edit(library, "state: count::State,", "state: count::interface::State,");
    tally.edit(library, "count::State::new()", "count::interface::State::new()");
    let step = "count::on_update(&mut self.state, update, effects);";
    let looks = "assert!(is_fair(shown(&self.state.to_abstract())));";
    tally.edit(library, step, &format!("{step}\n        {looks}"));
    let file = tally.root.join(library);
    let text = fs::read_to_string(&file).expect("a miniature");
    let more = "
fn shown<T>(state: &impl std::borrow::Borrow<T>) -> &T {
    state.borrow()
}

/// Looks into the abstract state.
pub fn is_fair(state: &count::State) -> bool {
    state.seen.counted > 0 || state.total == 0
}
";
    fs::write(file, text + more).expect("a miniature");
    tally
}

#[test]
fn a_state_that_others_look_at_is_the_abstract_one_for_them_whatever_the_version_s_own_is() {
    let tally = looked_at();
    let (_, inventory) = tally.read();
    let component = &inventory.components[&count()];
    assert!(component.is_shown && !whole().read().1.components[&count()].is_shown);
    assert_eq!(component.exports(), ["State", "most", "on_update"]);
    assert_eq!(runs_equal(&tally, "heron"), "equal\n");
    let (project, inventory) = tally.read();
    let mut replica = ReplicaPlan::of_family(1, "reference");
    replica.slots.insert("count".to_owned(), "heron".to_owned());
    let composed = composed_source(&project, &inventory, &replica).unwrap();
    let module = String::from_utf8(composed[Path::new("src/count/mod.rs")].clone()).unwrap();
    assert!(module.contains("\npub use interface::{most, on_update};\n"), "{module}");
    // Whoever forgets what others see of it is found out.
    let file = tally.root.join("variants/heron/src/count/component.rs");
    fs::write(file, DOWN.replace("counted: self.counted", "counted: 0")).unwrap();
    assert_eq!(runs_equal(&tally, "heron"), "");
}

#[test]
fn of_a_component_the_abstract_state_stays_and_the_version_goes_in_unedited() {
    let tally = whole();
    let (project, inventory) = tally.read();
    let replica = ReplicaPlan::of_family(1, "heron");
    let composed = composed_source(&project, &inventory, &replica).unwrap();
    let text = |path: &str| String::from_utf8(composed[Path::new(path)].clone()).unwrap();
    let own: Vec<&Path> = composed
        .keys()
        .filter(|path| path.starts_with("src/count"))
        .map(std::path::PathBuf::as_path)
        .collect();
    assert_eq!(own, [Path::new("src/count/mod.rs"), Path::new("src/count/model.rs")]);
    assert_eq!(text("src/count/model.rs"), MODEL);
    assert_eq!(text("src/versions/heron/count/component.rs"), DOWN);
    let export = "pub use crate::versions::heron::count::component::{State, most, on_update};";
    assert!(text("src/count/mod.rs").contains(export), "{}", text("src/count/mod.rs"));
    // Function versions of the component are not there, those of others are.
    assert!(!composed.contains_key(Path::new("src/versions/heron/count/weigh.rs")));
    assert!(composed.contains_key(Path::new("src/versions/heron/check/judge.rs")));
    let shown = diff(&project, &inventory, &replica);
    assert!(shown.contains("component count family heron lines 41 -> 31\n"), "{shown}");
    assert!(!shown.contains("slot count.weigh") && shown.contains("slot check.judge"));
}

#[test]
fn a_family_gives_its_version_of_the_whole_unless_the_plan_names_a_slot_of_it() {
    let (_, inventory) = whole().read();
    let of = |replica: &ReplicaPlan, slot: &str| {
        let version = choice(&inventory, replica, &slot.parse().unwrap());
        version.map(VersionFile::name)
    };
    let named = |pairs: &[(&str, &str)]| {
        let mut replica = ReplicaPlan::of_family(1, "heron");
        replica.slots =
            pairs.iter().map(|(slot, family)| ((*slot).to_owned(), (*family).to_owned())).collect();
        replica
    };
    let plain = named(&[]);
    let whole = Some("heron/count".to_owned());
    assert_eq!((of(&plain, "count.weigh"), of(&plain, "count")), (whole.clone(), whole.clone()));
    let apart = named(&[("count.weigh", "ibis")]);
    assert_eq!(of(&apart, "count.weigh"), Some("ibis/count.weigh".to_owned()));
    assert_eq!(of(&apart, "count.on_update"), Some("heron/count.on_update".to_owned()));
    assert_eq!(of(&apart, "count"), None);
    let reference = named(&[("count", "reference")]);
    assert_eq!((of(&reference, "count.weigh"), of(&reference, "count")), (None, None));
    let mut other = ReplicaPlan::of_family(2, "ibis");
    other.slots.insert("count".to_owned(), "heron".to_owned());
    assert_eq!(of(&other, "count.on_update"), whole);
}

#[test]
fn plans_with_components_are_checked_and_the_bound_counts_them_for_their_family() {
    let (_, inventory) = whole().read();
    let plan = four(&inventory);
    let all = sharing(&inventory, &plan);
    assert_eq!((all.max_replicas_sharing_a_version, all.max_replicas_sharing_a_family), (1, 1));
    let problems = |slots: &str| {
        let replica = |id: u32, family: &str, slots: &str| {
            format!("[[replica]]\nid = {id}\nfamily = \"{family}\"\n{slots}\n")
        };
        let text = format!(
            "format = 1\ntolerate = 1\ncomponents = [\"count\"]\n{}{}{}{}",
            replica(1, "heron", ""),
            replica(2, "ibis", slots),
            replica(3, "crane", ""),
            replica(4, "reference", "")
        );
        let plan = parse_plan(Path::new("plan.toml"), &text).unwrap();
        let errors = check_plan(&inventory, &plan).err().map(|errors| errors.0).unwrap_or_default();
        errors.into_iter().map(|error| error.problem).collect::<Vec<_>>()
    };
    assert_eq!(problems(""), []);
    let shared = problems("slots = { count = \"heron\" }");
    assert!(matches!(&shared[..], [PlanProblem::SharedFamily { .. }]), "{shared:?}");
    let none = problems("slots = { count = \"crane\" }");
    assert!(matches!(&none[..], [PlanProblem::NoVersion { .. }, ..]), "{none:?}");
    let twice = problems("slots = { count = \"heron\", \"count.weigh\" = \"ibis\" }");
    let said = "`count.weigh` is a part of `count`, for which the plan names a version of the whole: \
                leave one of the two out";
    assert!(twice.iter().any(|problem| problem.to_string() == said), "{twice:?}");
}

#[test]
fn for_a_version_of_the_whole_that_may_not_be_used_the_familys_slots_stand() {
    let (_, mut inventory) = whole().read();
    inventory.refused.insert("heron/count".to_owned(), Refusal::Unjudged);
    let plan = four(&inventory);
    let heron = plan.replicas.iter().find(|replica| replica.family == "heron").unwrap();
    let slots: Vec<(&str, &str)> =
        heron.slots.iter().map(|(slot, family)| (slot.as_str(), family.as_str())).collect();
    assert_eq!(slots, [("count.on_update", "heron"), ("count.weigh", "heron")]);
    assert!(check_plan(&inventory, &plan).is_ok());
    // Named by hand it is refused.
    let mut named = plan.clone();
    for replica in named.replicas.iter_mut().filter(|replica| replica.family == "heron") {
        replica.slots = BTreeMap::from([("count".to_owned(), "heron".to_owned())]);
    }
    let errors = check_plan(&inventory, &named).unwrap_err();
    assert!(
        matches!(&errors.0[..], [one] if matches!(&one.problem,
            PlanProblem::Unjudged { version, .. } if version == "heron/count")),
        "{errors}"
    );
    // A slot of the family that may not be used does not take a usable whole apart.
    inventory.refused.clear();
    inventory.refused.insert("heron/count.weigh".to_owned(), Refusal::Unjudged);
    let plan = four(&inventory);
    let heron = plan.replicas.iter().find(|replica| replica.family == "heron").unwrap();
    assert!(heron.slots.is_empty(), "{:?}", heron.slots);
    let lacking = make_plan(
        &inventory,
        &patcher::Request { replicas: 4, families: vec!["heron".to_owned()], ..Default::default() },
    );
    assert!(lacking.is_err());
}

#[test]
fn lines_are_counted_once_though_a_slot_and_its_component_have_them() {
    let tally = whole();
    let (project, inventory) = tally.read();
    let Census { slots, slotted_lines, families, .. } =
        census(&project, &inventory, &|version| version.slot.is_component()).unwrap();
    let of = |name: &str| slots.iter().find(|slot| slot.slot == name).unwrap();
    let (whole, judge) = (of("count"), of("check.judge"));
    assert_eq!(
        (whole.size.as_str(), whole.versions.as_slice()),
        ("component", &["heron".to_owned()][..])
    );
    assert_eq!(slotted_lines, whole.lines + judge.lines);
    assert!(whole.lines > of("count.weigh").lines + of("count.on_update").lines);
    let heron = &families["heron"];
    assert_eq!((heron.slots, heron.reimplemented_lines), (1, whole.lines));
}

#[test]
fn the_reference_as_a_version_of_each_component_fits_it() {
    let (project, inventory) = own();
    assert!(!inventory.components.is_empty());
    for component in inventory.components.values() {
        let text = reference_as_component(&project, &inventory, component).unwrap();
        let version =
            VersionFile::of_component(component, "identity", Path::new("component.rs"), text);
        assert!(version.fit.is_ok(), "{}", version.fit.unwrap_err());
    }
}

#[test]
fn a_slot_is_called_upon_the_abstract_state_and_gives_it_back() {
    let (_, inventory) = own();
    let of = |slot: &str| adapted(&inventory.slots[&slot.parse().unwrap()], "heron");
    let module = "versions::heron::execute";
    assert_eq!(of("execute.order_of"), format!("{module}::component::order_of"));
    assert_eq!(
        of("execute.snapshot"),
        format!(
            "|state| {module}::adapters::read(state, |state| {module}::component::snapshot(state))"
        )
    );
    assert_eq!(
        of("execute.restore_tables"),
        format!("|a0, a1| {module}::adapters::given({module}::component::restore_tables(a0, a1))")
    );
}
