//! Verdicts in the forms that other tools read.

use crate::miniature::Miniature;
use roxmltree::{Document, Node};
use serde_json::{Value, json};
use std::fs;

const HERON: &str = "variants/heron/src/pre_order/covers.rs";

/// Heron's version of `pre_order.covers` is wrong and its neighbour's text refused.
fn with_findings() -> Miniature {
    let miniature = Miniature::new();
    miniature.edit(HERON, ".sum()", ".sum::<u64>() + 1");
    let file = "variants/ibis/src/pre_order/on_update.rs";
    let text = fs::read_to_string(miniature.path(file)).unwrap();
    fs::write(miniature.path(file), format!("{text}\nconst WHY: &str = include_str!(\"<&>\");\n"))
        .unwrap();
    miniature
}

fn count(node: &Node<'_, '_>, name: &str) -> usize {
    node.attribute(name).unwrap_or_else(|| panic!("{node:?} has no {name}")).parse().unwrap()
}

#[test]
fn junit_has_one_test_case_a_version_and_counts_that_agree() {
    let miniature = with_findings();
    let ended = miniature.run(&["check", "--junit", "out.xml", "--json"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let verdicts = ended.json()["versions"].as_array().unwrap().clone();
    let text = fs::read_to_string(miniature.path("out.xml")).unwrap();
    let document = Document::parse(&text).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let suites: Vec<_> = root.children().filter(Node::is_element).collect();
    for counted in suites.iter().chain([&root]) {
        let cases = counted.descendants().filter(|node| node.has_tag_name("testcase"));
        let cases: Vec<_> = cases.collect();
        let with = |name: &str| {
            cases.iter().filter(|case| case.children().any(|it| it.has_tag_name(name))).count()
        };
        assert_eq!(count(counted, "tests"), cases.len());
        assert_eq!(count(counted, "failures"), with("failure"));
        assert_eq!(count(counted, "skipped"), with("skipped"));
        assert_eq!(count(counted, "errors"), 0);
    }
    assert_eq!(count(&root, "tests"), verdicts.len());
    for verdict in &verdicts {
        let text = |name: &str| verdict[name].as_str();
        let case = document.descendants().find(|node| {
            node.has_tag_name("testcase")
                && node.attribute("classname") == text("slot")
                && node.attribute("name") == text("family")
        });
        let case = case.unwrap_or_else(|| panic!("no case for {verdict}:\n{document:?}"));
        let failure = case.children().find(|node| node.has_tag_name("failure"));
        assert_eq!(failure.and_then(|it| it.attribute("type")), text("by"), "{verdict}");
        assert!(miniature.path(case.attribute("file").unwrap()).is_file(), "{case:?}");
    }
    assert_eq!(count(&root, "failures"), 2);
}

/// Holds a log against what the schema of SARIF 2.1.0 demands of what we write.
fn is_sarif(log: &Value) {
    assert_eq!(log["version"], "2.1.0");
    let runs = log["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    assert!(driver["name"].is_string());
    let rules = driver["rules"].as_array().unwrap();
    let base = runs[0]["originalUriBaseIds"]["PROJECT"]["uri"].as_str().unwrap();
    assert!(base.starts_with("file:///") && base.ends_with('/'), "{base}");
    for result in runs[0]["results"].as_array().unwrap() {
        assert!(!result["message"]["text"].as_str().unwrap().is_empty(), "{result}");
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"], "{result}");
        for location in result["locations"].as_array().unwrap() {
            let place = &location["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(!uri.contains(' ') && !uri.is_empty(), "{uri}");
            assert!(place["region"]["startLine"].as_u64().unwrap() > 0);
        }
        let fingerprints = result["partialFingerprints"].as_object().unwrap();
        assert!(fingerprints.values().all(Value::is_string));
    }
}

#[test]
fn sarif_has_each_finding_at_the_file_of_its_version() {
    let miniature = with_findings();
    let ended = miniature.run(&["check", "--sarif", "out.sarif", "--json"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let log = fs::read_to_string(miniature.path("out.sarif")).unwrap();
    let log: Value = serde_json::from_str(&log).unwrap();
    is_sarif(&log);
    let found = log["runs"][0]["results"].as_array().unwrap().iter().map(|result| {
        let place = &result["locations"][0]["physicalLocation"];
        let (uri, base) =
            (&place["artifactLocation"]["uri"], &place["artifactLocation"]["uriBaseId"]);
        json!([result["ruleId"], result["level"], uri, base])
    });
    let found: Vec<Value> = found.collect();
    assert_eq!(
        found,
        [
            json!(["oracle", "error", HERON, "PROJECT"]),
            json!(["gate", "error", "variants/ibis/src/pre_order/on_update.rs", "PROJECT"]),
        ]
    );
}

#[test]
fn a_candidate_elsewhere_is_named_by_its_whole_path() {
    let miniature = Miniature::new();
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(miniature.path(HERON)).unwrap();
    let file = folder.path().canonicalize().unwrap().join("my draft.rs");
    fs::write(&file, text.replace(".sum()", ".sum::<u64>() + 1")).unwrap();
    let words = ["check", "--slot", "pre_order.covers", "--sarif", "out.sarif", "--candidate"];
    let ended = miniature.run(&[&words[..], &[file.to_str().unwrap()]].concat());
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let log = fs::read_to_string(miniature.path("out.sarif")).unwrap();
    let log: Value = serde_json::from_str(&log).unwrap();
    is_sarif(&log);
    let artifact = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    let uri = format!("file://{}", file.to_str().unwrap().replace(' ', "%20"));
    assert_eq!(artifact["artifactLocation"], json!({ "uri": uri }));
}

#[test]
fn a_place_that_cannot_be_written_is_named_before_the_work_is_done() {
    let miniature = Miniature::new();
    let ended = miniature.run(&["check", "--junit", "no/such/out.xml", "--json"]);
    let sentence = "no/such/out.xml: no file can be made in no/such (entity not found); name \
                    another with --junit";
    ended.fails(1, sentence);
    assert!(!miniature.path("target").exists());
}
