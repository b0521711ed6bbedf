//! Running cargo: progress as it goes, artefacts and diagnostics when it ends, and a clean stop.

use crate::error::{Error, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// What happens during a build, for a progress bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Another process builds in this project; waiting for it.
    Waiting,
    /// Cargo starts. `crates` is about how many it will report.
    Started {
        /// Number of packages in the lock file.
        crates: usize,
    },
    /// One crate is done.
    Crate {
        /// Its name.
        name: String,
        /// Whether it was compiled just now.
        compiled: bool,
    },
}

/// How the caller follows and stops a build.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Called as the build goes on.
    pub progress: &'a dyn Fn(Progress),
    /// When set, the build's processes are killed and [`Error::Cancelled`] is returned.
    pub cancel: &'a AtomicBool,
}

impl Watch<'_> {
    pub(crate) fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Watch").field("cancel", self.cancel).finish_non_exhaustive()
    }
}

/// What the compiler said about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it is an error.
    pub error: bool,
    /// Whether it is a warning; what is neither explains something else.
    pub warning: bool,
    /// One line.
    pub message: String,
    /// As a terminal would show it.
    pub rendered: String,
    /// Where: files relative to the generated workspace, with lines and their text. The place
    /// that the compiler thinks most to blame comes first.
    pub places: Vec<Place>,
}

/// A place that a [`Diagnostic`] points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The text of the lines.
    pub text: String,
}

/// What a run of cargo gave.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) success: bool,
    /// Files by package name.
    pub(crate) artefacts: Vec<(String, PathBuf)>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What cargo itself said.
    pub(crate) log: String,
}

impl Outcome {
    pub(crate) fn into_error(self) -> Error {
        let errors = || self.diagnostics.iter().filter(|diagnostic| diagnostic.error);
        let of_cargo = || self.log.lines().find(|line| line.starts_with("error"));
        let summary = errors().next().map(|first| first.message.clone());
        let summary = summary.or_else(|| of_cargo().map(str::to_owned));
        let rendered: Vec<&str> = errors().map(|error| error.rendered.as_str()).collect();
        let details = if rendered.is_empty() { self.log.clone() } else { rendered.join("\n") };
        Error::Build { summary: summary.unwrap_or_else(|| "cargo failed".to_owned()), details }
    }
}

/// How cargo is called.
pub(crate) struct Call<'a> {
    /// The generated workspace.
    pub(crate) folder: &'a Path,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    /// Whether what is compiled must not read the caller's variables.
    pub(crate) wary: bool,
}

/// Runs cargo without the network first, and with it only if that is what was missing.
pub(crate) fn run(call: &Call<'_>, watch: &Watch<'_>) -> Result<Outcome> {
    let outcome = run_once(call, true, watch)?;
    let needs_network = !outcome.success
        && outcome.diagnostics.iter().all(|diagnostic| !diagnostic.error)
        && ["--offline", "offline was specified", "failed to download", "no matching package"]
            .iter()
            .any(|hint| outcome.log.contains(hint));
    if needs_network { run_once(call, false, watch) } else { Ok(outcome) }
}

enum Line {
    Message(String),
    Log(String),
}

fn run_once(call: &Call<'_>, offline: bool, watch: &Watch<'_>) -> Result<Outcome> {
    let mut command = Command::new("cargo");
    command.args(&call.arguments).arg("--message-format=json");
    if offline {
        command.arg("--offline");
    }
    clean_environment(&mut command, call.wary);
    command
        .envs(call.environment.iter().map(|(key, value)| (key, value)))
        .current_dir(call.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let tool =
        |error: std::io::Error| Error::Tool { tool: "cargo".to_owned(), reason: error.to_string() };
    let mut child = command.spawn().map_err(tool)?;
    let (sender, receiver) = mpsc::channel();
    forward(child.stdout.take(), sender.clone(), Line::Message);
    forward(child.stderr.take(), sender, Line::Log);
    let mut outcome = Outcome::default();
    loop {
        if watch.cancelled() {
            stop(&mut child);
            return Err(Error::Cancelled);
        }
        match receiver.recv_timeout(Duration::from_millis(50)) {
            Ok(Line::Message(text)) => take_message(&text, &mut outcome, watch),
            Ok(Line::Log(text)) => {
                outcome.log.push_str(&text);
                outcome.log.push('\n');
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    outcome.success = child.wait().map_err(tool)?.success();
    Ok(outcome)
}

/// Leaves out everything by which a caller's surroundings would change what is built, and for a
/// `wary` build everything that tools do not need.
fn clean_environment(command: &mut Command, wary: bool) {
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        if changes_builds(&name) || (wary && !tools_need(&name)) {
            command.env_remove(&key);
        }
    }
}

fn changes_builds(name: &str) -> bool {
    const KEPT: [&str; 3] = ["CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_TERM_COLOR"];
    let by_cargo = name.starts_with("CARGO") && !KEPT.contains(&name);
    let registry = name.starts_with("CARGO_HTTP_") || name.starts_with("CARGO_REGISTR");
    (by_cargo && !registry) || name.starts_with("RUSTC") || name.starts_with("RUSTFLAGS")
}

/// Whether cargo, compilers and linkers may need a variable. Tokens of registries are none of
/// them: what a build of code that is not trusted needs is had before, or without a token.
fn tools_need(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "AR",
        "CC",
        "CFLAGS",
        "CPATH",
        "CXX",
        "CXXFLAGS",
        "C_INCLUDE_PATH",
        "HOME",
        "LANG",
        "LD_LIBRARY_PATH",
        "LIBRARY_PATH",
        "PATH",
        "SDKROOT",
        "TERM",
        "TMPDIR",
        "USER",
    ];
    const PREFIXES: [&str; 6] = ["CARGO_", "LC_", "NIX_", "PKG_CONFIG", "RUSTUP_", "SSL_CERT"];
    let proxy = name.to_ascii_lowercase().ends_with("_proxy");
    let prefixed = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let named = NAMES.contains(&name) || prefixed || proxy;
    named && !name.ends_with("TOKEN")
}

/// Reads lines on a thread of their own until the stream ends.
fn forward<R: Read + Send + 'static>(
    stream: Option<R>,
    sender: Sender<Line>,
    kind: fn(String) -> Line,
) {
    let Some(stream) = stream else { return };
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(std::result::Result::ok) {
            if sender.send(kind(String::from_utf8_lossy(&line).into_owned())).is_err() {
                return;
            }
        }
    });
}

