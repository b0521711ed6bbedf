//! Plans: made within the sharing bound, read with clear errors, checked against the project.

use crate::common::{Tally, four};
use patcher::{
    Error, Inventory, Lack, Plan, PlanProblem, Refusal, Request, check_plan, distinct_compositions,
    make_plan, parse_plan, sharing,
};
use std::collections::BTreeMap;
use std::path::Path;

/// A plan for the miniature's reference alone, which tolerates nothing.
const ALONE: &str = "format = 1\ntolerate = 0\n\n[[replica]]\nid = 1\nfamily = \"reference\"\n";

/// Reads and checks a plan's text and compares all that is wrong with it.
fn check(inventory: &Inventory, text: &str, expect: &[&str]) {
    let found = match parse_plan(Path::new("p.toml"), text) {
        Err(Error::Plan(errors)) => errors.0,
        Err(other) => panic!("{other}"),
        Ok(plan) => check_plan(inventory, &plan).err().map(|errors| errors.0).unwrap_or_default(),
    };
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, expect, "{text}");
}

#[test]
fn four_families_serve_four_replicas_each_once() {
    let (_, inventory) = Tally::new().read();
    let plan = four(&inventory);
    let mut families: Vec<&str> = plan.replicas.iter().map(|r| r.family.as_str()).collect();
    families.sort_unstable();
    assert_eq!(families, ["crane", "heron", "ibis", "reference"]);
    let sharing = check_plan(&inventory, &plan).unwrap();
    assert_eq!(sharing.max_replicas_sharing_a_version, 1);
    assert_eq!(sharing.max_replicas_sharing_a_family, 1);
    assert_eq!(sharing.reference_only, ["check.judge"]);
    let seeds: Vec<_> = plan.replicas.iter().map(|r| r.compiler.section_shuffle).collect();
    assert!(seeds.iter().all(Option::is_some) && seeds[0] != seeds[1]);
}

#[test]
fn equal_seeds_give_equal_plans_and_others_differ() {
    let (_, inventory) = Tally::new().read();
    let made = |seed| {
        let components = vec!["count".to_owned()];
        let request = Request { replicas: 4, components, seed, ..Request::default() };
        make_plan(&inventory, &request).unwrap()
    };
    assert_eq!(made(5), made(5));
    let orders: std::collections::BTreeSet<Vec<String>> = (0..20)
        .map(|seed| made(seed).replicas.into_iter().map(|replica| replica.family).collect())
        .collect();
    assert!(orders.len() > 5, "{orders:?}");
}

#[test]
fn a_plan_survives_its_own_text() {
    let (_, inventory) = Tally::new().read();
    let plan = four(&inventory);
    let mut read = parse_plan(Path::new("p.toml"), &plan.to_toml()).unwrap();
    read.origin = plan.origin.clone();
    assert_eq!(read, plan);
}

#[test]
fn a_slot_with_too_few_versions_makes_a_plan_infeasible_and_is_named() {
    let (_, inventory) = Tally::new().read();
    let request = Request { replicas: 4, ..Request::default() };
    let Err(Error::Infeasible(infeasible)) = make_plan(&inventory, &request) else {
        panic!("feasible")
    };
    let unusable = Vec::new();
    let lack = Lack { slot: "check.judge".to_owned(), have: 3, need: 4, unusable };
    assert_eq!(infeasible.infeasible, [lack]);
}

#[test]
fn six_replicas_of_which_one_recovers_need_six_families() {
    let (_, inventory) = Tally::new().read();
    let components = vec!["count".to_owned()];
    let request =
        Request { replicas: 6, tolerate: Some(1), recovering: 1, components, ..Request::default() };
    let Err(Error::Infeasible(infeasible)) = make_plan(&inventory, &request) else {
        panic!("feasible")
    };
    assert_eq!(
        infeasible.to_string(),
        "6 replicas that tolerate 1 need 6 families, each in at most 1 of them, and there are 4 \
         (the reference counts as one): `count.on_update` has 4 of 6 versions, `count.weigh` has 4 \
         of 6 versions; have 2 more families written (`patchy prompt` says how), or ask for 4 \
         replicas of which 0 may recover"
    );
}

