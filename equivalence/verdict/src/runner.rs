//! The text of the program that joins the bench with versions.

use std::fmt::Write;

/// The slots that the bench has an adapter for, by component.
///
/// A version of another slot cannot be registered: the runner would not compile.
pub const BENCHED: [(&str, &[&str]); 10] = [
    (
        "broadcast",
        &[
            "advance",
            "on_rb_echo",
            "on_rb_init",
            "on_rb_ready",
            "on_rb_request",
            "recover",
            "resume",
            "retransmit",
            "start",
            "take",
        ],
    ),
    ("catch_up", &["forget", "keep", "make_catch_up_request", "on_catch_up_request"]),
    (
        "checkpoint",
        &[
            "assemble",
            "covers",
            "cut",
            "log",
            "make_checkpoint",
            "make_checkpoint_proof",
            "make_state_requests",
            "on_checkpoint",
            "on_checkpoint_proof",
            "on_state_chunk",
            "on_state_request",
            "open",
            "outdated",
            "recover",
            "settle",
            "take",
        ],
    ),
    ("decode", &["message", "shape"]),
    (
        "execute",
        &[
            "apply_request",
            "apply_update",
            "finish_number",
            "order_of",
            "restore_tables",
            "snapshot",
        ],
    ),
    (
        "order",
        &[
            "accept",
            "advance",
            "build_matrix",
            "committed",
            "eligible",
            "follows",
            "install",
            "jump",
            "make_pre_prepare",
            "on_commit",
            "on_ordered_certificate",
            "on_pre_prepare",
            "on_pre_prepare_conflict",
            "on_prepare",
            "pc_set",
            "preinstall",
            "prepared",
            "recount",
            "recover",
            "refill",
            "resume",
            "retire",
            "retransmit",
            "settle",
        ],
    ),
    (
        "pre_order",
        &[
            "adopt",
            "advance_aru",
            "certificate",
            "content",
            "covers",
            "has_news",
            "last_matrix",
            "make_po_acks",
            "make_po_aru",
            "make_po_request",
            "make_proof_matrix",
            "merge_row",
            "on_po_acks",
            "on_po_aru",
            "on_po_aru_conflict",
            "on_po_request",
            "on_po_request_conflict",
            "on_proof_matrix",
            "on_update",
            "recover",
            "recover_content",
            "recover_promises",
            "relation",
            "resume",
            "retire",
            "retransmit",
        ],
    ),
    (
        "recon",
        &[
            "decode",
            "encode",
            "forget",
            "needs",
            "on_eligible",
            "on_recon",
            "on_recon_request",
            "recover",
            "request_missing",
            "retire",
            "senders",
        ],
    ),
    (
        "suspect",
        &[
            "accuse",
            "alpha",
            "elect",
            "elected",
            "evaluate",
            "exclude_stall",
            "keep_sample",
            "make_ping",
            "make_tat_measure",
            "make_tat_ub",
            "measured",
            "on_new_leader",
            "on_new_leader_proof",
            "on_peer_view",
            "on_proof_matrix_sent",
            "on_proposal",
            "on_replay",
            "on_rtt_measure",
            "on_rtt_ping",
            "on_rtt_pong",
            "on_tat_measure",
            "on_tat_ub",
            "on_vc_proof",
            "recover",
            "say_again",
            "settle",
            "start",
            "take",
            "tat_acceptable",
            "tat_if_leader",
            "tat_leader",
            "tick",
            "vote",
        ],
    ),
    (
        "view_change",
        &[
            "complete",
            "content_valid",
            "finish",
            "installed",
            "make_partials",
            "make_replay",
            "make_replay_commit",
            "make_replay_prepare",
            "make_requests",
            "make_vc_list",
            "make_vc_proof",
            "on_delivered",
            "on_install_certificate",
            "on_proposal",
            "on_proposal_request",
            "on_replay",
            "on_replay_commit",
            "on_replay_conflict",
            "on_replay_prepare",
            "on_resolution_answer",
            "on_resolution_request",
            "on_vc_list",
            "on_vc_partial_sig",
            "on_vc_proof",
            "preinstall",
            "recover",
            "resolve",
            "resume",
            "retire",
            "retransmit",
            "serve",
        ],
    ),
];

/// Whether the bench can judge versions of a slot.
#[must_use]
pub fn is_benched(component: &str, slot: &str) -> bool {
    BENCHED.iter().any(|(known, slots)| *known == component && slots.contains(&slot))
}

