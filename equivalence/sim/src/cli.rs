//! The whole of a runner but its machine.

use crate::absence::Comeback;
use crate::arguments::{Arguments, USAGE};
use crate::clients::Payload;
use crate::cluster::Setup;
use crate::cryptography::Cryptography;
use crate::delay::{Measured, TurnAround};
use crate::minimise::minimise;
use crate::monitor::Watched;
use crate::overrides::Overrides;
use crate::pace::{self, Taken, Watch};
use crate::parameters::Load;
use crate::rng::Rng;
use crate::run::Report;
use crate::suite::{Demanded, Summary, suite, summarise};
use boundary::{Loaded, SchemeKind, ServiceKind};
use kv::{Command, Key, Store, Value};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use verdict::Mouth;
use wire::prime::Prime;
use wire::{Machine, Service};

/// All is well.
const HOLDS: u8 = 0;
/// Bad usage or input.
const USAGE_ERROR: u8 = 1;
/// Something was not executed or answered in time, or a replica died.
const LIVENESS_LOST: u8 = 3;
/// Replicas disagree, or did what no correct replica does.
const SAFETY_BROKEN: u8 = 4;

/// Violations that people are shown one by one.
const SHOWN: usize = 10;

/// Runs as the command line says, with `M` linked in, over the key-value store.
///
/// This is what a generated runner's `main` calls and returns.
#[must_use]
pub fn main<M: Machine<Protocol = Prime>>() -> ExitCode {
    match try_main::<M>(std::env::args()) {
        Ok(code) => code.into(),
        Err(sentence) => {
            eprintln!("{sentence}");
            USAGE_ERROR.into()
        }
    }
}

fn try_main<M: Machine<Protocol = Prime>>(
    words: impl IntoIterator<Item = String>,
) -> Result<u8, String> {
    let arguments = Arguments::parse(words)?;
    if arguments.help {
        println!("{USAGE}");
        return Ok(HOLDS);
    }
    // Before any replica is made.
    let mouth = Mouth::new(arguments.sealed)?;
    if arguments.libraries.is_empty() {
        let linked = kv_setup(|config, me| M::new(config, me, Box::new(Store::default())));
        return report(&arguments, &mouth, linked);
    }
    let libraries: Result<Vec<_>, _> =
        arguments.libraries.iter().map(|path| boundary::Library::open(path)).collect();
    let libraries = libraries.map_err(|error| error.to_string())?;
    let loaded = kv_setup_with(move |config, me, scheme| {
        let (library, scheme) = (&libraries[me.index()], scheme.clone());
        Loaded::create_with(library, config, me, scheme, ServiceKind::Store)
    });
    report(&arguments, &mouth, loaded)
}

/// A cluster of what `machine` makes, serving a key-value store to clients that use it.
///
/// `machine` is to give each replica an empty [`Store`].
pub fn kv_setup<M: Machine>(
    machine: impl Fn(&wire::Config, wire::ReplicaId) -> M + Send + Sync + 'static,
) -> Setup<M> {
    kv_setup_with(move |config, me, _| machine(config, me))
}

/// The same of machines that verify signatures for themselves.
pub fn kv_setup_with<M: Machine>(
    machine: impl Fn(&wire::Config, wire::ReplicaId, &SchemeKind) -> M + Send + Sync + 'static,
) -> Setup<M> {
    let service: fn() -> Box<dyn Service> = || Box::new(Store::default());
    Setup {
        machine: Box::new(machine),
        service,
        payload: kv_payload as Payload,
        deaths_tolerated: 0,
        overrides: Overrides::default(),
        cryptography: Cryptography::default(),
        told: false,
    }
}

/// One command in a small key space, so that clients meet; now and then no command at all.
fn kv_payload(rng: &mut Rng, load: &Load) -> Vec<u8> {
    let length = rng.range(load.payload.0..=load.payload.1);
    let bytes = rng.bytes(usize::try_from(length).expect("payloads are short"));
    let key: Key =
        wire::Blob::new(vec![b'k', b'0' + rng.below(8).to_le_bytes()[0]]).expect("two bytes");
    let command = match rng.below(16) {
        0..=7 => Command::Put { key, value: Value::new(bytes).expect("payloads are short") },
        8..=11 => Command::Get { key },
        12..=13 => Command::Delete { key },
        14 => Command::Scan { prefix: Key::default(), limit: 3 },
        _ => return bytes,
    };
    command.encode()
}

