//! Limits for programs whose code is not ours: what they may read, write, reach and use up.
//!
//! The tool starts itself under a hidden command, takes the limits upon itself, and becomes the
//! program. Where the kernel knows no Landlock, the limits on resources are all there is.

use crate::exit::{ExitCode, Failure, Result};
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

/// What programs need of the system to run at all.
const READABLE: [&str; 6] =
    ["/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/proc", "/sys/fs/cgroup"];

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
    /// The program and its arguments
    #[arg(last = true, required = true)]
    program: Vec<OsString>,
}

/// What a program may have.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Unit: bytes.
    pub(crate) memory: u64,
    /// Unit: seconds.
    pub(crate) cpu: u64,
    /// Files and folders, beside the program itself and the system's libraries.
    pub(crate) read: Vec<PathBuf>,
    pub(crate) write: Vec<PathBuf>,
}

impl Limits {
    /// The arguments that put a program under these limits.
    pub(crate) fn arguments(&self, program: &std::path::Path) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["confined".into()];
        words.extend(["--memory".into(), self.memory.to_string().into()]);
        words.extend(["--cpu".into(), self.cpu.to_string().into()]);
        words.extend(["--read".into(), program.into()]);
        for path in &self.read {
            words.extend(["--read".into(), path.into()]);
        }
        for path in &self.write {
            words.extend(["--write".into(), path.into()]);
        }
        words.extend(["--".into(), program.into()]);
        words
    }
}

/// Becomes the program. Returns only if that fails.
pub(crate) fn run(arguments: &Arguments) -> Result<crate::report::Report> {
    let failed =
        |what: &str, error: &dyn std::fmt::Display| Failure::internal(format!("{what}: {error}"));
    limit(arguments).map_err(|error| failed("the limits cannot be set", &error))?;
    restrict(arguments).map_err(|error| failed("the sandbox cannot be entered", &error))?;
    let (program, rest) = arguments
        .program
        .split_first()
        .ok_or_else(|| Failure::new(ExitCode::Usage, "which program? give it after `--`"))?;
    let error = Command::new(program).args(rest).exec();
    Err(failed(&program.to_string_lossy(), &error))
}

fn limit(arguments: &Arguments) -> rustix::io::Result<()> {
    let most = |amount| Rlimit { current: Some(amount), maximum: Some(amount) };
    setrlimit(Resource::Core, most(0))?;
    setrlimit(Resource::Fsize, most(FILE_SIZE))?;
    setrlimit(Resource::Cpu, most(arguments.cpu))?;
    setrlimit(Resource::As, most(arguments.memory))
}

/// No network, and no file but those named; as much of it as the kernel can do.
fn restrict(arguments: &Arguments) -> Result<(), landlock::RulesetError> {
    let abi = ABI::V4;
    let read = AccessFs::from_read(abi);
    let system = READABLE.iter().map(PathBuf::from).chain(arguments.read.iter().cloned());
    let devices = ["/dev/null", "/dev/urandom"];
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .create()?
        .add_rules(path_beneath_rules(system, read))?
        .add_rules(path_beneath_rules(devices, read | AccessFs::WriteFile))?
        .add_rules(path_beneath_rules(&arguments.write, AccessFs::from_all(abi)))?
        .restrict_self()?;
    Ok(())
}
