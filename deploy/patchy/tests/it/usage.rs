//! Help, versions and bad usage.

use crate::harness::{patchy, patchy_in};

const COMMANDS: [&str; 24] = [
    "demo",
    "slots",
    "plan",
    "diff",
    "build",
    "prompt",
    "generate",
    "ingest",
    "ledger",
    "check",
    "fuzz",
    "export",
    "mutate",
    "risk",
    "sim",
    "init",
    "up",
    "status",
    "down",
    "bench",
    "churn",
    "kv",
    "migrate",
    "diversity",
];

#[test]
fn every_command_has_help_with_an_example() {
    for command in COMMANDS {
        let ended = patchy(&[command, "--help"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stdout.contains(&format!("Example: patchy {command}")), "{}", ended.stdout);
    }
    let ended = patchy(&["--help"]);
    assert_eq!(ended.code, Some(0));
    for command in COMMANDS {
        assert!(ended.stdout.contains(&format!("\n  {command} ")), "{command}: {}", ended.stdout);
    }
    assert!(ended.stdout.contains("70 a bug of ours"), "{}", ended.stdout);
}

#[test]
fn bad_usage_exits_with_1_and_not_with_the_code_of_a_divergence() {
    let unknown = patchy(&["deom"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.stderr.contains("unrecognized subcommand 'deom'"), "{}", unknown.stderr);
    let missing = patchy(&["plan", "--json"]);
    assert_eq!(missing.code, Some(1));
    assert_eq!(missing.json()["exit_code"], 1);
    let nothing = patchy(&[]);
    assert_eq!(nothing.code, Some(1));
}

#[test]
fn outside_a_project_the_tool_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().canonicalize().unwrap();
    let sentence = format!(
        "{} is in no project: no Cargo.toml with `[workspace.metadata.patchy]` stands there or \
         above; change the folder or name the project with --project",
        place.display()
    );
    patchy_in(&place, &["slots", "--json"]).fails(1, &sentence);
    let named = ["slots", "--json", "--project", place.to_str().unwrap()];
    patchy(&named).fails(1, &sentence);
    let missing = place.join("missing");
    let named = ["slots", "--json", "--project", missing.to_str().unwrap()];
    let sentence = format!("--project {}: there is no such folder", missing.display());
    patchy(&named).fails(1, &sentence);
}

#[test]
fn the_project_is_found_from_a_folder_in_it() {
    let inside = crate::harness::project().join("reference/wire/src");
    let ended = patchy_in(&inside, &["slots", "--json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let slots = ended.json();
    let all = slots["slots"].as_array().unwrap();
    assert!(all.iter().any(|slot| slot["slot"] == "pre_order.on_po_request"), "{slots}");
    let lines = |field: &str| slots[field].as_u64().unwrap();
    assert!(0 < lines("slotted_lines") && lines("slotted_lines") < lines("protocol_lines"));
}

#[test]
fn a_time_in_which_nothing_can_happen_is_refused() {
    for words in [
        ["bench", "anywhere", "--seconds", "0"],
        ["churn", "anywhere", "--seconds", "1"],
        ["demo", "--json", "--seconds", "0"],
    ] {
        let ended = patchy(&words);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(
            ended.stderr.contains("is not in 1..") || ended.stderr.contains("is not in 2.."),
            "{ended:?}"
        );
    }
}

/// Nothing is built for it: what is wrong is said at once.
#[test]
fn a_simulation_that_cannot_be_is_refused_before_anything_is_built() {
    let sentence = "3 replicas cannot tolerate one Byzantine and 0 recovering ones; give 4 to 64";
    patchy(&["sim", "--replicas", "3", "--json"]).fails(1, sentence);
    let sentence = "4 replicas cannot tolerate one Byzantine and 1 recovering ones; give 6 to 64";
    patchy(&["sim", "--recovering", "1", "--json"]).fails(1, sentence);
    patchy(&["sim", "--seeds", "9..3", "--json"])
        .fails(1, "--seeds takes a range such as 0..100, not `9..3`");
}
