//! Replicas killed and revived again and again under load, and what clients saw of it.
//!
//! At any time at most f replicas are down or behind, so a cluster must lose nothing that it
//! acknowledged and must not stand still for long: whoever is killed while it leads is voted out by
//! the others. The replicas are taken in turn, the leader's included.

use crate::init::{bench_client, client_folder};
use crate::status;
use crate::supervise::{Running, kill, start_one};
use crate::{ClusterError, folder};
use client::{Client, Options};
use kv::{Answer, Command, Key, Value};
use serde::Serialize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use wire::ReplicaId;

/// How long replicas stay down.
const DOWN: Duration = Duration::from_millis(1500);

/// How long all are up before the next ones are killed.
const UP: Duration = Duration::from_millis(500);

/// Longest that an answer, or a revived replica's catching up, is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keys that are asked for at the same time, in the end.
const READS: usize = 256;

/// How often a revived replica is asked whether it has caught up.
const ASK: Duration = Duration::from_millis(100);

/// What to do to a running cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Churn {
    /// For how long.
    pub duration: Duration,
    /// Updates outstanding. From 1.
    pub outstanding: usize,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChurnReport {
    /// Updates acknowledged.
    pub updates: u64,
    /// Of those, how many are not there afterwards.
    pub lost: u64,
    /// Updates that were executed more than once.
    pub repeated: u64,
    /// Longest time between two answers. Unit: milliseconds.
    pub longest_gap_ms: f64,
    /// Gaps of over half a second.
    pub long_gaps: u64,
    /// Replicas killed.
    pub kills: u64,
    /// How often all that were killed together were revived again.
    pub rounds: u64,
    /// By how much the installed view grew.
    pub view_changes: u64,
    /// Replicas against which another holds proof, or whose link it refuses. None of them is faulty.
    pub suspected: Vec<u16>,
    /// Workload: for how long.
    pub seconds: f64,
    /// Workload: updates outstanding.
    pub clients: usize,
}

/// Kills and revives f replicas of the running cluster in `dir` again and again under load, then
/// reads all that was acknowledged. Tells `progress` now and then how many updates were. Once
/// `cancel` is set, what is down is revived and nothing more is done.
///
/// # Errors
/// [`ClusterError`]: the cluster does not run, a replica does not start or catch up again, an
/// update is not answered at all, or [`ClusterError::Cancelled`].
pub fn churn(
    dir: &Path,
    churn: &Churn,
    cancel: &AtomicBool,
    mut progress: impl FnMut(u64),
) -> Result<ChurnReport, ClusterError> {
    let cluster = folder::read(dir)?;
    let view = installed(dir)?;
    let writer = Writer::start(dir, churn.outstanding)?;
    let mut report = ChurnReport {
        updates: 0,
        lost: 0,
        repeated: 0,
        longest_gap_ms: 0.0,
        long_gaps: 0,
        kills: 0,
        rounds: 0,
        view_changes: 0,
        suspected: Vec::new(),
        seconds: churn.duration.as_secs_f64(),
        clients: churn.outstanding,
    };
    let mut running = Running::default();
    let all: Vec<_> = cluster.config.replicas().collect();
    let mut turns = all.iter().copied().cycle();
    let end = Instant::now() + churn.duration;
    while Instant::now() + DOWN < end {
        let victims: Vec<_> = turns.by_ref().take(usize::from(cluster.config.f)).collect();
        for id in &victims {
            kill(dir, *id)?;
            report.kills += 1;
        }
        rest(DOWN, cancel);
        for id in &victims {
            running.join(start_one(dir, *id)?);
        }
        if cancel.load(Ordering::Relaxed) {
            break;
        }
        await_caught_up(dir, &victims)?;
        report.rounds += 1;
        running.exits();
        progress(writer.acknowledged.load(Ordering::Relaxed));
        rest(UP, cancel);
        if cancel.load(Ordering::Relaxed) {
            break;
        }
    }
    if cancel.load(Ordering::Relaxed) {
        writer.leave();
        return Err(ClusterError::Cancelled);
    }
    let written = writer.stop()?;
    report.updates = written.keys.len() as u64;
    report.repeated = written.repeated;
    report.longest_gap_ms = written.longest_gap.as_secs_f64() * 1000.0;
    report.long_gaps = written.long_gaps;
    report.lost = written.lost;
    report.view_changes = installed(dir)?.saturating_sub(view);
    let replicas = status(dir)?.replicas;
    report.suspected = replicas.iter().filter(|r| r.suspected).map(|r| r.id).collect();
    Ok(report)
}

