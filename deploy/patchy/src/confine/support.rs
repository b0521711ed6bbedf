//! Whether this kernel can keep untrusted code in.

use super::Limits;
use crate::exit::{ExitCode, Failure, Result};
use crate::process::{self, Input, Job};
use std::time::Duration;

/// What keeps programs from files.
pub(super) const LANDLOCK: &str = "Landlock (5.13 or later, and `lsm=` with `landlock` at boot)";

/// What keeps programs from sockets and processes.
pub(super) const SECCOMP: &str = "filters of system calls (CONFIG_SECCOMP_FILTER)";

/// What people are told where something is missing.
pub(super) fn sentence(missing: &str) -> String {
    format!(
        "this kernel does not offer {missing}, so nothing would keep an untrusted version from this \
         machine's files and network: judge it on another, or pass --no-sandbox if you have read it"
    )
}

/// Fails where untrusted code would not be kept in, with a sentence.
pub(crate) fn check() -> Result<()> {
    let tool = std::env::current_exe()
        .map_err(|error| Failure::internal(format!("where am I? {error}")))?;
    let limits = Limits { memory: 1 << 30, cpu: 10, required: true, ..Limits::default() };
    let ended = process::run(&Job {
        program: &tool,
        arguments: vec!["--version".into()],
        limits: Some(limits),
        timeout: Duration::from_secs(10),
        heard: false,
        environment: &[],
        input: Input::Nothing,
    })?;
    match ended.code {
        Some(0) => Ok(()),
        code => {
            let said = ended.stderr.trim();
            let said = said.strip_prefix("patchy: ").unwrap_or(said);
            let failure = Failure::new(ExitCode::of_runner(code), said);
            Err(if said.is_empty() { Failure::internal(ended.why()) } else { failure })
        }
    }
}