#[test]
fn four_families_serve_seven_replicas_that_tolerate_two() {
    let (_, inventory) = Tally::new().read();
    let components = vec!["count".to_owned()];
    let request = Request { replicas: 7, components, ..Request::default() };
    let plan = make_plan(&inventory, &request).unwrap();
    assert_eq!(plan.tolerate, 2);
    let sharing = check_plan(&inventory, &plan).unwrap();
    assert_eq!(sharing.max_replicas_sharing_a_family, 2);
    assert_eq!(sharing.max_replicas_sharing_a_version, 2);
}

#[test]
fn too_few_replicas_and_unknown_families_are_refused() {
    let (_, inventory) = Tally::new().read();
    let request = Request { replicas: 5, tolerate: Some(1), recovering: 1, ..Request::default() };
    let error = make_plan(&inventory, &request).unwrap_err().to_string();
    assert_eq!(
        error,
        "5 replicas cannot tolerate 1 while 1 recover: that takes 6 (3f+2k+1); ask for that many, \
         or tolerate less"
    );
    let families = vec!["hreon".to_owned()];
    let request = Request { replicas: 4, families, ..Request::default() };
    let error = make_plan(&inventory, &request).unwrap_err().to_string();
    assert_eq!(error, "no family is called `hreon`: did you mean `heron`?");
    assert!(make_plan(&inventory, &Request::default()).is_err());
}

#[test]
fn planted_and_unvotable_families_are_never_chosen() {
    let (_, inventory) = Tally::new().read();
    for seed in 0..50 {
        let components = vec!["count".to_owned()];
        let request = Request { replicas: 4, components, seed, ..Request::default() };
        let plan = make_plan(&inventory, &request).unwrap();
        assert!(plan.replicas.iter().all(|r| r.family != "thorn" && r.family != "rook"));
    }
}

#[test]
fn a_plan_that_is_no_plan_is_refused_with_its_line() {
    let (_, inventory) = Tally::new().read();
    check(&inventory, ALONE, &[]);
    check(
        &inventory,
        &ALONE.replace("format = 1", "format = 2"),
        &["p.toml:1: the plan has format 2, and this tool reads format 1: make the plan anew"],
    );
    check(
        &inventory,
        &ALONE.replace("[[replica]]\nid = 1\nfamily = \"reference\"", ""),
        &["p.toml:4: the plan has no replicas: add a `[[replica]]` table, or make the plan anew \
             with `patchy plan` if the file was cut off"],
    );
    check(
        &inventory,
        &ALONE.replace("id = 1", "id = 1\nfamilly = 2"),
        &[
            "p.toml:6: unknown field `familly`, expected one of `id`, `family`, `slots`, `providers`, \
         `compiler`",
        ],
    );
    check(
        &inventory,
        &ALONE.replace("id = 1", "id = -1"),
        &["p.toml:5: invalid value: integer `-1`, expected u32"],
    );
    check(
        &inventory,
        "format = 1\ntolerate = \n",
        &["p.toml:2: string values must be quoted, expected literal string; the file ends there: \
             if it was cut off, make the plan anew with `patchy plan`"],
    );
    for empty in ["", " \n\n"] {
        check(&inventory, empty, &["p.toml:1: the file is empty: make a plan with `patchy plan`"]);
    }
}

