//! Starting, watching and stopping replicas.

use crate::logs::{self, Panic, last_lines};
use crate::process::{Mark, Stopped};
use crate::status::ask;
use crate::{ClusterError, folder};
use layout::{Cluster, Host, NodeFile};
use rustix::process::Signal;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use wire::ReplicaId;

/// Longest that a replica may take from its start to its first answer: it reads its log.
const START: Duration = Duration::from_secs(60);

/// Longest that a replica may take to stop when it is asked.
const STOP: Duration = Duration::from_secs(10);

/// How often a starting replica is asked.
const ASK: Duration = Duration::from_millis(20);

/// Lines of a log that an error shows.
const LINES: usize = 10;

/// The host folder of replica `id`.
pub(crate) fn host_folder(dir: &Path, id: ReplicaId) -> PathBuf {
    dir.join(format!("replica-{id}"))
}

/// Replicas that this process started. Dropping it leaves them running.
#[derive(Debug, Default)]
pub struct Running {
    children: BTreeMap<ReplicaId, Started>,
}

#[derive(Debug)]
struct Started {
    child: Child,
    log: PathBuf,
    /// Length of the log before.
    log_from: u64,
}

/// The end of a replica's process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exit {
    /// Which.
    pub id: u16,
    /// Its process.
    pub pid: u32,
    /// Exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Where its code panicked, if it did.
    pub panic: Option<Panic>,
}

impl Running {
    /// The ends of replicas since the last call.
    pub fn exits(&mut self) -> Vec<Exit> {
        let mut exits = Vec::new();
        self.children.retain(|id, started| match started.child.try_wait() {
            Ok(Some(status)) => {
                exits.push(started.exit(*id, status));
                false
            }
            Ok(None) | Err(_) => true,
        });
        exits
    }

    /// Replicas that were started here and have not been seen to end.
    #[must_use]
    pub fn ids(&self) -> Vec<ReplicaId> {
        self.children.keys().copied().collect()
    }

    /// Takes over what `other` started.
    pub fn join(&mut self, other: Self) {
        self.children.extend(other.children);
    }
}

impl Started {
    fn exit(&self, id: ReplicaId, status: ExitStatus) -> Exit {
        Exit {
            id: id.0,
            pid: self.child.id(),
            code: status.code(),
            signal: status.signal(),
            panic: logs::panic(&self.log, self.log_from),
        }
    }
}

/// Whether replicas may still be started. Who ends a cluster while another thread starts it closes
/// this first: else a replica that is started a moment later is left running.
#[derive(Clone, Debug, Default)]
pub struct Starting(Arc<Mutex<bool>>);

