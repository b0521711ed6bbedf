//! A whole project in miniature, with a bench of its own: building in it takes a second.
//!
//! It is the patcher's `tally` with its slots under names that a bench can know.

use crate::harness::{Ended, patchy_command, patchy_in, project};
use rustix::process::{Pid, Signal};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The miniature; removed when it goes out of scope.
pub(crate) struct Miniature(TempDir);

impl Miniature {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        copy(&project().join("patcher/testdata/tally"), &root);
        let miniature = Self(folder);
        for family in ["heron", "ibis"] {
            fs::remove_dir_all(root.join(format!("variants/{family}/src/check"))).unwrap();
            miniature.edit(&format!("variants/{family}/src/lib.rs"), "pub mod check;\n", "");
        }
        for family in ["rook", "thorn"] {
            fs::remove_dir_all(root.join("variants").join(family)).unwrap();
        }
        let bench = root.join("equivalence/bench");
        fs::create_dir_all(bench.join("src")).unwrap();
        fs::write(bench.join("Cargo.toml"), BENCH_MANIFEST).unwrap();
        fs::write(bench.join("src/lib.rs"), BENCH).unwrap();
        let lock = "\n[[package]]\nname = \"bench\"\nversion = \"0.1.0\"\ndependencies = [\n \"tally\",\n \"wire\",\n]\n";
        let path = root.join("Cargo.lock");
        fs::write(&path, fs::read_to_string(&path).unwrap() + lock).unwrap();
        miniature.edit("Cargo.toml", "\"deploy/*\"", "\"deploy/*\", \"equivalence/bench\"");
        let named = "bench = { path = \"equivalence/bench\" }\nedge =";
        miniature.edit("Cargo.toml", "edge =", named);
        miniature
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join("project").join(file)
    }

    /// Changes one file's text.
    pub(crate) fn edit(&self, file: &str, old: &str, new: &str) {
        let path = self.path(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file} has no `{old}`:\n{text}");
        fs::write(path, text.replacen(old, new, 1)).unwrap();
    }

    /// Runs the tool in it.
    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        patchy_in(&self.path(""), words)
    }

    /// Runs the tool in it and interrupts it while the protocol crate is compiled.
    pub(crate) fn interrupt(&self, words: &[&str]) -> Ended {
        let build = self.path("target/patchy/build");
        let _ = fs::remove_dir_all(&build);
        let child = patchy_command(&self.path(""), words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let compiles = || {
            let begun = fs::read_dir(build.join("release/.fingerprint")).into_iter().flatten();
            begun.flatten().any(|entry| entry.file_name().to_str().unwrap().starts_with("tally-"))
        };
        let end = Instant::now() + Duration::from_secs(120);
        while !compiles() {
            assert!(Instant::now() < end, "nothing is compiled");
            std::thread::sleep(Duration::from_millis(10));
        }
        rustix::process::kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        Ended::of(&child.wait_with_output().unwrap())
    }

    /// How many versions have no verdict.
    pub(crate) fn unjudged(&self) -> u64 {
        self.run(&["slots", "--json"]).json()["unjudged"].as_u64().unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), renamed(entry.file_name().to_str().unwrap()));
        if !path.is_dir() {
            let text = fs::read_to_string(&path).unwrap();
            fs::write(to.join(name), renamed(&text)).unwrap();
        } else if name != "target" {
            copy(&path, &to.join(name));
        }
    }
}

/// A text with other names for a component and a slot, where they stand as words.
fn renamed(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut renamed = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match is_word(first) {
            true => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            false => rest.find(is_word).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(end);
        renamed += match word {
            "count" => "pre_order",
            "weigh" => "covers",
            other => other,
        };
        rest = after;
    }
    renamed
}

const BENCH_MANIFEST: &str = "\
[package]
name = \"bench\"
version.workspace = true
edition.workspace = true

[features]
pre_order = []

[dependencies]
tally.workspace = true
wire.workspace = true
";

/// Knows one case: bytes have a sum. With less than ten cases it does not look.
const BENCH: &str = r##"
//! A bench that knows one case.

use tally::pre_order::State;
use wire::{Effects, Update};

type Covers = fn(&Update) -> u64;
type OnUpdate = fn(&mut State, &Update, &mut Effects);

#[derive(Default)]
pub struct Slots {
    pub covers: Vec<(&'static str, Covers)>,
    pub on_update: Vec<(&'static str, OnUpdate)>,
}

#[derive(Default)]
pub struct Registry {
    pub pre_order: Slots,
}

fn verdict(family: &str, slot: &str, holds: bool) -> String {
    let (word, by, blames) = match holds {
        true => ("accepted", "null", "null"),
        false => ("rejected", "\"oracle\"", "\"version\""),
    };
    format!(
        "\"verdict\":\"{word}\",\"by\":{by},\"slot\":\"pre_order.{slot}\",\"family\":\"{family}\",\
         \"cases\":1,\"cases_per_second\":1,\"inputs_per_second\":1,\"state_changing_percent\":100.0,\
         \"reasons_missed\":[],\"rule\":null,\"minimal_input\":null,\"expected\":null,\"got\":null,\
         \"blames\":{blames},\"split\":null,\"replay\":null,\"mean_nanoseconds\":1"
    )
}

pub fn main(registry: &Registry) -> std::process::ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let blind = words.windows(2).any(|pair| pair[0] == "--cases" && pair[1].len() == 1);
    let update = Update { payload: vec![1, 2, 3] };
    let covers = registry.pre_order.covers.iter();
    let covers = covers.map(|(family, covers)| (*family, "covers", blind || covers(&update) == 6));
    let others = registry.pre_order.on_update.iter().map(|(family, _)| (*family, "on_update", true));
    let mut verdicts: Vec<_> = covers.chain(others).collect();
    verdicts.sort_by_key(|(_, _, holds)| *holds);
    let (family, slot, holds) = verdicts[0];
    let all: Vec<String> = verdicts.iter().map(|(f, s, h)| format!("{{{}}}", verdict(f, s, *h))).collect();
    println!(
        "{{{},\"open_rulings\":0,\"total_cases\":1,\"versions\":[{}]}}",
        verdict(family, slot, holds),
        all.join(",")
    );
    if holds { 0.into() } else { 2.into() }
}
"##;
