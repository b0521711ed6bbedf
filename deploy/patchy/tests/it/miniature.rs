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
        fs::write(bench.join("src/sealed.rs"), include_str!("../miniature/sealed.rs")).unwrap();
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
coverage = []

[dependencies]
tally.workspace = true
wire.workspace = true
";

/// Knows one case, and the one that is kept: bytes have a sum. With less than ten cases it looks at what
/// is kept alone. A sum that is too large by 2 it blames on the contract.
const BENCH: &str = r##"
//! A bench that knows one case.

mod sealed;

use tally::pre_order::State;
use wire::{Effects, Update};

/// What the compiler counted.
#[cfg(feature = "coverage")]
mod counted {
    use std::sync::atomic::{AtomicUsize, Ordering};

    static EDGES: AtomicUsize = AtomicUsize::new(0);

    #[unsafe(no_mangle)]
    extern "C" fn __sanitizer_cov_8bit_counters_init(start: *const u8, stop: *const u8) {
        EDGES.store(stop as usize - start as usize, Ordering::Relaxed);
    }

    /// A search comes to one input, which is its seed.
    pub fn search(seed: &str) -> String {
        let edges = EDGES.load(Ordering::Relaxed);
        let input = format!("{{\"payload\":[{seed}]}}");
        format!("{{\"edges\":{edges},\"features\":1,\"corpus\":[{input}]}}")
    }
}

#[cfg(not(feature = "coverage"))]
mod counted {
    pub fn search(_seed: &str) -> String {
        "null".to_owned()
    }
}

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

/// The payload in the text of an input.
fn payload(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once("\"payload\":[")?;
    let (numbers, _) = rest.split_once(']')?;
    numbers.split(',').map(|number| number.trim().parse().ok()).collect()
}

/// What one version did wrong: the payload, what came of it, and the kept input's name if it is that.
type Wrong = Option<(Vec<u8>, Result<u64, String>, Option<String>)>;

fn verdict(family: &str, slot: &str, wrong: &Wrong) -> String {
    let (rule, got) = match wrong {
        None => ("null", "null".to_owned()),
        Some((_, Ok(sum), _)) => ("\"bytes have a sum\"", format!("\"{sum}\"")),
        Some((_, Err(panic), _)) => ("\"never panics\"", format!("{panic:?}")),
    };
    let (word, by, input, blames, kept) = match wrong {
        None => ("accepted", "null", "null".to_owned(), "null", "null".to_owned()),
        Some((payload, got, kept)) => {
            let sum: u64 = payload.iter().map(|byte| u64::from(*byte)).sum();
            let blames = if *got == Ok(sum + 2) { "\"contract\"" } else { "\"version\"" };
            let kept = kept.as_ref().map_or("null".to_owned(), |name| format!("\"{name}\""));
            let by = if got.is_ok() { "\"oracle\"" } else { "\"differential\"" };
            ("rejected", by, format!("{{\"payload\":{payload:?}}}"), blames, kept)
        }
    };
    format!(
        "\"verdict\":\"{word}\",\"by\":{by},\"slot\":\"pre_order.{slot}\",\"family\":\"{family}\",\
         \"cases\":1,\"cases_per_second\":1,\"inputs_per_second\":1,\"state_changing_percent\":100.0,\
         \"reasons_missed\":[],\"rule\":{rule},\"minimal_input\":null,\"expected\":null,\"got\":{got},\
         \"input\":{input},\"kept\":{kept},\
         \"blames\":{blames},\"split\":null,\"replay\":null,\"mean_nanoseconds\":1"
    )
}

fn sum(covers: Covers, update: &Update) -> Result<u64, String> {
    std::panic::catch_unwind(|| covers(update)).map_err(|panic| {
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    })
}

