//! The program that a runner is.

#[cfg(feature = "coverage")]
use crate::engine::Searched;
use crate::options::{HELP, Options};
use crate::registry::{Registry, Selection, slots};
use crate::world::Corpus;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use verdict::{Decision, Mouth, Report, Search, Stale, Verdict};

/// Reads the command line, judges, and says what came of it.
#[must_use]
pub fn main(registry: &Registry) -> ExitCode {
    main_each(std::slice::from_ref(registry))
}

/// Judges one registry after the other upon the same inputs, which are recorded once, and says what came of
/// each as soon as it is known. Under a seal only the first is answered.
#[must_use]
pub fn main_each(registries: &[Registry]) -> ExitCode {
    match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => run(registries, &options),
        Ok(None) => {
            say(HELP);
            ExitCode::SUCCESS
        }
        Err(sentence) => complain(&sentence),
    }
}

fn complain(sentence: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{sentence}");
    ExitCode::from(1)
}

fn say(text: &str) {
    // A reader that has gone away is no reason to fail.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn run(registries: &[Registry], options: &Options) -> ExitCode {
    // Before any version has run.
    let mouth = match Mouth::new(options.sealed) {
        Ok(mouth) => mouth,
        Err(sentence) => return complain(&sentence),
    };
    let named = options.slot.iter().flat_map(|slots| slots.split(','));
    let unknown = named.into_iter().find(|slot| !slots().contains(slot));
    let judged = match unknown {
        Some(slot) => Err(format!("{slot}: the bench has no such slot")),
        None => {
            let corpus = Corpus::record(options.seed);
            let mut codes = registries.iter().map(|one| judge(one, options, &mouth, &corpus));
            codes.try_fold(0, |worst, code| Ok(code?.max(worst)))
        }
    };
    match judged {
        Ok(code) => ExitCode::from(code),
        Err(sentence) => {
            // Whoever reads neither this nor that is told by the code.
            let _ = mouth.answer::<Report>(&Err(sentence.clone()));
            complain(&sentence)
        }
    }
}

/// Judges, and says what came of it; gives the exit code.
fn judge(
    registry: &Registry,
    options: &Options,
    mouth: &Mouth,
    corpus: &Corpus,
) -> Result<u8, String> {
    let selection = Selection { slot: options.slot.as_deref(), family: options.family.as_deref() };
    // Slots are judged side by side: the first that is given up has the only word.
    let given_up = Mutex::new(());
    let give_up = |verdict: Verdict| {
        let _first = given_up.lock();
        let code = tell(options, mouth, vec![verdict], Vec::new(), None);
        std::process::exit(i32::from(code.unwrap_or(1)));
    };
    let stale = registry.stale(&options.plan.kept);
    if options.search {
        return search(registry, options, mouth, corpus, &give_up);
    }
    let mut verdicts = registry.judge(corpus, &selection, &options.plan, &give_up);
    if options.plan.whole {
        verdicts.extend(registry.sequences(corpus, &selection, &options.plan, &give_up));
    }
    if verdicts.is_empty() {
        return Err(String::from("no version is selected: see --slot and --family"));
    }
    tell(options, mouth, verdicts, stale, None)
}

/// Judges one slot upon inputs that are searched for.
#[cfg(feature = "coverage")]
fn search(
    registry: &Registry,
    options: &Options,
    mouth: &Mouth,
    corpus: &Corpus,
    give_up: &(dyn Fn(Verdict) + Sync),
) -> Result<u8, String> {
    let Some(slot) = options.slot.as_deref() else {
        return Err(String::from("--search: name a slot with --slot"));
    };
    if coverage::edges() == 0 {
        return Err(String::from("--search: nothing in this program was compiled with counters"));
    }
    let stale = registry.stale(&options.plan.kept);
    let counters = &mut crate::engine::Counters;
    let Some(searched) = registry.search(corpus, slot, &options.plan, counters, give_up) else {
        return Err(format!("--search: {slot} is more than one slot: name one"));
    };
    let Searched { verdicts, corpus, features } = searched;
    let edges = coverage::edges() as u64;
    let search = Search { edges, features, corpus };
    tell(options, mouth, verdicts, stale, Some(search))
}

#[cfg(not(feature = "coverage"))]
fn search(
    _registry: &Registry,
    _options: &Options,
    _mouth: &Mouth,
    _corpus: &Corpus,
    _give_up: &(dyn Fn(Verdict) + Sync),
) -> Result<u8, String> {
    Err(String::from("--search: this program was built without the bench's feature `coverage`"))
}

/// Says the verdicts; gives the exit code.
fn tell(
    options: &Options,
    mouth: &Mouth,
    verdicts: Vec<Verdict>,
    stale: Vec<Stale>,
    search: Option<Search>,
) -> Result<u8, String> {
    let report = Report::new(verdicts).ok_or_else(|| String::from("there is nothing to say"))?;
    let report = Report { stale, search, ..report };
    let code = report.exit_code();
    if options.sealed {
        mouth.answer(&Ok(report)).map_err(|error| error.to_string())?;
    } else if options.json {
        let text = serde_json::to_string(&report).map_err(|error| error.to_string())?;
        say(&format!("{text}\n"));
    } else if options.benchmark {
        say(&speeds(&report));
    } else {
        report.versions.iter().for_each(|verdict| say(&text(verdict)));
    }
    Ok(code)
}

fn indented(title: &str, text: Option<&String>) -> String {
    text.map_or_else(String::new, |text| {
        format!("  {title}\n    {}\n", text.replace('\n', "\n    "))
    })
}

/// One verdict for a person, on a screen.
fn text(verdict: &Verdict) -> String {
    let decision = match verdict.verdict {
        Decision::Accepted => "accepted",
        Decision::Undecided => "undecided",
        Decision::Rejected => "REJECTED",
    };
    let by = verdict.by.map_or_else(String::new, |by| format!(" by {by:?}").to_lowercase());
    let blames = verdict
        .blames
        .map_or_else(String::new, |blames| format!(", blames the {blames:?}").to_lowercase());
    let mut text = format!(
        "{} {}: {decision}{by}{blames} ({} cases, {} cases/s, something comes of {} %)\n",
        verdict.slot,
        verdict.family,
        verdict.cases,
        verdict.cases_per_second,
        verdict.state_changing_percent
    );
    text.push_str(&indented("rule", verdict.rule.as_ref()));
    text.push_str(&indented("input", verdict.minimal_input.as_ref()));
    text.push_str(&indented("expected", verdict.expected.as_ref()));
    text.push_str(&indented("got", verdict.got.as_ref()));
    text.push_str(&indented("votes", verdict.split.as_ref()));
    text.push_str(&indented("kept as", verdict.kept.as_ref()));
    text.push_str(&indented("again", verdict.replay.as_ref().map(|replay| &replay.command)));
    text
}

/// Speeds, a line for each slot.
fn speeds(report: &Report) -> String {
    let mut text = format!(
        "{:<36}{:>10}{:>10}{:>10}{:>10}  {}\n",
        "slot", "cases/s", "inputs/s", "changing", "ns/call", "verdict"
    );
    for verdict in report.versions.iter().filter(|verdict| verdict.family == "reference") {
        text.push_str(&format!(
            "{:<36}{:>10}{:>10}{:>9}%{:>10}  {:?}{}\n",
            verdict.slot,
            verdict.cases_per_second,
            verdict.inputs_per_second,
            verdict.state_changing_percent,
            verdict.mean_nanoseconds,
            verdict.verdict,
            verdict.rule.as_ref().map_or_else(String::new, |rule| format!(": {rule}"))
        ));
    }
    text
}