#[test]
fn names_that_do_not_exist_are_refused_with_the_nearest() {
    let (_, inventory) = Tally::new().read();
    check(
        &inventory,
        &ALONE.replace("\"reference\"", "\"heeron\""),
        &["p.toml:6: no family is called `heeron`: did you mean `heron`?"],
    );
    let slots = "\"reference\"\n\n[replica.slots]\n\"count.weihg\" = \"heron\"\n";
    check(
        &inventory,
        &ALONE.replace("\"reference\"", slots),
        &["p.toml:9: no slot is called `count.weihg`: did you mean `count.weigh`?"],
    );
    let slots = "\"reference\"\nslots = { \"count.weigh\" = \"jbis\" }";
    check(
        &inventory,
        &ALONE.replace("\"reference\"", slots),
        &["p.toml:7: no family is called `jbis`: did you mean `ibis`?"],
    );
    check(
        &inventory,
        &ALONE.replace("format = 1", "format = 1\ncomponents = [\"cuont\"]"),
        &["p.toml:2: no component is called `cuont`: did you mean `count`?"],
    );
    check(
        &inventory,
        &ALONE.replace("format = 1", "format = 1\noverride-rejected = [\"a/b.c\"]"),
        &[
            "p.toml:2: no family is called `a`: there are `crane`, `heron`, `ibis`, `rook`, `thorn`, `reference`",
        ],
    );
}

#[test]
fn versions_that_cannot_be_used_are_refused() {
    let (_, inventory) = Tally::new().read();
    let with = |slots: &str, more: &str| {
        ALONE
            .replace("format = 1", &format!("format = 1\n{more}"))
            .replace("\"reference\"", &format!("\"reference\"\nslots = {{ {slots} }}"))
    };
    check(
        &inventory,
        &with("\"check.judge\" = \"crane\"", ""),
        &[
            "p.toml:8: the family `crane` has no version of `check.judge`: choose another for this slot",
        ],
    );
    let override_rook = "override-rejected = [\"rook/count.weigh\"]";
    check(
        &inventory,
        &with("\"count.weigh\" = \"rook\"", override_rook),
        &["p.toml:8: the version `rook/count.weigh` cannot be used: \
         variants/rook/src/count/weigh.rs:6: the signature does not fit the slot `count.weigh`: \
         change `fn weigh(&Update) -> u32` to `fn weigh(&Update) -> u64`"],
    );
    check(
        &inventory,
        &with("\"count.weigh\" = \"thorn\"", ""),
        &["p.toml:8: the version `thorn/count.weigh` may not vote: choose another, or name it in \
         `override-rejected` to use it all the same"],
    );
    let override_thorn = "override-rejected = [\"thorn/count.weigh\"]";
    check(&inventory, &with("\"count.weigh\" = \"thorn\"", override_thorn), &[]);
}

#[test]
fn replicas_are_numbered_in_order_and_are_enough() {
    let (_, inventory) = Tally::new().read();
    let number = |ids: &[u32], line: usize, wrong: u32, right: u32| {
        let head = "format = 1\ntolerate = 0\nwaive-sharing-bound = true\n";
        let replica = |id: &u32| format!("[[replica]]\nid = {id}\nfamily = \"reference\"\n");
        let text = ids.iter().map(replica).fold(head.to_owned(), |text, replica| text + &replica);
        let sentence = format!(
            "p.toml:{line}: replicas are numbered from 1 in order, without gaps: change `id = \
             {wrong}` to {right}"
        );
        check(&inventory, &text, &[&sentence]);
    };
    number(&[0], 5, 0, 1);
    number(&[1, 1], 8, 1, 2);
    number(&[1, 2, 4], 11, 4, 3);
    check(
        &inventory,
        &ALONE.replace("tolerate = 0", "tolerate = 1\nrecovering = 1"),
        &["p.toml:1: 1 replicas cannot tolerate 1 while 1 recover: that takes 6 (3f+2k+1); add \
             replicas, or tolerate less"],
    );
    check(
        &inventory,
        &format!("{ALONE}compiler = {{ opt-level = 4, codegen-units = 0 }}"),
        &["p.toml:7: `opt-level = 4`: use 0 to 3", "p.toml:7: `codegen-units = 0`: use 1 or more"],
    );
}

