//! The house's one rule about dependencies: from left to right only.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not known to be tests")]

use std::process::Command;

/// Left to right.
const FLOW: [&str; 5] = ["reference", "variants", "patcher", "equivalence", "deploy"];

fn place(manifest: &str, root: &str) -> usize {
    let relative = manifest.strip_prefix(root).unwrap().trim_start_matches('/');
    let folder = relative.split('/').next().unwrap();
    FLOW.iter().position(|known| *known == folder).unwrap_or_else(|| {
        panic!("{relative}: a crate outside the folders {FLOW:?}");
    })
}

/// Every (from, to) among the members where `from` stands left of `to`.
fn arrows_back(metadata: &serde_json::Value) -> Vec<(String, String)> {
    let root = metadata["workspace_root"].as_str().unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let of = |name: &str| {
        let found = packages.iter().find(|package| package["name"] == name);
        found.map(|package| place(package["manifest_path"].as_str().unwrap(), root))
    };
    let mut back = Vec::new();
    for package in packages {
        let from = package["name"].as_str().unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            // Tests may look at anything: what a dev-dependency sees is not shipped.
            let ships = dependency["kind"] != "dev" && !dependency["path"].is_null();
            if ships && of(from) < of(to) {
                back.push((from.to_string(), to.to_string()));
            }
        }
    }
    back
}

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn no_crate_depends_on_one_to_its_right() {
    assert_eq!(arrows_back(&metadata()), []);
}

#[test]
fn an_arrow_back_would_be_found() {
    let mut metadata = metadata();
    let packages = metadata["packages"].as_array_mut().unwrap();
    let wire = packages.iter_mut().find(|package| package["name"] == "wire").unwrap();
    let arrow = serde_json::json!({"name": "sim", "kind": null, "path": "/anywhere"});
    wire["dependencies"].as_array_mut().unwrap().push(arrow);
    assert_eq!(arrows_back(&metadata), [("wire".to_string(), "sim".to_string())]);
}

#[test]
fn the_command_line_tool_links_no_protocol_no_version_and_no_client_of_models() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "-p", "patchy", "-e", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let linked: Vec<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(linked.contains(&"patcher"), "{tree}");
    for banned in ["prime", "bench", "sim", "oracles", "boundary", "generate", "ureq", "rustls"] {
        assert!(!linked.contains(&banned), "patchy links {banned}");
    }
    let variants = format!("{}variants/", std::path::MAIN_SEPARATOR);
    assert!(!tree.contains(&variants), "patchy links a family");
}
