//! The gate, for versions that people bring, and what the ledger says of them.

use crate::harness::Ended;
use crate::miniature::Miniature;
use serde_json::{Value, json};
use std::fs;

const GOOD: &str = "\
//! Weighing by a fold.

use wire::Update;

/// The sum of a payload's bytes.
pub fn covers(update: &Update) -> u64 {
    update.payload.iter().fold(0, |sum, byte| sum + u64::from(*byte))
}
";

fn ingest(miniature: &Miniature, text: &str, more: &[&str]) -> Ended {
    fs::write(miniature.path("draft.rs"), text).unwrap();
    let words = ["ingest", "pre_order.covers", "draft.rs", "--family", "wren", "--json"];
    miniature.run(&[&words, more].concat())
}

fn read(miniature: &Miniature, file: &str) -> String {
    fs::read_to_string(miniature.path(file)).unwrap()
}

fn record(miniature: &Miniature) -> Value {
    let text = read(miniature, "variants/wren/ledger/pre_order.covers/record.json");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_version_that_comes_through_founds_its_family_and_is_known_as_judged() {
    let miniature = Miniature::new();
    fs::write(miniature.path("prompt.md"), "Weigh.").unwrap();
    fs::write(miniature.path("doubts.md"), "Nothing is ambiguous.").unwrap();
    let more = ["--prompt", "prompt.md", "--ambiguities", "doubts.md", "--mandate", "folds"];
    let ended = ingest(&miniature, GOOD, &more);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let said = ended.json();
    let file = "variants/wren/src/pre_order/covers.rs";
    assert_eq!((&said["accepted"], &said["attempts"]), (&json!(true), &json!(1)), "{said}");
    assert_eq!((&said["reasons"], &said["file"]), (&json!([]), &json!(file)), "{said}");
    assert_eq!((&said["tokens_in"], &said["tokens_out"]), (&json!(0), &json!(0)), "{said}");

    assert_eq!(read(&miniature, file), GOOD);
    assert!(read(&miniature, "variants/wren/src/lib.rs").ends_with("\npub mod pre_order;\n"));
    assert!(
        read(&miniature, "variants/wren/src/pre_order/mod.rs").ends_with("\npub mod covers;\n")
    );
    let lineage = read(&miniature, "variants/wren/family.toml");
    assert!(
        lineage.contains("mandate = \"folds\"") && lineage.contains("written-by = \"a person\"")
    );
    let manifest = read(&miniature, "variants/wren/Cargo.toml");
    assert!(
        manifest.contains("unsafe_code = \"forbid\"") && manifest.contains("wire.workspace = true")
    );
    // The miniature's workspace names its members one by one.
    assert_eq!(said["is_member"], false, "{said}");

    // Of seven versions those six that were there have no verdict.
    assert_eq!(miniature.unjudged(), 6);
    let record = record(&miniature);
    let attempt = &record["attempts"][0];
    assert_eq!((&attempt["kept"], &attempt["verdict"]), (&json!(true), &json!("accepted")));
    assert_eq!(attempt["sha256"], patcher::sha256(GOOD.as_bytes()));
    assert_eq!(attempt["prompt_sha256"], patcher::sha256(b"Weigh."));
    assert_eq!(attempt["ambiguities"], "Nothing is ambiguous.");
    assert_eq!(read(&miniature, "variants/wren/ledger/pre_order.covers/1.rs"), GOOD);

    // It stands; another one must be wanted in its place.
    let again = ingest(&miniature, GOOD, &[]);
    again.fails(
        1,
        "variants/wren/src/pre_order/covers.rs: the family wren has a version of pre_order.covers \
         already: name another family, or put the new one in its place with --replace",
    );
    let other = GOOD.replace("a fold", "a fold, again");
    let replaced = ingest(&miniature, &other, &["--replace"]);
    assert_eq!(replaced.code, Some(0), "{replaced:?}");
    assert_eq!(read(&miniature, file), other);
    assert_eq!(read(&miniature, "variants/wren/ledger/pre_order.covers/1.rs"), GOOD);
    assert_eq!(read(&miniature, "variants/wren/ledger/pre_order.covers/2.rs"), other);
}

#[test]
fn what_does_not_come_through_has_a_class_and_a_place_and_is_noted_all_the_same() {
    let miniature = Miniature::new();
    let cases = [
        ("pub fn covers(", "parse", "draft.rs:1: this is not valid Rust: "),
        (
            "pub fn covers(update: &wire::Update) -> u32 { 6 }",
            "fingerprint",
            "draft.rs:1: the signature does not fit the slot `pre_order.covers`: ",
        ),
        (
            "pub fn covers(_: &wire::Update) -> u64 {\n    include_str!(\"/etc/passwd\").len() as u64\n}",
            "forbidden",
            "draft.rs:2: the macro `include_str!` is forbidden in a version: ",
        ),
        (
            "pub fn covers(update: &wire::Update) -> u64 {\n    update.missing\n}",
            "compile",
            "error[E0609]: no field `missing` on type `&Update`\n",
        ),
        (
            "pub fn covers(update: &wire::Update) -> u64 {\n    let unread = 7;\n    \
             update.payload.iter().fold(0, |sum, byte| sum + u64::from(*byte))\n}",
            "compile",
            "warning: unused variable: `unread`\n",
        ),
        (
            "pub fn covers(_: &wire::Update) -> u64 {\n    7\n}",
            "oracle",
            "the rule that is broken: bytes have a sum\ngot: 7",
        ),
        (
            "pub fn covers(update: &wire::Update) -> u64 {\n    panic!(\"{}\", update.payload.len())\n}",
            "differential",
            "the rule that is broken: never panics\ngot: 3",
        ),
    ];
    for (number, (text, class, sentence)) in cases.iter().enumerate() {
        let ended = ingest(&miniature, text, &[]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        let said = ended.json();
        assert_eq!(said["accepted"], false, "{said}");
        let reason = &said["reasons"][0];
        assert_eq!(reason["class"], *class, "{said}");
        assert!(reason["sentence"].as_str().unwrap().starts_with(sentence), "{said}");
        let attempt = &record(&miniature)["attempts"][number];
        assert_eq!((&attempt["class"], &attempt["kept"]), (&json!(class), &json!(false)));
        assert_eq!(attempt["why"], "the gate refused it");
        let file = format!("variants/wren/ledger/pre_order.covers/{}.rs", number + 1);
        assert_eq!(read(&miniature, &file), *text);
    }
    assert!(!miniature.path("variants/wren/src").exists());
    assert!(!miniature.path("variants/wren/family.toml").exists());
}

#[test]
fn what_is_kept_of_a_draft_s_path_tells_nothing_of_the_machine() {
    let (miniature, elsewhere) = (Miniature::new(), tempfile::tempdir().unwrap());
    let text = "pub fn covers(_: &wire::Update) -> u32 {\n    7\n}";
    fs::create_dir(miniature.path("drafts")).unwrap();
    let typed = [miniature.path("drafts/mine.rs"), elsewhere.path().join("mine.rs")];
    for (number, (file, shown)) in
        typed.iter().zip(["drafts/mine.rs:1: ", "mine.rs:1: "]).enumerate()
    {
        fs::write(file, text).unwrap();
        let file = file.to_str().unwrap();
        let words = ["ingest", "pre_order.covers", file, "--family", "wren", "--json"];
        let ended = miniature.run(&words);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        let reason = &record(&miniature)["attempts"][number]["reasons"][0];
        assert!(reason.as_str().unwrap().starts_with(shown), "{reason}");
    }
}

#[test]
fn brackets_without_end_do_not_end_the_tool() {
    let miniature = Miniature::new();
    let deep = format!("pub fn covers(_: &wire::Update) -> u64 {{ {} }}", "!".repeat(60_000));
    let ended = ingest(&miniature, &deep, &[]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(ended.json()["reasons"][0]["class"], "parse");
    let long = ingest(&miniature, &" ".repeat(300_000), &[]);
    long.fails(
        1,
        "draft.rs: 300000 bytes are more than the 262144 that a version may have: write less",
    );
}

#[test]
fn an_attempt_is_noted_before_it_is_judged() {
    let miniature = Miniature::new();
    fs::write(miniature.path("draft.rs"), GOOD).unwrap();
    let words = ["ingest", "pre_order.covers", "draft.rs", "--family", "wren", "--json"];
    let ended = miniature.interrupt(&words);
    assert_eq!(ended.code, Some(130), "{ended:?}");
    let first = record(&miniature)["attempts"][0].clone();
    assert_eq!((&first["verdict"], &first["kept"]), (&Value::Null, &json!(false)), "{first}");
    assert_eq!(first["why"], "its judging did not come to an end");
    assert_eq!(read(&miniature, "variants/wren/ledger/pre_order.covers/1.rs"), GOOD);

    // What somebody wrote whom nothing notes is not written over.
    fs::write(miniature.path("variants/wren/ledger/pre_order.covers/2.rs"), "// Mine.").unwrap();
    assert_eq!(miniature.run(&words).code, Some(0));
    let attempts = record(&miniature)["attempts"].clone();
    assert_eq!((&attempts[0], attempts.as_array().unwrap().len()), (&first, 2));
    assert_eq!((&attempts[1]["run"], &attempts[1]["file"]), (&json!(2), &json!("3.rs")));
    assert_eq!(attempts[1]["why"], "it came through the gate");
    assert_eq!(miniature.run(&["ledger", "--json"]).code, Some(0));
}

#[test]
fn a_version_that_could_not_be_put_into_its_family_can_be_afterwards() {
    let miniature = Miniature::new();
    let place = "variants/wren/src/pre_order/covers.rs";
    fs::create_dir_all(miniature.path(place).join("in the way")).unwrap();
    let ended = ingest(&miniature, GOOD, &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    // No family, and nothing that names a module that is not there.
    for file in ["family.toml", "Cargo.toml", "src/lib.rs", "src/pre_order/mod.rs"] {
        assert!(!miniature.path("variants/wren").join(file).exists(), "{file}");
    }
    let attempt = record(&miniature)["attempts"][0].clone();
    assert_eq!((&attempt["verdict"], &attempt["kept"]), (&json!("accepted"), &json!(false)));
    let why = attempt["why"].as_str().unwrap();
    assert!(why.starts_with("it came through the gate, and was not put into its family"), "{why}");

    fs::remove_dir_all(miniature.path(place)).unwrap();
    // As if it had been interrupted before the last step.
    let founded = ingest(&miniature, GOOD, &[]);
    assert_eq!(founded.code, Some(0), "{founded:?}");
    for lost in ["family.toml", "Cargo.toml"] {
        fs::remove_file(miniature.path("variants/wren").join(lost)).unwrap();
    }
    let again = ingest(&miniature, GOOD, &[]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(read(&miniature, "variants/wren/family.toml").contains("name = \"wren\""));
    assert!(miniature.path("variants/wren/Cargo.toml").is_file());
    assert_eq!(record(&miniature)["attempts"].as_array().unwrap().len(), 3);
}