#[test]
fn providers_that_do_not_exist_are_refused_with_those_that_do() {
    let (_, inventory) = Tally::new().read();
    let with = |providers: &str| format!("{ALONE}providers = {{ {providers} }}\n");
    check(&inventory, &with("allocator = \"counting\""), &[]);
    check(
        &inventory,
        &with("allocator = \"jemalloc\""),
        &[
            "p.toml:7: no provider of `allocator` is called `jemalloc`: there are `counting`, `system`",
        ],
    );
    check(
        &inventory,
        &with("erasure = \"own\""),
        &["p.toml:7: no provider can be chosen for `erasure`: for `allocator`, `voice` there are \
         several"],
    );
}

#[test]
fn providers_are_spread_evenly_and_in_all_combinations() {
    let (_, inventory) = Tally::new().read();
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..30 {
        let components = vec!["count".to_owned()];
        let spread_providers = true;
        let request =
            Request { replicas: 7, components, spread_providers, seed, ..Request::default() };
        let plan = make_plan(&inventory, &request).unwrap();
        let mut combinations: BTreeMap<Vec<&String>, usize> = BTreeMap::new();
        for replica in &plan.replicas {
            let names = replica.providers.values().collect();
            *combinations.entry(names).or_default() += 1;
        }
        assert_eq!(combinations.len(), 4, "{combinations:?}");
        assert!(combinations.values().all(|count| *count <= 2), "{combinations:?}");
        seen.insert(plan.replicas[0].providers.clone());
    }
    assert_eq!(seen.len(), 4, "who has which depends on the seed");
}

#[test]
fn what_is_the_whole_clusters_choice_is_not_spread() {
    let tally = Tally::new();
    tally.edit("Cargo.toml", "default = \"plain\"", "default = \"plain\"\nspread = false");
    let (_, inventory) = tally.read();
    let (components, spread_providers) = (vec!["count".to_owned()], true);
    let request = Request { replicas: 7, components, spread_providers, ..Request::default() };
    let plan = make_plan(&inventory, &request).unwrap();
    let mut allocators = std::collections::BTreeSet::new();
    for replica in &plan.replicas {
        assert_eq!(replica.providers["voice"], "plain");
        allocators.insert(&replica.providers["allocator"]);
    }
    assert_eq!(allocators.len(), 2);
}

#[test]
fn only_what_people_wrote_makes_compositions_distinct() {
    let (_, inventory) = Tally::new().read();
    let mut plan = four(&inventory);
    assert_eq!(distinct_compositions(&inventory, &plan), 4);
    for replica in &mut plan.replicas {
        "heron".clone_into(&mut replica.family);
        replica.providers.clear();
    }
    // The linker's seeds are still different.
    assert_eq!(distinct_compositions(&inventory, &plan), 1);
    plan.replicas[0].providers.insert("voice".to_owned(), "plain".to_owned());
    assert_eq!(distinct_compositions(&inventory, &plan), 1, "the default by its name");
    plan.replicas[0].providers.insert("voice".to_owned(), "loud".to_owned());
    assert_eq!(distinct_compositions(&inventory, &plan), 2);
    plan.replicas[1].slots.insert("count.weigh".to_owned(), "ibis".to_owned());
    assert_eq!(distinct_compositions(&inventory, &plan), 3);
}

#[test]
fn no_plan_has_more_replicas_than_a_cluster_can() {
    let (_, inventory) = Tally::new().read();
    let components = vec!["count".to_owned()];
    let request =
        |replicas| Request { replicas, components: components.clone(), ..Request::default() };
    let plan = make_plan(&inventory, &request(64)).unwrap();
    assert_eq!((plan.replicas.len(), plan.tolerate), (64, 21));
    assert_eq!(check_plan(&inventory, &plan).unwrap().max_replicas_sharing_a_version, 16);
    let sentence = "a cluster has at most 64 replicas, and these are 65: take fewer";
    assert_eq!(make_plan(&inventory, &request(65)).unwrap_err().to_string(), sentence);
    let most = make_plan(&inventory, &request(u32::MAX)).unwrap_err().to_string();
    assert_eq!(most, sentence.replace("65", "4294967295"));
    let mut large = plan;
    large.replicas.push(patcher::ReplicaPlan::of_family(65, "ibis"));
    let error = check_plan(&inventory, &large).unwrap_err();
    assert_eq!(error.0[0].problem, PlanProblem::TooMany(65));
}

