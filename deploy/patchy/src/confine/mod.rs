//! Limits for programs whose code is not ours: what they may read, write, reach and use up.
//!
//! The tool starts itself under a hidden command, takes the limits upon itself, and becomes the
//! program. Files are Landlock's, sockets and processes a filter's of system calls, and time and
//! memory are limits of the system's; how long all of it may take, and that nothing is left of it,
//! is seen to by [`crate::process`]. What the kernel has not got is done without, unless it is
//! `required`: untrusted code is not run at all then.

mod compiler;
mod support;
mod syscalls;

pub(crate) use compiler::wrapper;
pub(crate) use support::check;
pub(crate) use syscalls::Forgiven;

use crate::exit::{ExitCode, Failure, Result};
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What programs need of the system to run at all. Of what the kernel tells about processes, each
/// may read what libraries ask about its own; its memory is not among that.
const READABLE: [&str; 13] = [
    "/usr",
    "/lib",
    "/lib64",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/proc/meminfo",
    "/proc/self/cgroup",
    "/proc/self/maps",
    "/proc/self/mountinfo",
    "/proc/self/stat",
    "/proc/self/status",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
];

/// The largest file that may be written. Unit: bytes.
const FILE_SIZE: u64 = 4 << 30;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    /// Most memory that may be addressed. Unit: bytes
    #[arg(long)]
    memory: u64,
    /// Most processor time. Unit: seconds
    #[arg(long)]
    cpu: u64,
    /// Files and folders that may be read
    #[arg(long)]
    read: Vec<PathBuf>,
    /// Folders that may be written
    #[arg(long)]
    write: Vec<PathBuf>,
    /// Fail where the kernel cannot do all of it
    #[arg(long)]
    required: bool,
    /// What is refused without ending the program
    #[arg(long, value_enum)]
    forgive: Vec<Forgiven>,
    /// The program and its arguments
    #[arg(last = true, required = true)]
    program: Vec<OsString>,
}

/// What a program may have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limits {
    /// Unit: bytes.
    pub(crate) memory: u64,
    /// Unit: seconds.
    pub(crate) cpu: u64,
    /// Files and folders, beside the program itself and the system's libraries.
    pub(crate) read: Vec<PathBuf>,
    pub(crate) write: Vec<PathBuf>,
    /// Whether the program is not run where the kernel lacks something.
    pub(crate) required: bool,
    /// What of that which ends a program is refused only.
    pub(crate) forgive: Vec<Forgiven>,
}

impl Limits {
    /// The arguments that put a program under these limits; the program and its own follow.
    fn words(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["confined".into()];
        words.extend(["--memory".into(), self.memory.to_string().into()]);
        words.extend(["--cpu".into(), self.cpu.to_string().into()]);
        for path in &self.read {
            words.extend(["--read".into(), path.into()]);
        }
        for path in &self.write {
            words.extend(["--write".into(), path.into()]);
        }
        words.extend(self.required.then(|| "--required".into()));
        for forgiven in &self.forgive {
            words.extend(["--forgive".into(), forgiven.name().into()]);
        }
        words
    }

    /// The arguments that run a program under these limits; its own follow.
    pub(crate) fn arguments(&self, program: &Path) -> Vec<OsString> {
        let mut words = self.words();
        words.extend(["--read".into(), program.into(), "--".into(), program.into()]);
        words
    }
}

/// Becomes the program. Returns only if that fails.
pub(crate) fn run(arguments: &Arguments) -> Result<crate::report::Report> {
    let failed =
        |what: &str, error: &dyn std::fmt::Display| Failure::internal(format!("{what}: {error}"));
    limit(arguments).map_err(|error| failed("the limits cannot be set", &error))?;
    let (program, rest) = arguments
        .program
        .split_first()
        .ok_or_else(|| Failure::new(ExitCode::Usage, "which program? give it after `--`"))?;
    restrict(arguments)?;
    syscalls::restrict(&arguments.forgive).or_else(|missing| arguments.without(missing))?;
    let error = Command::new(program).args(rest).exec();
    Err(failed(&program.to_string_lossy(), &error))
}

impl Arguments {
    /// Goes on without what the kernel lacks, if that may be.
    fn without(&self, missing: &'static str) -> Result<()> {
        if self.required { Err(Failure::usage(support::sentence(missing))) } else { Ok(()) }
    }
}

fn limit(arguments: &Arguments) -> rustix::io::Result<()> {
    let most = |amount| Rlimit { current: Some(amount), maximum: Some(amount) };
    setrlimit(Resource::Core, most(0))?;
    setrlimit(Resource::Fsize, most(FILE_SIZE))?;
    // At the first the program is told by a signal of its own, at the second it is killed.
    let cpu = Rlimit { current: Some(arguments.cpu), maximum: Some(arguments.cpu + 1) };
    setrlimit(Resource::Cpu, cpu)?;
    setrlimit(Resource::As, most(arguments.memory))
}

/// No file but those named, and nothing of other processes; as much of it as the kernel can do.
fn restrict(arguments: &Arguments) -> Result<()> {
    let failed =
        |error: RulesetError| Failure::internal(format!("the sandbox cannot be entered: {error}"));
    match landlock(arguments).map_err(failed)? {
        RulesetStatus::NotEnforced => arguments.without(support::LANDLOCK),
        RulesetStatus::PartiallyEnforced | RulesetStatus::FullyEnforced => Ok(()),
    }
}

fn landlock(arguments: &Arguments) -> Result<RulesetStatus, RulesetError> {
    let abi = ABI::V6;
    let read = AccessFs::from_read(abi);
    let system = READABLE.iter().map(PathBuf::from).chain(arguments.read.iter().cloned());
    let devices = ["/dev/null", "/dev/urandom"];
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .add_rules(path_beneath_rules(system, read))?
        .add_rules(path_beneath_rules(devices, read | AccessFs::WriteFile))?
        .add_rules(path_beneath_rules(&arguments.write, AccessFs::from_all(abi)))?
        .restrict_self()?;
    Ok(status.ruleset)
}