/// Sleeps, but not beyond `cancel`.
fn rest(time: Duration, cancel: &AtomicBool) {
    let end = Instant::now() + time;
    while Instant::now() < end && !cancel.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The latest view that any replica has installed.
fn installed(dir: &Path) -> Result<u64, ClusterError> {
    Ok(status(dir)?.replicas.iter().filter_map(|replica| replica.view).max().unwrap_or_default())
}

/// Returns when `revived` have executed what the others had when this was called.
fn await_caught_up(dir: &Path, revived: &[ReplicaId]) -> Result<(), ClusterError> {
    let executed = |replica: &crate::ReplicaStatus| replica.executed.unwrap_or_default();
    let goal = status(dir)?.replicas.iter().map(executed).max().unwrap_or_default();
    let end = Instant::now() + PATIENCE;
    loop {
        let replicas = status(dir)?.replicas;
        let behind = |replica: &&crate::ReplicaStatus| {
            revived.contains(&ReplicaId(replica.id)) && executed(replica) < goal
        };
        let Some(late) = replicas.iter().find(behind) else { return Ok(()) };
        if Instant::now() > end {
            let (id, seconds) = (ReplicaId(late.id), PATIENCE.as_secs());
            return Err(ClusterError::Behind { id, executed: executed(late), goal, seconds });
        }
        std::thread::sleep(ASK);
    }
}

/// Asks for all of `keys`; how many are not there.
async fn count_lost(client: &Client, keys: &[String]) -> Result<u64, ClusterError> {
    let mut asked = tokio::task::JoinSet::new();
    let (mut keys, mut lost) = (keys.iter(), 0);
    loop {
        while asked.len() < READS
            && let Some(key) = keys.next()
        {
            let (client, key) = (client.clone(), key.clone());
            asked.spawn(async move {
                run(&client, &Command::Get { key: key_of(&key) })
                    .await
                    .map(|answer| answer == Answer::Found(value_of(&key)))
            });
        }
        let Some(is_there) = asked.join_next().await else { return Ok(lost) };
        lost += u64::from(!is_there.map_err(std::io::Error::other)??);
    }
}

fn key_of(text: &str) -> Key {
    Key::new(text.into()).expect("keys made here are short")
}

fn value_of(text: &str) -> Value {
    Value::new(text.into()).expect("values made here are short")
}

/// A client in a thread of its own that stores one new key after another.
struct Writer {
    stop: Arc<AtomicBool>,
    /// Whether nothing of what was written is read in the end.
    unread: Arc<AtomicBool>,
    acknowledged: Arc<AtomicU64>,
    thread: JoinHandle<Result<Written, ClusterError>>,
}

#[derive(Default)]
struct Written {
    /// What was acknowledged.
    keys: Vec<String>,
    /// Of those, how many are not there afterwards.
    lost: u64,
    repeated: u64,
    longest_gap: Duration,
    long_gaps: u64,
}

impl Writer {
    /// Returns when the first answer is there.
    fn start(dir: &Path, outstanding: usize) -> Result<Self, ClusterError> {
        let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let unread = Arc::new(AtomicBool::new(false));
        let shared = (Arc::clone(&stop), Arc::clone(&unread), Arc::clone(&acknowledged));
        let folder = client_folder(dir, &bench_client(1));
        let (begun, is_begun) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(write(
                &folder,
                outstanding.max(1),
                (&shared.0, &shared.1),
                &shared.2,
                &begun,
            ))
        });
        let writer = Self { stop, unread, acknowledged, thread };
        match is_begun.recv() {
            Ok(()) => Ok(writer),
            Err(_) => writer.stop().and(Err(ClusterError::Load("it did not begin".to_string()))),
        }
    }

    /// Returns when all that was submitted is answered; whatever came of it is not asked for.
    fn leave(self) {
        self.unread.store(true, Ordering::Relaxed);
        // The churn is given up, whatever the client says to it.
        let _ = self.stop();
    }

    /// Returns when all that was submitted is answered, and then read.
    fn stop(self) -> Result<Written, ClusterError> {
        self.stop.store(true, Ordering::Relaxed);
        let failed = |_| ClusterError::Load("the client panicked".to_string());
        self.thread.join().map_err(failed)?
    }
}

async fn write(
    folder: &Path,
    outstanding: usize,
    (stop, unread): (&AtomicBool, &AtomicBool),
    acknowledged: &AtomicU64,
    begun: &mpsc::Sender<()>,
) -> Result<Written, ClusterError> {
    let client = Client::connect(folder, Options::default()).await?;
    // Keys that no earlier run has used.
    let mut run = [0; 4];
    getrandom::fill(&mut run).map_err(std::io::Error::other)?;
    let run = u32::from_le_bytes(run);
    let mut written = Written::default();
    let mut slots = tokio::task::JoinSet::new();
    let mut next = 0_u64;
    let mut last: Option<Instant> = None;
    loop {
        while slots.len() < outstanding && !stop.load(Ordering::Relaxed) {
            let (client, key) = (client.clone(), format!("churn/{run:08x}/{next}"));
            next += 1;
            slots.spawn(async move { store(&client, key).await });
        }
        let Some(stored) = slots.join_next().await else { break };
        let (key, is_new) = stored.map_err(std::io::Error::other)??;
        let now = Instant::now();
        let gap = last.map_or(Duration::ZERO, |last| now - last);
        written.longest_gap = written.longest_gap.max(gap);
        written.long_gaps += u64::from(gap > Duration::from_millis(500));
        written.repeated += u64::from(!is_new);
        if last.is_none() {
            // Nobody listens any more once it is told.
            let _ = begun.send(());
        }
        last = Some(now);
        written.keys.push(key);
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    if !unread.load(Ordering::Relaxed) {
        written.lost = count_lost(&client, &written.keys).await?;
    }
    client.close(Duration::from_secs(1)).await;
    Ok(written)
}

/// Stores `key`; whether it was not there before.
async fn store(client: &Client, key: String) -> Result<(String, bool), ClusterError> {
    match run(client, &Command::Put { key: key_of(&key), value: value_of(&key) }).await? {
        Answer::Stored { replaced } => Ok((key, !replaced)),
        other => {
            Err(ClusterError::Load(format!("{key} was to be stored; the answer is {other:?}")))
        }
    }
}

async fn run(client: &Client, command: &Command) -> Result<Answer, ClusterError> {
    let answer = tokio::time::timeout(PATIENCE, client.submit(command.encode())).await;
    let answer = answer.map_err(|_| ClusterError::NoAnswer { seconds: PATIENCE.as_secs() })??;
    Answer::decode(&answer).map_err(ClusterError::BadAnswer)
}