#[test]
fn a_large_plan_without_solution_is_refused_at_once() {
    let (_, mut inventory) = Tally::new().read();
    inventory.refused.insert("heron/count.weigh".to_owned(), Refusal::Unjudged);
    let components = vec!["count".to_owned()];
    // Two of four families share the reference in one slot: 63 replicas at most, and 64 are asked.
    let request = Request { replicas: 64, components, ..Request::default() };
    let Err(Error::Infeasible(lacks)) = make_plan(&inventory, &request) else { panic!("feasible") };
    let slots: Vec<&str> = lacks.infeasible.iter().map(|lack| lack.slot.as_str()).collect();
    assert_eq!(slots, ["count.weigh"]);
}

/// A plan that chooses `family`'s version of `count.weigh` in its one replica.
fn choosing(family: &str, more: &str) -> String {
    let slots = format!("\"reference\"\nslots = {{ \"count.weigh\" = \"{family}\" }}");
    let head = format!("format = 1\n{more}");
    ALONE.replace("\"reference\"", &slots).replace("format = 1", &head)
}

#[test]
fn a_version_that_is_refused_needs_the_override_that_is_for_it() {
    let (_, mut inventory) = Tally::new().read();
    let mut cases = |refusal: Refusal, sentence: &str, rejected: bool, unjudged: bool| {
        inventory.refused = BTreeMap::from([("ibis/count.weigh".to_owned(), refusal)]);
        check(&inventory, &choosing("ibis", ""), &[&format!("p.toml:8: {sentence}")]);
        for (name, suffices) in [("override-rejected", rejected), ("override-unjudged", unjudged)] {
            let plan = choosing("ibis", &format!("{name} = [\"ibis/count.weigh\"]"));
            let refused = format!("p.toml:8: {sentence}");
            let all = [refused.as_str()];
            check(&inventory, &plan, if suffices { &[] } else { &all });
        }
        // What is known of one version is nothing to another.
        check(&inventory, &choosing("heron", ""), &[]);
    };
    cases(
        Refusal::Rejected("oracle".to_owned()),
        "the version `ibis/count.weigh` was rejected (by oracle, see `patchy check --slot \
         count.weigh`): choose another, or name it in `override-rejected` to use it all the same",
        true,
        false,
    );
    cases(
        Refusal::Undecided("too little".to_owned()),
        "nothing was decided about the version `ibis/count.weigh` (too little): try `patchy check \
         --slot count.weigh`, choose another, or name it in `override-unjudged` to use it all the \
         same",
        true,
        true,
    );
    cases(
        Refusal::Unjudged,
        "nobody has judged the version `ibis/count.weigh` as it stands: run `patchy check --slot \
         count.weigh`, or name it in `override-unjudged` to use it all the same",
        true,
        true,
    );
}

