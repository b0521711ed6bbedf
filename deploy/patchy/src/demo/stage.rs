//! Where the demonstration takes place: a folder below `target/patchy`, and clusters in it.

use crate::exit::{ExitCode, Failure, Result};
use crate::interrupt::{self, Guard};
use cluster::{Exit, Init, Running, Starting, last_lines};
use layout::Cluster;
use patcher::Project;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use wire::ReplicaId;

/// The folder, while no other demonstration uses it.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) folder: PathBuf,
    _lock: File,
}

/// A cluster that runs; it stops when this goes out of scope.
#[derive(Debug)]
pub(super) struct Up {
    pub(super) dir: PathBuf,
    running: Running,
    _guard: Guard,
}

/// The clusters of one demonstration.
const CLUSTERS: [&str; 3] = ["mixed", "equal", "planted-mixed"];

impl Stage {
    /// Clears the folder, of running replicas too, should an earlier demonstration have been
    /// killed.
    pub(super) fn open(project: &Project) -> Result<Self> {
        let folder = project.generated().join("demo");
        fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(Failure::file(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::usage(format!(
                    "{}: another demonstration is running in this project; wait for it",
                    folder.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(Failure::file(&path)(error)),
        }
        let stage = Self { folder, _lock: lock };
        for name in CLUSTERS {
            stage.clear(name)?;
        }
        Ok(stage)
    }

    fn clear(&self, name: &str) -> Result<PathBuf> {
        let dir = self.folder.join(name);
        if dir.join(layout::cluster::FILE).is_file() {
            cluster::down(&dir)?;
        }
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(Failure::file(&dir))?;
        }
        Ok(dir)
    }

    /// Makes and starts a cluster. `led_not_by` keeps a replica from leading view 0: there are no
    /// view changes yet, so a dead leader would stop any cluster, mixed or not.
    pub(super) fn up(
        &self,
        name: &str,
        programs: Vec<PathBuf>,
        flight: bool,
        led_not_by: Option<ReplicaId>,
    ) -> Result<Up> {
        let dir = self.clear(name)?;
        let n = u16::try_from(super::REPLICAS).unwrap_or(u16::MAX);
        let init = Init { programs, flight, ..Init::new(dir.clone(), n, PathBuf::new()) };
        cluster::init(&init)?;
        if let Some(id) = led_not_by {
            let mut cluster = Cluster::read(&dir)?;
            if cluster.config.leaders.first() == Some(&id) {
                cluster.config.leaders.rotate_left(1);
                write_everywhere(&cluster, &dir)?;
            }
        }
        interrupt::check()?;
        let (stopped, starting) = (dir.clone(), Starting::default());
        let started = starting.clone();
        let guard = interrupt::on_exit(move || {
            starting.close();
            // Nobody is left to be told; `patchy down` tells more.
            let _ = cluster::down(&stopped);
        });
        let running = cluster::up_while(&dir, &started)?;
        interrupt::check()?;
        Ok(Up { dir, running, _guard: guard })
    }
}

fn write_everywhere(cluster: &Cluster, dir: &Path) -> Result<()> {
    cluster.write(dir)?;
    for id in cluster.config.replicas() {
        cluster.write(&host(dir, id.0))?;
    }
    Ok(())
}

/// A replica's folder.
pub(super) fn host(dir: &Path, id: u16) -> PathBuf {
    dir.join(format!("replica-{id}"))
}

impl Up {
    /// How many of its processes have not been seen to end.
    pub(super) fn running(&self) -> usize {
        self.running.ids().len()
    }

    /// Waits until `count` processes have ended, or the time is up; the ends that were seen. All
    /// are panics: any other end is not the replica's code but the system's doing, and a failure.
    pub(super) fn exits(&mut self, count: usize, patience: Duration) -> Result<Vec<Exit>> {
        let start = Instant::now();
        let mut exits = Vec::new();
        loop {
            for exit in self.running.exits() {
                exits.push(self.panicked(exit)?);
            }
            if exits.len() >= count || start.elapsed() > patience {
                return Ok(exits);
            }
            interrupt::sleep(Duration::from_millis(10))?;
        }
    }

    /// Ends that were seen until now, of which there are to be none.
    pub(super) fn all_live(&mut self) -> Result<()> {
        match self.exits(1, Duration::ZERO)?.first() {
            None => Ok(()),
            Some(exit) => Err(Failure::new(ExitCode::LivenessLost, last_words(exit))),
        }
    }

    fn panicked(&self, exit: Exit) -> Result<Exit> {
        if exit.panic.is_some() {
            return Ok(exit);
        }
        let log = host(&self.dir, exit.id).join("replica.log");
        let line = last_lines(&log, 0, 1);
        let sentence = match (exit.code, line.split_once(' ')) {
            // What kept it from running, as a sentence behind the time.
            (Some(CANNOT_RUN), Some((_, said))) => {
                return Err(Failure::usage(format!("replica {} ended: {said}", exit.id)));
            }
            _ => format!("{}; the last line of {}: {line}", last_words(&exit), log.display()),
        };
        Err(Failure::new(ExitCode::LivenessLost, sentence))
    }
}

/// A replica's exit code when the system does not let it run or go on.
const CANNOT_RUN: i32 = 1;

/// How a process ended, for people.
pub(super) fn last_words(exit: &Exit) -> String {
    let how = match (&exit.panic, exit.code, exit.signal) {
        (Some(panic), _, _) => {
            format!("panicked at {}:{}: {}", panic.file, panic.line, panic.message)
        }
        (None, Some(code), _) => format!("exited with {code}"),
        (None, None, signal) => format!("was ended by signal {}", signal.unwrap_or_default()),
    };
    format!("replica {} (pid {}) {how}", exit.id, exit.pid)
}