/// The `main.rs` of a runner for `versions`, each (family, component, slot).
///
/// The crate around it declares `mod versions;`, in which each version is the function
/// `versions::<family>::<component>::<slot>::<slot>`, and links the bench. Each version stands on
/// a line of its own, so that a compiler's complaint about a signature names one version.
#[must_use]
pub fn runner_source(versions: &[(String, String, String)]) -> String {
    runner_of(&entries(versions))
}

/// The `main.rs` of a program that measures `versions`. Otherwise as [`runner_source`]; it links the crate
/// `diversity` too.
#[must_use]
pub fn measuring_source(versions: &[(String, String, String)]) -> String {
    joining("versions, to measure them", &entries(versions), "diversity::versions(&registry)")
}

/// How a version is called that is to be judged as one of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The family.
    pub family: String,
    /// The slot's component.
    pub component: String,
    /// The slot's own name.
    pub slot: String,
    /// What is called.
    pub function: String,
}

fn entries(versions: &[(String, String, String)]) -> Vec<Entry> {
    let entry = |(family, component, slot): &(String, String, String)| Entry {
        family: family.clone(),
        component: component.clone(),
        slot: slot.clone(),
        function: format!("versions::{family}::{component}::{slot}::{slot}"),
    };
    versions.iter().map(entry).collect()
}

/// As [`runner_source`], with each function as it is called.
#[must_use]
pub fn runner_of(entries: &[Entry]) -> String {
    joining("the versions that it is to judge", entries, "bench::main(&registry)")
}

/// What stands before the numbers of branches that were not taken, on a line of standard error.
pub const NOT_TAKEN: &str = "not taken:";

/// The `main.rs` of a runner for versions with `branches` marks, calls of `crate::taken(NUMBER)`: it says in the
/// end which were never called, behind [`NOT_TAKEN`]. Otherwise as [`runner_source`].
#[must_use]
pub fn marked_source(versions: &[(String, String, String)], branches: usize) -> String {
    let last = "let code = bench::main(&registry);\n    tell();\n    code";
    let mut text = joining("marked versions", &entries(versions), last);
    let _ = write!(
        text,
        "\nuse std::sync::atomic::{{AtomicBool, Ordering}};\n\n\
         static TAKEN: [AtomicBool; {branches}] = [const {{ AtomicBool::new(false) }}; {branches}];\n\n\
         fn taken(branch: usize) {{\n    TAKEN[branch].store(true, Ordering::Relaxed);\n}}\n\n\
         fn tell() {{\n    \
             let missed = TAKEN.iter().enumerate().filter(|(_, taken)| !taken.load(Ordering::Relaxed));\n    \
             let missed: Vec<String> = missed.map(|(branch, _)| branch.to_string()).collect();\n    \
             eprintln!(\"{NOT_TAKEN} {{}}\", missed.join(\" \"));\n}}\n"
    );
    text
}

fn joining(what: &str, entries: &[Entry], last: &str) -> String {
    let mutable = if entries.is_empty() { "" } else { "mut " };
    let mut text = format!("//! Joins the bench with {what}.\n\n");
    text.push_str("fn main() -> std::process::ExitCode {\n");
    let _ = writeln!(text, "    let {mutable}registry = bench::Registry::default();");
    for Entry { family, component, slot, function } in entries {
        let _ = writeln!(text, "    registry.{component}.{slot}.push((\"{family}\", {function}));");
    }
    let _ = writeln!(text, "    {last}\n}}");
    text
}