/// Runs, prints, and says how to exit.
fn report<M: Machine<Protocol: Watched>>(
    arguments: &Arguments,
    mouth: &Mouth,
    mut setup: Setup<M>,
) -> Result<u8, String> {
    setup.deaths_tolerated = arguments.deaths_tolerated;
    setup.told = arguments.told;
    setup.overrides = arguments.overrides;
    setup.cryptography = arguments.cryptography;
    if let Some(seed) = arguments.minimised {
        return Ok(report_smallest(arguments, seed, &mut setup));
    }
    let watch = Watch::start();
    let mut told = watch.since();
    let total = arguments.seeds.end - arguments.seeds.start;
    let watched = std::io::stderr().is_terminal();
    let summary =
        suite(arguments.seeds.clone(), &arguments.options, &setup, arguments.threads, |done| {
            if watched && told.elapsed() > Duration::from_secs(2) {
                told = Instant::now();
                eprint!("\r{done} of {total} runs");
            }
        });
    if watched && told != watch.since() {
        eprintln!();
    }
    let taken = watch.stop();
    if arguments.sealed {
        let json = Ok(to_json(arguments, &summary, taken));
        mouth.answer(&json).map_err(|error| format!("nobody takes the answer: {error}"))?;
    } else if arguments.json {
        println!("{}", to_json(arguments, &summary, taken));
    } else {
        print_for_people(arguments, &summary, taken);
    }
    Ok(exit_code(&summary))
}

/// Looks for a small run that goes wrong as that of `seed` does, and prints it.
fn report_smallest<M: Machine<Protocol: Watched>>(
    arguments: &Arguments,
    seed: u64,
    setup: &mut Setup<M>,
) -> u8 {
    let found = minimise(seed, &arguments.options, setup);
    let code = exit_code(&summarise(found.iter().map(|found| found.report.clone()).collect()));
    let smallest = found.and_then(|found| {
        let small = Arguments { overrides: found.overrides, ..arguments.clone() };
        let line = small.reproduce(seed);
        let json = violation_json(&small, &found.report)?;
        Some((found.report.violation?, found.report.simulated, found.tries, line, json))
    });
    match smallest {
        None if arguments.json => println!("{}", json!({ "violation": Json::Null })),
        None => println!("seed {seed}: nothing goes wrong"),
        Some((.., tries, _, json)) if arguments.json => {
            println!("{}", json!({ "violation": json, "tries": tries }));
        }
        Some((violation, simulated, tries, line, _)) => println!(
            "seed {seed}: {violation}\nafter {tries} runs, the smallest, of {} ms:\n  {line}",
            simulated / 1_000
        ),
    }
    code
}

fn exit_code(summary: &Summary) -> u8 {
    let mut kinds = summary.violations.iter().filter_map(|run| run.violation.as_ref());
    if summary.violations.is_empty() {
        HOLDS
    } else if kinds.any(|violation| violation.kind.is_safety()) {
        SAFETY_BROKEN
    } else {
        LIVENESS_LOST
    }
}

fn violation_json(arguments: &Arguments, run: &Report) -> Option<Json> {
    let violation = run.violation.as_ref()?;
    Some(json!({
        "seed": run.seed,
        "kind": format!("{:?}", violation.kind),
        "safety": violation.kind.is_safety(),
        "at_us": violation.at,
        "replica": violation.replica.map(|id| id.0),
        "detail": violation.detail,
        "faulty": faulty(run),
        "reproduce": arguments.reproduce(run.seed),
    }))
}

