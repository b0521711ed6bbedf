//! `patchy export`.

use crate::context::Context;
use crate::exit::{Failure, Result};
use crate::judge::{bench_for, refused};
use crate::kept::Kept;
use crate::output::Output;
use crate::progress::building;
use crate::report::Report;
use patcher::{Inventory, Project, Runner, VersionFile, export_runner, sha256, toolchain};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use verdict::{KeptInput, fuzz_source, is_benched};

/// Writes something out for other tools.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: patchy export fuzz --slot pre_order.covers -o target-covers")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// A libFuzzer target for one slot: a workspace of its own, with the inputs that are kept
    Fuzz(Fuzz),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: patchy export fuzz --slot pre_order.covers -o target-covers")]
struct Fuzz {
    /// The slot, as component.slot
    #[arg(long, value_name = "S")]
    slot: String,
    /// A folder that is new or empty
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Report> {
    let What::Fuzz(Fuzz { slot, output }) = &arguments.what;
    let (project, inventory) = context.inventory()?;
    let path = inventory.slot(slot)?.path.clone();
    let slot = path.to_string();
    if !is_benched(&path.component, &path.name) {
        return Err(Failure::usage(format!("the bench has no way yet to judge {slot}")));
    }
    let kept = Kept::read(&project, &inventory)?;
    let inputs = kept.of(&BTreeSet::from([slot.clone()]));
    if inputs.is_empty() {
        return Err(Failure::usage(format!(
            "no inputs are kept of {slot}, and a fuzzer has to begin with some: `patchy fuzz --slot \
             {slot}` finds them"
        )));
    }
    empty(output)?;
    let versions = inventory.versions().filter(|version| version.slot == path);
    let versions: Vec<VersionFile> =
        versions.filter(|version| refused(version, false).is_none()).cloned().collect();
    let name = format!("fuzz-{}", slot.replace('.', "-"));
    write(&project, &inventory, (&slot, &name), versions.clone(), output)?;
    write_around(&project, (&slot, &name), &inputs, output)?;
    let run = format!("cargo run --release -p {name} -- -max_len=65536 corpus");
    let json = json!({
        "slot": slot,
        "folder": output,
        "versions": versions.iter().map(VersionFile::name).collect::<Vec<_>>(),
        "inputs": inputs.len(),
        "run": run,
    });
    let text = format!(
        "{} versions of {slot} and {} inputs, in {}: `{run}` there fuzzes them",
        versions.len(),
        inputs.len(),
        output.display()
    );
    Ok(Report::done(json, text))
}

/// Makes a folder; refuses one in which something stands.
fn empty(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    let mut entries = fs::read_dir(folder).map_err(Failure::file(folder))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => {
            let sentence = format!("{}: the folder is not empty: name another", folder.display());
            Err(Failure::usage(sentence))
        }
    }
}

fn write(
    project: &Project,
    inventory: &Inventory,
    (slot, name): (&str, &str),
    versions: Vec<VersionFile>,
    output: &Path,
) -> Result<()> {
    let names = versions.iter().map(|version| {
        (version.family.clone(), version.slot.component.clone(), version.slot.name.clone())
    });
    let main = fuzz_source(slot, &names.collect::<Vec<_>>());
    let mut dependencies = bench_for(inventory, std::iter::once(slot.to_owned()));
    dependencies.insert("libfuzzer-sys".to_owned(), Vec::new());
    let runner = Runner { main, dependencies, versions, ..Runner::default() };
    building("writing", |watch| export_runner(project, &runner, name, output, watch))?;
    Ok(())
}

/// What stands beside the crates: how they are compiled, the inputs, and what to do with it all.
fn write_around(
    project: &Project,
    (slot, name): (&str, &str),
    inputs: &[&KeptInput],
    output: &Path,
) -> Result<()> {
    let said = toolchain(project)?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let corpus = output.join("corpus");
    let cargo = output.join(".cargo");
    for folder in [&corpus, &cargo] {
        fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    }
    let file = |path: &Path, text: &str| Output::open(path, "-o")?.write(text);
    file(&cargo.join("config.toml"), &CONFIG.replace("HOST", host))?;
    file(&output.join("README.md"), &README.replace("SLOT", slot).replace("NAME", name))?;
    for input in inputs {
        let text = input.input.to_string();
        let hash = sha256(text.as_bytes());
        file(&corpus.join(hash.get(..16).unwrap_or(&hash)), &text)?;
    }
    Ok(())
}

const CONFIG: &str = "\
# Counters and traced comparisons for libFuzzer. With a target named, build scripts go without.
[build]
target = \"HOST\"
rustflags = [
    \"-Cpasses=sancov-module\",
    \"-Cllvm-args=-sanitizer-coverage-level=3\",
    \"-Cllvm-args=-sanitizer-coverage-inline-8bit-counters\",
    \"-Cllvm-args=-sanitizer-coverage-pc-table\",
    \"-Cllvm-args=-sanitizer-coverage-trace-compares\",
]
";

const README: &str = "\
# Fuzzing SLOT

Versions of one slot and the reference, on the same inputs: they must do what the slot's oracle demands
and what the others do. Needs a stable Rust toolchain and a C++ compiler, which builds libFuzzer.

```sh
cargo run --release -p NAME -- -max_len=65536 corpus            # goes on until something is found
cargo run --release -p NAME -- crash-0123456789abcdef           # that input again
```

An input is a state, arguments and a configuration as JSON, a field for each field. The target changes
inputs by their structure; what is no input is passed over. What it finds is printed with the rule broken,
what was expected and what came of it.
";