/// The `main.rs` of a libFuzzer target for the `versions` of one slot, `component.slot`. Otherwise as
/// [`runner_source`].
#[must_use]
pub fn fuzz_source(slot: &str, versions: &[(String, String, String)]) -> String {
    let mutable = if versions.is_empty() { "" } else { "mut " };
    let mut text = format!(
        "//! Fuzzes {slot}: versions must do what the oracle demands and what the others do.\n\n\
         #![no_main]\n\n\
         use bench::{{Registry, Target}};\n\
         use std::sync::OnceLock;\n\n\
         fn registry() -> Registry {{\n"
    );
    let _ = writeln!(text, "    let {mutable}registry = Registry::default();");
    for (family, component, slot) in versions {
        let path = format!("versions::{family}::{component}::{slot}::{slot}");
        let _ = writeln!(text, "    registry.{component}.{slot}.push((\"{family}\", {path}));");
    }
    let _ = write!(
        text,
        "    registry\n}}\n\n\
         static REGISTRY: OnceLock<Registry> = OnceLock::new();\n\n\
         thread_local! {{\n    \
             static TARGET: Target<'static> = Target::new(REGISTRY.get_or_init(registry), {slot:?})\n        \
                 .expect(\"the bench knows the slot\");\n}}\n\n\
         libfuzzer_sys::fuzz_target!(|data: &[u8]| {{\n    \
             if let Err(said) = TARGET.with(|target| target.judge(data)) {{\n        \
                 panic!(\"{{said}}\");\n    \
             }}\n}});\n\n\
         // Bytes that were changed are seldom an input: so what they say is.\n\
         libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {{\n    \
             match TARGET.with(|target| target.mutate(&data[..size], seed.into())) {{\n        \
                 Some(other) if other.len() <= max_size => {{\n            \
                     data[..other.len()].copy_from_slice(&other);\n            \
                     other.len()\n        \
                 }}\n        \
                 _ => size,\n    \
             }}\n}});\n"
    );
    text
}

/// The variable that tells a choosing runner which versions to judge: the families, joined by commas.
pub const CHOSEN: &str = "PATCHY_VERSIONS";

/// The `main.rs` of a runner that judges each of some `versions` beside the reference alone: those
/// whose families stand in the variable [`CHOSEN`], in that order, with a report on each.
///
/// For versions that must not vote on each other, such as mutants. Otherwise as
/// [`runner_source`].
#[must_use]
pub fn choosing_runner_source(versions: &[(String, String, String)]) -> String {
    let mutable = if versions.is_empty() { "" } else { "mut " };
    let mut text = String::from("//! Joins the bench with one version after the other.\n\n");
    text.push_str("fn main() -> std::process::ExitCode {\n");
    let _ = writeln!(text, "    let chosen = std::env::var({CHOSEN:?}).unwrap_or_default();");
    text.push_str("    let mut registries = Vec::new();\n");
    text.push_str("    for family in chosen.split(',') {\n");
    let _ = writeln!(text, "        let {mutable}registry = bench::Registry::default();");
    text.push_str("        match family {\n");
    for (family, component, slot) in versions {
        let path = format!("versions::{family}::{component}::{slot}::{slot}");
        let push = format!("registry.{component}.{slot}.push((\"{family}\", {path}))");
        let _ = writeln!(text, "            \"{family}\" => {push},");
    }
    text.push_str("            _ => {\n");
    let sentence = format!("{CHOSEN} names what is none of the versions in this program");
    let _ = writeln!(text, "                eprintln!({sentence:?});");
    text.push_str("                return std::process::ExitCode::from(1);\n            }\n");
    text.push_str("        }\n        registries.push(registry);\n    }\n");
    text.push_str("    bench::main_each(&registries)\n}\n");
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
    fn a_choosing_runner_enters_each_version_alone() {
        let version = |family: &str| {
            (String::from(family), String::from("pre_order"), String::from("covers"))
        };
        let text = choosing_runner_source(&[version("m1"), version("m2")]);
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("versions::")).collect();
        assert_eq!(
            lines,
            [
                "            \"m1\" => registry.pre_order.covers.push((\"m1\", \
                 versions::m1::pre_order::covers::covers)),",
                "            \"m2\" => registry.pre_order.covers.push((\"m2\", \
                 versions::m2::pre_order::covers::covers)),",
            ]
        );
        assert!(text.contains("std::env::var(\"PATCHY_VERSIONS\")"), "{text}");
        assert!(!choosing_runner_source(&[]).contains("mut registry "));
    }

    #[test]
    fn a_fuzz_target_enters_all_versions_and_names_its_slot() {
        let version = |family: &str| {
            (String::from(family), String::from("pre_order"), String::from("covers"))
        };
        let text = fuzz_source("pre_order.covers", &[version("alpha"), version("beta")]);
        assert_eq!(text.lines().filter(|line| line.contains("versions::")).count(), 2);
        assert!(text.contains("get_or_init(registry), \"pre_order.covers\")"), "{text}");
        assert_eq!(text.matches('{').count(), text.matches('}').count());
        assert!(!fuzz_source("a.b", &[]).contains("mut registry"));
    }

    #[test]
    fn what_is_benched_is_known_by_name() {
        assert!(is_benched("pre_order", "relation"));
        assert!(!is_benched("order", "relation"));
    }
}