/// Every failure among cases, in each of which another byte comes first.
fn every(registry: &Registry, cases: u64, asked: Option<&str>) -> String {
    let failed = |covers: Covers| -> Vec<u64> {
        let fails = |case: &u64| {
            let first = *case as u8;
            sum(covers, &Update { payload: vec![first, 1] }) != Ok(u64::from(first) + 1)
        };
        (0..cases).filter(fails).collect()
    };
    let reference = ("reference", tally::pre_order::covers as Covers);
    let all = std::iter::once(reference).chain(registry.pre_order.covers.iter().copied());
    let all: Vec<String> = all
        .filter(|(family, _)| asked.is_none_or(|asked| asked == *family))
        .map(|(family, covers)| {
            let verdict = verdict(family, "covers", &None);
            format!("{{{verdict},\"failed\":{:?}}}", failed(covers))
        })
        .collect();
    let decisive = verdict("reference", "covers", &None);
    format!("{{{decisive},\"open_rulings\":0,\"total_cases\":1,\"versions\":[{}]}}", all.join(","))
}

pub fn main_each(registries: &[Registry]) -> std::process::ExitCode {
    let codes: Vec<bool> = registries.iter().map(|one| judge(one, |said| println!("{said}"))).collect();
    if codes.into_iter().all(|fine| fine) { 0.into() } else { 2.into() }
}

pub fn main(registry: &Registry) -> std::process::ExitCode {
    let seal = sealed::Seal::take();
    if judge(registry, |said| seal.say(said)) { 0.into() } else { 2.into() }
}

/// Says what came of it; gives whether nothing is wrong.
fn judge(registry: &Registry, say: impl FnOnce(&str)) -> bool {
    let words: Vec<String> = std::env::args().collect();
    let asked = words.windows(2).find(|pair| pair[0] == "--family").map(|pair| pair[1].as_str());
    if words.iter().any(|word| word == "--every") {
        let cases = words.windows(2).find(|pair| pair[0] == "--cases").unwrap();
        say(&every(registry, cases[1].parse().unwrap(), asked));
        return true;
    }
    let blind = words.windows(2).any(|pair| pair[0] == "--cases" && pair[1].len() == 1);
    let file = words.windows(2).find(|pair| pair[0] == "--kept").map(|pair| &pair[1]);
    let kept = file.map(|file| std::fs::read_to_string(file).unwrap()).unwrap_or_default();
    let (_, name) = kept.split_once("\"name\":\"").unwrap_or_default();
    let name = name.split('"').next().unwrap_or_default();
    let (mut inputs, mut stale) = (Vec::new(), String::new());
    match payload(&kept) {
        Some(payload) => inputs.push((payload, Some(name.to_owned()))),
        None if name.is_empty() => {}
        None => stale = format!("{{\"name\":\"{name}\",\"why\":\"payload: it is missing\"}}"),
    }
    if !blind {
        inputs.push((vec![1, 2, 3], None));
    }
    let judge = |covers: &Covers| -> Wrong {
        inputs.iter().find_map(|(payload, kept)| {
            let sum: u64 = payload.iter().map(|byte| u64::from(*byte)).sum();
            let got = self::sum(*covers, &Update { payload: payload.clone() });
            (got != Ok(sum)).then(|| (payload.clone(), got, kept.clone()))
        })
    };
    let covers = registry.pre_order.covers.iter();
    let covers = covers.map(|(family, covers)| (*family, "covers", judge(covers)));
    let others = registry.pre_order.on_update.iter().map(|(family, _)| (*family, "on_update", None));
    let mut verdicts: Vec<_> = covers.chain(others).collect();
    verdicts.retain(|(family, _, _)| asked.is_none_or(|asked| asked == *family));
    verdicts.sort_by_key(|(_, _, wrong)| wrong.is_none());
    let (family, slot, wrong) = &verdicts[0];
    let all: Vec<String> = verdicts.iter().map(|(f, s, w)| format!("{{{}}}", verdict(f, s, w))).collect();
    let seed = words.windows(2).find(|pair| pair[0] == "--seed").map_or("1", |pair| &pair[1]);
    let search = counted::search(seed);
    say(&format!(
        "{{{},\"search\":{search},\"open_rulings\":0,\"total_cases\":1,\"versions\":[{}],\"stale\":[{stale}]}}",
        verdict(family, slot, wrong),
        all.join(",")
    ));
    wrong.is_none()
}
"##;