/// Who was Byzantine, and how.
fn faulty(run: &Report) -> BTreeMap<String, String> {
    run.tally.faulty.iter().map(|(id, attack)| (id.0.to_string(), attack.to_string())).collect()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn ms(us: u64) -> f64 {
    us as f64 / 1e3
}

fn to_json(arguments: &Arguments, summary: &Summary, taken: Taken) -> Json {
    let violations: Vec<_> =
        summary.violations.iter().filter_map(|run| violation_json(arguments, run)).collect();
    let nearest = summary.nearest.as_ref();
    let turn_around = nearest.and_then(|run| run.turn_around);
    let mut all = json!({
        "runs": summary.runs,
        "violations": violations,
        "updates": summary.executed,
        "updates_submitted": summary.submitted,
        "deliveries": summary.deliveries,
        "bytes": summary.bytes,
        "kills": summary.kills,
        "view_changes": summary.view_changes,
        "max_latency_ms": ms(nearest.map_or(summary.max_latency, |run| run.worst)),
        "bound_ms": nearest.map(|run| ms(run.bound.total())),
        "judged": nearest.map(|run| run.judged),
        "bounded": {
            "runs": summary.demanded.runs,
            "judging": summary.demanded.judging,
            "updates": summary.demanded.updates,
        },
        "tat_ms": turn_around.map(|it| ms(it.given)),
        "tat_acceptable_ms": turn_around.map(|it| ms(it.acceptable)),
        "memory_judged": summary.memory_judged.0,
        "memory_growth_judged": summary.memory_judged.1,
        "held_bytes": summary.fullest.0,
        "held_bytes_allowed": summary.fullest.1,
        "comebacks": summary.comebacks.len(),
        "slowest_comeback_ms": slowest(summary, false).map(comeback_json),
        "slowest_comeback_without_disk_ms": slowest(summary, true).map(comeback_json),
        "longest_pause_ms": ms(summary.longest_pause),
        "sent": summary.sent.iter().copied().collect::<BTreeMap<_, _>>(),
        "trace_digest": summary.trace.to_string(),
        "history_digest": summary.history.to_string(),
    });
    pace::add_to(&mut all, arguments, summary, taken);
    all
}

/// Of those that came back with an empty disk, or with their own, the one that took longest.
fn slowest(summary: &Summary, lost_disk: bool) -> Option<&Comeback> {
    let of = summary.comebacks.iter().filter(|one| one.lost_disk == lost_disk);
    of.max_by_key(|one| one.back)
}

fn comeback_json(one: &Comeback) -> Json {
    json!({ "missed": one.missed, "along": ms(one.along), "back": ms(one.back) })
}

/// How one came back, in a sentence.
fn told_of_comeback(one: &Comeback) -> String {
    let Comeback { replica, lost_disk, missed, along, back } = one;
    let how = if *lost_disk { "with an empty disk" } else { "with its own log" };
    format!(
        "slowest to come back {how}: replica {replica} missed {missed} updates, executed along {} ms \
         after its start, and was back after {} ms",
        ms(*along),
        ms(*back)
    )
}

/// The run that came nearest to its bound, in a sentence.
fn told_of_delay(run: &Measured) -> String {
    let (worst, bound) = (run.worst, run.bound.total());
    let share = |part: u64, of: u64| 100 * part / of.max(1);
    let mut told = format!(
        "nearest to its bound: the slowest of {} updates took {} of {} ms ({} %)",
        run.judged,
        ms(worst),
        ms(bound),
        share(worst, bound)
    );
    if let Some(TurnAround { given, acceptable }) = run.turn_around {
        let share = share(given, acceptable);
        told += &format!(
            ", leader's turn-around time {} of {} ms ({share} %)",
            ms(given),
            ms(acceptable)
        );
    }
    told
}

fn print_for_people(arguments: &Arguments, summary: &Summary, taken: Taken) {
    println!("{}", pace::told(arguments, summary, taken));
    println!(
        "{} of {} updates executed ({:.1} a simulated second), {} deliveries, {} kills, \
         {} view changes, slowest answer {} ms",
        summary.executed,
        summary.submitted,
        pace::density(summary),
        summary.deliveries,
        summary.kills,
        summary.view_changes,
        summary.max_latency / 1_000
    );
    let Demanded { runs: bounded, judging, updates } = summary.demanded;
    println!(
        "BOUNDED-DELAY: {bounded} of {} runs have a bound, {updates} updates in {judging} of them \
         were held against it",
        summary.runs
    );
    if let Some(run) = &summary.nearest {
        println!("{}", told_of_delay(run));
    }
    let ((judged, grown), (held, most)) = (summary.memory_judged, summary.fullest);
    println!(
        "memory judged in {judged} runs, in {grown} of them for growth too: {held} of {most} bytes held \
         at most ({} %)",
        100 * held / most.max(1)
    );
    let slowest = [false, true].map(|lost_disk| slowest(summary, lost_disk));
    slowest.into_iter().flatten().for_each(|one| println!("{}", told_of_comeback(one)));
    if !summary.comebacks.is_empty() {
        println!("longest time without an answer meanwhile: {} ms", ms(summary.longest_pause));
    }
    println!("trace {}", summary.trace);
    for run in summary.violations.iter().take(SHOWN) {
        let Some(violation) = &run.violation else { continue };
        let faulty: Vec<_> =
            faulty(run).into_iter().map(|(id, how)| format!(", replica {id} {how}")).collect();
        let (seed, faulty) = (run.seed, faulty.concat());
        println!("seed {seed}{faulty}: {violation}\n  {}", arguments.reproduce(seed));
    }
    if let Some(more) = summary.violations.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        println!("and {more} more; --json lists them all");
    }
    if summary.violations.is_empty() {
        println!("no violations");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delay::Bound;
    use crate::tally::Tally;
    use crate::violation::{Kind, Violation};
    use wire::Digest;

    fn report(kind: Kind) -> Report {
        Report {
            seed: 7,
            violation: Some(Violation { kind, at: 5, replica: None, detail: "x".into() }),
            trace: Digest::default(),
            history: Digest::default(),
            simulated: 5,
            pace: 0,
            submitted: 0,
            executed: 0,
            measured: None,
            tally: Tally::default(),
        }
    }

    const TAKEN: Taken = Taken { seconds: 1.0, processor: Some(0.5) };

    fn summary(kinds: &[Kind]) -> Summary {
        summarise(kinds.iter().copied().map(report).collect())
    }

    #[test]
    fn safety_outranks_liveness_in_the_exit_code() {
        assert_eq!(exit_code(&summary(&[])), HOLDS);
        assert_eq!(exit_code(&summary(&[Kind::Progress])), LIVENESS_LOST);
        assert_eq!(exit_code(&summary(&[Kind::Progress, Kind::Agreement])), SAFETY_BROKEN);
    }

    #[test]
    fn every_violation_says_how_to_see_it_again() {
        let arguments = Arguments::parse(["sim".to_string()]).unwrap();
        let json = to_json(&arguments, &summary(&[Kind::State]), TAKEN);
        assert_eq!(
            json["violations"][0]["reproduce"],
            "sim --replicas 4 --seeds 7..8 --faults network"
        );
        assert_eq!(json["bound_ms"], Json::Null);
    }

    #[test]
    fn rates_come_with_how_machines_were_run_and_what_they_had_to_do() {
        let report =
            |pace, simulated| Report { pace, simulated, executed: 3, ..report(Kind::State) };
        let summary = summarise(vec![report(4_000, 1_000_000), report(100_000, 2_000_000)]);
        let told = |words: &str| {
            let arguments = Arguments::parse(words.split(' ').map(String::from)).unwrap();
            to_json(&arguments, &summary, TAKEN)
        };
        let linked = told("sim --cryptography real");
        assert_eq!(linked["simulated_seconds_per_second"], 3.0);
        assert_eq!(linked["simulated_seconds_per_cpu_second"], 6.0);
        assert_eq!(linked["updates_per_simulated_second"], 2.0);
        assert_eq!(linked["pre_prepare_ms"], json!([4.0, 100.0]));
        assert_eq!(
            (&linked["machines"], &linked["cryptography"]),
            (&json!("linked"), &json!("real"))
        );
        let loaded = told("sim --library a --library b --library c --library d");
        assert_eq!(
            (&loaded["machines"], &loaded["cryptography"]),
            (&json!("loaded"), &json!("stub"))
        );
    }

    #[test]
    fn a_checker_that_judges_nothing_is_seen() {
        let arguments = Arguments::parse(["sim".to_string()]).unwrap();
        let json = to_json(&arguments, &summary(&[Kind::State]), TAKEN);
        assert_eq!(json["bounded"], json!({ "runs": 0, "judging": 0, "updates": 0 }));
        let report = |seed, judged| {
            let bound = Bound { way: 1, ..Bound::default() };
            let measured = Measured { bound, judged, ..Measured::default() };
            Report { measured: Some(measured), seed, ..report(Kind::State) }
        };
        let summary = summarise(vec![report(1, 0), report(2, 5), report(3, 6)]);
        let json = to_json(&arguments, &summary, TAKEN);
        assert_eq!(json["bounded"], json!({ "runs": 3, "judging": 2, "updates": 11 }));
    }
}