/// Kills cargo and the compilers that it started: they are one process group.
fn stop(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // It may have ended by itself meanwhile.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

fn take_message(text: &str, outcome: &mut Outcome, watch: &Watch<'_>) {
    let Ok(message) = serde_json::from_str::<Value>(text) else { return };
    match message["reason"].as_str() {
        // A build script is a means, not a result.
        Some("compiler-artifact") if message["target"]["kind"][0] != "custom-build" => {
            let name = package_name(&message);
            let compiled = message["fresh"].as_bool() == Some(false);
            let files = message["executable"].as_str().into_iter().chain(
                message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str),
            );
            outcome.artefacts.extend(files.map(|file| (name.clone(), PathBuf::from(file))));
            (watch.progress)(Progress::Crate { name, compiled });
        }
        Some("compiler-message") => outcome.diagnostics.extend(diagnostic(&message["message"])),
        _ => {}
    }
}

/// The package's name, from its id: `path+file:///x/y#name@1.0.0` or `...y#1.0.0`.
fn package_name(message: &Value) -> String {
    let id = message["package_id"].as_str().unwrap_or_default();
    let (path, fragment) = id.rsplit_once('#').unwrap_or(("", id));
    match fragment.split_once('@') {
        Some((name, _)) => name.to_owned(),
        None => path.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

fn diagnostic(message: &Value) -> Option<Diagnostic> {
    let text = message["message"].as_str()?;
    let mut places = Vec::new();
    collect_places(message, &mut places);
    // Stable: the order of the compiler stays within primary and other places.
    places.sort_by_key(|(primary, _)| !primary);
    let level = message["level"].as_str().unwrap_or_default();
    Some(Diagnostic {
        error: level.starts_with("error"),
        warning: level == "warning",
        message: text.to_owned(),
        rendered: message["rendered"].as_str().unwrap_or(text).to_owned(),
        places: places.into_iter().map(|(_, place)| place).collect(),
    })
}

/// The places of a message and of the notes below it.
fn collect_places(message: &Value, places: &mut Vec<(bool, Place)>) {
    for span in message["spans"].as_array().into_iter().flatten() {
        collect_span(span, places);
    }
    for child in message["children"].as_array().into_iter().flatten() {
        collect_places(child, places);
    }
}

fn collect_span(span: &Value, places: &mut Vec<(bool, Place)>) {
    let text = span["text"].as_array().into_iter().flatten();
    let text: Vec<&str> = text.filter_map(|line| line["text"].as_str()).collect();
    let line = span["line_start"].as_u64().and_then(|line| usize::try_from(line).ok());
    let file = span["file_name"].as_str().unwrap_or_default();
    places.push((
        span["is_primary"].as_bool() == Some(true),
        Place { file: PathBuf::from(file), line: line.unwrap_or(0), text: text.join("\n") },
    ));
    // Where a macro was called says more than where it was written.
    if !span["expansion"]["span"].is_null() {
        collect_span(&span["expansion"]["span"], places);
    }
}

#[cfg(test)]
mod tests {
    use super::{changes_builds, tools_need};

    #[test]
    fn a_wary_build_meets_no_secret() {
        let proxies = ["https_proxy", "HTTPS_PROXY", "no_proxy", "CARGO_HTTP_PROXY"];
        let tools = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN", "LC_ALL", "NIX_LDFLAGS"];
        for needed in tools.iter().chain(&proxies) {
            assert!(tools_need(needed), "{needed}");
        }
        for secret in ["OPENAI_API_KEY", "CARGO_REGISTRIES_OWN_TOKEN", "CARGO_REGISTRY_TOKEN"] {
            assert!(!tools_need(secret), "{secret}");
        }
        assert!(changes_builds("RUSTC_WRAPPER") && changes_builds("CARGO_ENCODED_RUSTFLAGS"));
        assert!(!changes_builds("CARGO_HOME") && !changes_builds("OPENAI_API_KEY"));
    }
}
