//! Closed-loop load: a fixed number of updates outstanding, each answer followed by the next
//! update. One client, so one key, a process.

use crate::{Client, ClientError, Histogram, Options, Signing};
use kv::{Command, Key, MAX_VALUE, Value};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Different keys that one outstanding slot writes in turn: bounds the state under load.
const KEYS: u64 = 64;

/// Least payload: room for the key and the encoding. Unit: bytes.
pub const LEAST_PAYLOAD: usize = 64;

/// How long after the end answers are still waited for.
const DRAIN: Duration = Duration::from_secs(10);

/// How often progress is told.
const PROGRESS: Duration = Duration::from_millis(200);

/// What load to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// Folder of the client.
    pub client: PathBuf,
    /// Updates outstanding.
    pub outstanding: usize,
    /// For how long.
    pub duration: Duration,
    /// Length of an update's payload, at least [`LEAST_PAYLOAD`]. Unit: bytes.
    pub payload: usize,
    /// See [`Signing`].
    pub signing: Signing,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadReport {
    /// Updates answered within the duration.
    pub updates: u64,
    /// Updates answered after it, while the rest was awaited.
    pub late: u64,
    /// Updates refused, or not answered at all.
    pub errors: u64,
    /// The first refusal, in words.
    pub first_error: Option<String>,
    /// Between the first update and the end of the duration. Unit: seconds.
    pub seconds: f64,
    /// Of the updates answered within the duration.
    pub latency: Histogram,
}

/// What one outstanding slot counts.
#[derive(Default)]
struct Tally {
    latency: Histogram,
    late: u64,
    errors: u64,
    first_error: Option<String>,
}

/// A command whose encoding has exactly `payload` bytes.
fn command(slot: usize, turn: u64, payload: usize) -> Command {
    let key = format!("load/{slot:04}/{:02}", turn % KEYS).into_bytes();
    let length = payload.saturating_sub(key.len() + 9).min(MAX_VALUE);
    let mut value = turn.to_le_bytes().to_vec();
    value.resize(length, b'.');
    let key = Key::new(key).expect("short by construction");
    Command::Put { key, value: Value::new(value).expect("limited above") }
}

async fn slot(
    client: Client,
    slot: usize,
    load: Load,
    end: Instant,
    done: Arc<AtomicU64>,
) -> Tally {
    let mut tally = Tally::default();
    let mut turn = 0;
    while Instant::now() < end {
        let payload = command(slot, turn, load.payload).encode();
        let began = Instant::now();
        match client.submit(payload).await {
            Ok(_) if Instant::now() <= end => {
                let micros = began.elapsed().as_micros();
                tally.latency.add(u64::try_from(micros).unwrap_or(u64::MAX));
                done.fetch_add(1, Ordering::Relaxed);
            }
            Ok(_) => tally.late += 1,
            Err(error) => {
                tally.errors += 1;
                tally.first_error.get_or_insert_with(|| error.to_string());
            }
        }
        turn += 1;
    }
    tally
}

/// Makes the load; tells `progress` now and then how many updates were answered so far.
///
/// # Errors
/// [`ClientError`]: the client cannot connect.
pub async fn run(load: &Load, mut progress: impl FnMut(u64)) -> Result<LoadReport, ClientError> {
    let options = Options { signing: load.signing, ..Options::default() };
    let client = Client::connect(&load.client, options).await?;
    let done = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let end = began + load.duration;
    let mut slots = JoinSet::new();
    for number in 0..load.outstanding {
        slots.spawn(slot(client.clone(), number, load.clone(), end, Arc::clone(&done)));
    }
    let mut report = LoadReport { seconds: load.duration.as_secs_f64(), ..LoadReport::default() };
    let mut tick = interval(PROGRESS);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let drained = tokio::time::sleep_until(end + DRAIN);
    tokio::pin!(drained);
    loop {
        tokio::select! {
            joined = slots.join_next() => match joined {
                Some(Ok(tally)) => {
                    report.updates += tally.latency.count();
                    report.late += tally.late;
                    report.errors += tally.errors;
                    report.latency.merge(&tally.latency);
                    report.first_error = report.first_error.take().or(tally.first_error);
                }
                Some(Err(_)) => report.errors += 1,
                None => break,
            },
            _ = tick.tick() => progress(done.load(Ordering::Relaxed)),
            () = &mut drained => {
                // What these slots did before they hung is not known any more.
                report.errors += slots.len() as u64;
                let hung = format!("{} updates were never answered", slots.len());
                report.first_error.get_or_insert(hung);
                slots.abort_all();
                break;
            }
        }
    }
    client.close(Duration::from_secs(1)).await;
    Ok(report)
}

