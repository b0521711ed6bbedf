//! SARIF 2.1.0, as code-scanning services and editors read it: one result a finding.

use super::{Place, Places, details};
use patcher::sha256;
use serde_json::{Value, json};
use std::path::Path;
use verdict::{Decision, Report, Verdict};

/// What a result's `ruleId` can be, and what it means.
const RULES: [(&str, &str); 7] = [
    ("oracle", "A version does what its specification demands."),
    ("differential", "A version does what all others do, and never panics."),
    ("resource", "A version needs no more time, growth or messages than others."),
    ("build", "A version compiles."),
    ("gate", "A version's text fits its slot and keeps the rules for versions."),
    ("timeout", "A version comes back."),
    ("undecided", "The cases say enough about a version."),
];

/// The findings of a check: what was rejected, and what could not be decided.
pub(crate) fn sarif(report: &Report, places: &Places) -> String {
    let found = report.versions.iter().filter(|one| one.verdict != Decision::Accepted);
    let results: Vec<Value> = found.map(|verdict| result(verdict, places)).collect();
    let rules = RULES.map(|(id, text)| json!({ "id": id, "shortDescription": { "text": text } }));
    let mut root = uri(places.root());
    root.push('/');
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "patchy",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "originalUriBaseIds": { "PROJECT": { "uri": format!("file://{root}") } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn result(verdict: &Verdict, places: &Places) -> Value {
    let word = json!(verdict.by);
    let id = match verdict.verdict {
        Decision::Rejected => word.as_str().unwrap_or("oracle"),
        Decision::Accepted | Decision::Undecided => "undecided",
    };
    let index = RULES.iter().position(|(rule, _)| *rule == id);
    // What blames the reference or the contract is somebody's to rule on, and no fault yet.
    let level = match verdict.verdict {
        Decision::Rejected if verdict.awaits_ruling() => "warning",
        Decision::Rejected => "error",
        Decision::Accepted | Decision::Undecided => "note",
    };
    let name = format!("{}/{}", verdict.family, verdict.slot);
    let said = details(verdict);
    let text = if said.is_empty() { name.clone() } else { format!("{name}\n{said}") };
    let rule = verdict.rule.as_deref().unwrap_or_default();
    json!({
        "ruleId": id,
        "ruleIndex": index,
        "level": level,
        "message": { "text": text },
        "locations": [location(verdict, places.of(verdict))],
        "partialFingerprints": { "finding/v1": sha256(format!("{name} {id} {rule}").as_bytes()) },
        "properties": {
            "slot": verdict.slot,
            "family": verdict.family,
            "blames": verdict.blames,
            "cases": verdict.cases,
            "kept": verdict.kept,
        },
    })
}

fn location(verdict: &Verdict, place: Option<Place<'_>>) -> Value {
    let logical = json!([{ "fullyQualifiedName": verdict.slot, "kind": "function" }]);
    let Some(Place { file, line }) = place else { return json!({ "logicalLocations": logical }) };
    let artifact = match file.is_absolute() {
        true => json!({ "uri": format!("file://{}", uri(file)) }),
        false => json!({ "uri": uri(file), "uriBaseId": "PROJECT" }),
    };
    json!({
        "physicalLocation": { "artifactLocation": artifact, "region": { "startLine": line } },
        "logicalLocations": logical,
    })
}

/// A path as it stands in a URI.
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;
    use std::path::Path;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri(Path::new("/a b/é#.rs")), "/a%20b/%C3%A9%23.rs");
    }
}