impl Starting {
    /// From now on nothing is started. What was is marked, so that [`down`] finds it.
    pub fn close(&self) {
        *self.lock() = true;
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts something, unless this is closed; it is not closed before that is done.
    fn start<T>(&self, start: impl FnOnce() -> Result<T, ClusterError>) -> Result<T, ClusterError> {
        let closed = self.lock();
        if *closed { Err(ClusterError::Stopping) } else { start() }
    }
}

/// Starts all replicas that do not run, and returns when all answer.
///
/// # Errors
/// [`ClusterError`]: a port in use, or a replica that ends or stays silent; the others are left
/// running.
pub fn up(dir: &Path) -> Result<Running, ClusterError> {
    up_while(dir, &Starting::default())
}

/// As [`up`], while `starting` is not closed.
///
/// # Errors
/// As [`up`], and [`ClusterError::Stopping`].
pub fn up_while(dir: &Path, starting: &Starting) -> Result<Running, ClusterError> {
    let cluster = folder::read(dir)?;
    let mut started = Running::default();
    for (id, host) in &cluster.replicas {
        if !mark(dir, *id).is_some_and(|mark| mark.is_alive()) {
            started.children.insert(*id, starting.start(|| spawn(dir, *id, host))?);
        }
    }
    for (id, host) in &cluster.replicas {
        await_answer(dir, *id, host, &mut started, starting)?;
    }
    Ok(started)
}

/// Starts replica `id` and returns when it answers.
///
/// # Errors
/// [`ClusterError`]: it runs already, or as for [`up`].
pub fn start_one(dir: &Path, id: ReplicaId) -> Result<Running, ClusterError> {
    let (cluster, mark) = find(dir, id)?;
    if let Some(mark) = mark.filter(Mark::is_alive) {
        return Err(ClusterError::Runs { id, pid: mark.pid });
    }
    let host = &cluster.replicas[&id];
    let mut started = Running::default();
    started.children.insert(id, spawn(dir, id, host)?);
    await_answer(dir, id, host, &mut started, &Starting::default())?;
    Ok(started)
}

/// Stops all replicas: asks first, kills those that do not listen.
///
/// # Errors
/// [`ClusterError`]: `dir` holds no cluster, or the system refuses.
pub fn down(dir: &Path) -> Result<BTreeMap<ReplicaId, Stopped>, ClusterError> {
    let cluster = folder::read(dir)?;
    let stopped: Vec<_> = std::thread::scope(|scope| {
        let stop = |id: ReplicaId| move || (id, stop_marked(mark(dir, id)));
        let threads: Vec<_> = cluster.config.replicas().map(|id| scope.spawn(stop(id))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    stopped.into_iter().map(|(id, stopped)| Ok((id, stopped?))).collect()
}

fn stop_marked(mark: Option<Mark>) -> std::io::Result<Stopped> {
    mark.map_or(Ok(Stopped::DidNotRun), |mark| mark.stop(STOP))
}

/// Stops replica `id`: asks first, kills it if it does not listen.
///
/// # Errors
/// [`ClusterError`].
pub fn stop_one(dir: &Path, id: ReplicaId) -> Result<Stopped, ClusterError> {
    Ok(stop_marked(find(dir, id)?.1)?)
}

/// Kills replica `id` (SIGKILL) and returns when it is gone.
///
/// # Errors
/// [`ClusterError`]: it does not run, or the system refuses.
pub fn kill(dir: &Path, id: ReplicaId) -> Result<(), ClusterError> {
    let mark = find(dir, id)?.1;
    let killed = mark.map_or(Ok(false), |mark| mark.kill(STOP))?;
    if killed { Ok(()) } else { Err(ClusterError::DoesNotRun(id)) }
}

/// Makes replica `id` stand still (SIGSTOP), as a host does that swaps or hangs.
///
/// # Errors
/// [`ClusterError`]: it does not run, or the system refuses.
pub fn pause(dir: &Path, id: ReplicaId) -> Result<(), ClusterError> {
    signal(dir, id, Signal::STOP)
}

/// Lets replica `id` go on after [`pause`].
///
/// # Errors
/// [`ClusterError`]: it does not run, or the system refuses.
pub fn resume(dir: &Path, id: ReplicaId) -> Result<(), ClusterError> {
    signal(dir, id, Signal::CONT)
}

fn signal(dir: &Path, id: ReplicaId, signal: Signal) -> Result<(), ClusterError> {
    let mark = find(dir, id)?.1;
    let runs = mark.map_or(Ok(false), |mark| mark.signal(signal))?;
    if runs { Ok(()) } else { Err(ClusterError::DoesNotRun(id)) }
}

/// The mark of replica `id`'s process.
pub(crate) fn mark(dir: &Path, id: ReplicaId) -> Option<Mark> {
    Mark::read(&host_folder(dir, id))
}

fn find(dir: &Path, id: ReplicaId) -> Result<(Cluster, Option<Mark>), ClusterError> {
    let cluster = folder::read(dir)?;
    if !cluster.config.is_replica(id) {
        return Err(ClusterError::NoReplica { id, n: cluster.config.n });
    }
    Ok((cluster, mark(dir, id)))
}

fn spawn(dir: &Path, id: ReplicaId, host: &Host) -> Result<Started, ClusterError> {
    ports_must_be_free(id, host)?;
    let folder = host_folder(dir, id);
    let folder = std::fs::canonicalize(&folder).map_err(ClusterError::io(&folder, "found"))?;
    let program = NodeFile::read(&folder)?.binary;
    let unusable = |what: String| ClusterError::Binary {
        node: folder.join(layout::node::FILE),
        binary: program.clone(),
        what,
    };
    let what = match std::fs::metadata(&program) {
        Ok(file) if file.is_file() && file.permissions().mode() & 0o111 != 0 => None,
        Ok(_) => Some("is no program that may be run".to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound => Some("does not exist".to_string()),
        Err(error) => Some(format!("cannot be looked at ({error})")),
    };
    what.map_or(Ok(()), |what| Err(unusable(what)))?;
    let log = folder.join("replica.log");
    let file = OpenOptions::new().create(true).append(true).open(&log);
    let file = file.map_err(ClusterError::io(&log, "opened"))?;
    let log_from = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    // Rust opens everything so; what this process inherited itself may be otherwise.
    close_fds::set_fds_cloexec(3, &[]);
    let mut child = Command::new(&program)
        .arg("--dir")
        .arg(&folder)
        .arg("--detached")
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(file)
        .spawn()
        .map_err(|error| unusable(format!("cannot be run ({error})")))?;
    if let Some(Err(error)) = Mark::of(child.id()).map(|mark| mark.write(&folder)) {
        // Without its mark nobody would find it again.
        let _ = child.kill();
        let _ = child.wait();
        return Err(ClusterError::io(&folder, "written to")(error));
    }
    Ok(Started { child, log, log_from })
}

fn ports_must_be_free(id: ReplicaId, host: &Host) -> Result<(), ClusterError> {
    let ports = [(host.peer, "replicas"), (host.client, "clients"), (host.status, "status")];
    for (address, what) in ports {
        let bound = TcpListener::bind(address);
        if bound.is_err_and(|error| error.kind() == ErrorKind::AddrInUse) {
            return Err(ClusterError::PortInUse { address, id, what });
        }
    }
    Ok(())
}

/// Returns when replica `id` answers on its status port.
fn await_answer(
    dir: &Path,
    id: ReplicaId,
    host: &Host,
    started: &mut Running,
    starting: &Starting,
) -> Result<(), ClusterError> {
    let end = Instant::now() + START;
    let log = host_folder(dir, id).join("replica.log");
    loop {
        starting.start(|| Ok(()))?;
        if ask(host.status, ASK * 50).is_some_and(|status| status["id"] == id.0) {
            return Ok(());
        }
        let from = started.children.get(&id).map_or(0, |started| started.log_from);
        let ended = started
            .children
            .get_mut(&id)
            .and_then(|started| started.child.try_wait().ok().flatten());
        if let Some(status) = ended {
            let lines = last_lines(&log, from, LINES);
            return Err(ClusterError::EndedAtOnce { id, how: status.to_string(), log, lines });
        }
        if Instant::now() > end {
            let lines = last_lines(&log, from, LINES);
            let (address, seconds) = (host.status, START.as_secs());
            return Err(ClusterError::Silent { id, address, seconds, log, lines });
        }
        std::thread::sleep(ASK);
    }
}