/// One line that a load process prints.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Updates answered so far.
    Progress(u64),
    /// The end.
    Report(LoadReport),
    /// It could not begin.
    Failed(String),
}

/// A load process: `--client DIR --outstanding C --millis MS --payload B --signing each|batch`,
/// after the words that led here. Prints [`Line`]s as JSON.
#[must_use]
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let ended = parse(args).and_then(|load| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let told = |updates| print(&Line::Progress(updates));
        runtime.block_on(run(&load, told)).map_err(|error| error.to_string())
    });
    match ended {
        Ok(report) => {
            print(&Line::Report(report));
            ExitCode::SUCCESS
        }
        Err(what) => {
            print(&Line::Failed(what));
            ExitCode::FAILURE
        }
    }
}

fn print(line: &Line) {
    if let Ok(text) = serde_json::to_string(line) {
        // Nobody is left to be told when standard output is gone.
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}

/// Reads the arguments of [`main`].
fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Load, String> {
    let mut args = args.into_iter();
    let mut load = Load {
        client: PathBuf::new(),
        outstanding: 1,
        duration: Duration::from_secs(1),
        payload: 512,
        signing: Signing::Each,
    };
    while let Some(name) = args.next() {
        let name = name.to_string_lossy().into_owned();
        let value = args.next().ok_or_else(|| format!("{name} needs a value"))?;
        let text = value.to_string_lossy();
        let number = || text.parse::<usize>().map_err(|_| format!("{name} {text}: not a number"));
        match &*name {
            "--client" => load.client = value.clone().into(),
            "--outstanding" => load.outstanding = number()?,
            "--millis" => load.duration = Duration::from_millis(number()? as u64),
            "--payload" => load.payload = number()?.max(LEAST_PAYLOAD),
            "--signing" if text == "each" => load.signing = Signing::Each,
            "--signing" if text == "batch" => load.signing = Signing::Batch,
            _ => return Err(format!("{name} {text}: no such option")),
        }
    }
    Ok(load)
}

impl Load {
    /// The arguments that make [`main`] run this load.
    #[must_use]
    pub fn args(&self) -> Vec<OsString> {
        let signing = match self.signing {
            Signing::Each => "each",
            Signing::Batch => "batch",
        };
        vec![
            "--client".into(),
            self.client.clone().into(),
            "--outstanding".into(),
            self.outstanding.to_string().into(),
            "--millis".into(),
            self.duration.as_millis().to_string().into(),
            "--payload".into(),
            self.payload.to_string().into(),
            "--signing".into(),
            signing.into(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{Load, Signing, command, parse};
    use std::time::Duration;

    #[test]
    fn a_payload_has_the_length_asked_for() {
        for payload in [64, 512, 4096] {
            for (slot, turn) in [(0, 0), (9999, u64::MAX)] {
                assert_eq!(command(slot, turn, payload).encode().len(), payload);
            }
        }
    }

    #[test]
    fn arguments_are_read_back() {
        let load = Load {
            client: "some/where".into(),
            outstanding: 50,
            duration: Duration::from_millis(1500),
            payload: 128,
            signing: Signing::Batch,
        };
        assert_eq!(parse(load.args()), Ok(load));
        for wrong in ["--client", "--outstanding x", "--signing none", "--what 1"] {
            parse(wrong.split(' ').map(Into::into)).unwrap_err();
        }
    }
}
