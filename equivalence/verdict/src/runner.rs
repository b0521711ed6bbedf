//! The text of the program that joins the bench with versions.

use std::fmt::Write;

/// The slots that the bench has an adapter for, as (component, slot).
///
/// A version of another slot cannot be registered: the runner would not compile.
pub const BENCHED: [(&str, &str); 28] = [
    ("decode", "message"),
    ("decode", "shape"),
    ("pre_order", "adopt"),
    ("pre_order", "advance_aru"),
    ("pre_order", "certificate"),
    ("pre_order", "content"),
    ("pre_order", "covers"),
    ("pre_order", "has_news"),
    ("pre_order", "last_matrix"),
    ("pre_order", "make_po_acks"),
    ("pre_order", "make_po_aru"),
    ("pre_order", "make_po_request"),
    ("pre_order", "make_proof_matrix"),
    ("pre_order", "merge_row"),
    ("pre_order", "on_po_acks"),
    ("pre_order", "on_po_aru"),
    ("pre_order", "on_po_aru_conflict"),
    ("pre_order", "on_po_request"),
    ("pre_order", "on_po_request_conflict"),
    ("pre_order", "on_proof_matrix"),
    ("pre_order", "on_update"),
    ("pre_order", "recover"),
    ("pre_order", "recover_content"),
    ("pre_order", "recover_promises"),
    ("pre_order", "relation"),
    ("pre_order", "resume"),
    ("pre_order", "retire"),
    ("pre_order", "retransmit"),
];

/// Whether the bench can judge versions of a slot.
#[must_use]
pub fn is_benched(component: &str, slot: &str) -> bool {
    BENCHED.contains(&(component, slot))
}

/// The `main.rs` of a runner for `versions`, each (family, component, slot).
///
/// The crate around it declares `mod versions;`, in which each version is the function
/// `versions::<family>::<component>::<slot>::<slot>`, and links the bench. Each version stands on
/// a line of its own, so that a compiler's complaint about a signature names one version.
#[must_use]
pub fn runner_source(versions: &[(String, String, String)]) -> String {
    let mutable = if versions.is_empty() { "" } else { "mut " };
    let mut text = String::from("//! Joins the bench with the versions that it is to judge.\n\n");
    text.push_str("fn main() -> std::process::ExitCode {\n");
    let _ = writeln!(text, "    let {mutable}registry = bench::Registry::default();");
    for (family, component, slot) in versions {
        let path = format!("versions::{family}::{component}::{slot}::{slot}");
        let _ = writeln!(text, "    registry.{component}.{slot}.push((\"{family}\", {path}));");
    }
    text.push_str("    bench::main(&registry)\n}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_a_line_of_its_own() {
        let version = |family: &str, slot: &str| {
            (String::from(family), String::from("pre_order"), String::from(slot))
        };
        let text = runner_source(&[version("alpha", "covers"), version("beta", "on_po_acks")]);
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("versions::")).collect();
        assert_eq!(
            lines,
            [
                "    registry.pre_order.covers.push((\"alpha\", \
                 versions::alpha::pre_order::covers::covers));",
                "    registry.pre_order.on_po_acks.push((\"beta\", \
                 versions::beta::pre_order::on_po_acks::on_po_acks));",
            ]
        );
        assert!(!runner_source(&[]).contains("mut"));
    }

    #[test]
    fn what_is_benched_is_known_by_name() {
        assert!(is_benched("pre_order", "relation"));
        assert!(!is_benched("order", "relation"));
    }
}