#[test]
fn the_reference_stands_for_versions_that_may_not_be_used() {
    let (_, mut inventory) = Tally::new().read();
    let refuse = |inventory: &mut Inventory, slot: &str, families: &[&str]| {
        for family in families {
            inventory.refused.insert(format!("{family}/{slot}"), Refusal::Unjudged);
        }
    };
    let request = Request { replicas: 4, ..Request::default() };
    refuse(&mut inventory, "check.judge", &["heron", "ibis"]);
    refuse(&mut inventory, "count.weigh", &["heron"]);
    // Two replicas would have the reference in `count.weigh`, and one may.
    let Err(Error::Infeasible(lacks)) = make_plan(&inventory, &request) else { panic!("feasible") };
    let unusable = vec!["heron/count.weigh".to_owned()];
    let lack = Lack { slot: "count.weigh".to_owned(), have: 3, need: 4, unusable };
    assert_eq!(lacks.infeasible, [lack]);

    // With no version left of a slot, there is nothing to spread in it.
    refuse(&mut inventory, "count.weigh", &["ibis", "crane"]);
    let plan = make_plan(&inventory, &request).unwrap();
    let sharing = check_plan(&inventory, &plan).unwrap();
    assert_eq!(sharing.reference_only, ["check.judge", "count.weigh"]);
    assert_eq!(sharing.max_replicas_sharing_a_version, 1);
    let filled = |family: &str| {
        let of_family = |replica: &&patcher::ReplicaPlan| replica.family == family;
        let replica = plan.replicas.iter().find(of_family).unwrap();
        assert!(replica.slots.values().all(|family| family == "reference"));
        replica.slots.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(filled("heron"), ["check.judge", "count.weigh"]);
    assert_eq!(filled("crane"), ["count.weigh"]);
    assert_eq!(filled("reference"), [""; 0]);
}

#[test]
fn the_sharing_bound_holds_for_families_and_for_versions() {
    let (_, inventory) = Tally::new().read();
    let mut plan = four(&inventory);
    for (replica, family) in plan.replicas.iter_mut().zip(["reference", "crane", "ibis", "ibis"]) {
        family.clone_into(&mut replica.family);
    }
    let problems = |plan: &Plan| -> Vec<PlanProblem> {
        let errors = check_plan(&inventory, plan).unwrap_err();
        errors.0.into_iter().map(|error| error.problem).collect()
    };
    let family = "ibis".to_owned();
    assert_eq!(problems(&plan), [PlanProblem::SharedFamily { family, sharing: 2, bound: 1 }]);

    // Whole families differ, but both lack one slot and share the reference's there.
    plan.replicas[3].family = "heron".to_owned();
    plan.components.clear();
    let version = "reference/check.judge".to_owned();
    let shared = PlanProblem::SharedVersion { version, sharing: 2, bound: 1 };
    assert_eq!(problems(&plan), [shared]);
    assert_eq!(sharing(&inventory, &plan).max_replicas_sharing_a_version, 2);

    plan.waive_sharing_bound = true;
    assert!(check_plan(&inventory, &plan).is_ok());
}

#[test]
fn two_families_with_one_text_count_as_one_version() {
    let tally = Tally::new();
    let text =
        std::fs::read_to_string(tally.root.join("variants/ibis/src/count/weigh.rs")).unwrap();
    std::fs::write(tally.root.join("variants/heron/src/count/weigh.rs"), text).unwrap();
    let (_, inventory) = tally.read();
    let error = check_plan(&inventory, &four(&inventory)).unwrap_err().to_string();
    assert!(error.contains("2 replicas share the version"), "{error}");
}

/// Wherever a plan's file is cut off, what is said of it says so, or it is a plan all the same.
#[test]
fn a_plan_that_was_cut_off_is_known_by_its_end() {
    let (_, inventory) = Tally::new().read();
    let text = four(&inventory).to_toml();
    let mut truncated = 0;
    for end in 0..text.len() {
        let Err(error) = parse_plan(Path::new("p.toml"), &text[..end]) else { continue };
        let Error::Plan(errors) = error else { panic!("{error}") };
        truncated += errors.0.len();
        for error in errors.0 {
            let problem = &error.problem;
            let known = matches!(
                problem,
                PlanProblem::Truncated(_)
                    | PlanProblem::Missing(_)
                    | PlanProblem::Nothing
                    | PlanProblem::Empty
            );
            assert!(known, "cut off at {end}: {error}");
        }
    }
    assert!(truncated > text.len() / 2, "{truncated} of {}", text.len());
}
