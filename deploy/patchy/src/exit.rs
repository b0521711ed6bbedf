//! How the tool ends: one documented code, and one sentence when something went wrong.

use patcher::{Error, PlanError, PlanProblem};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::{fmt, io};

/// The codes that people and scripts can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitCode {
    /// Done; what was asked holds.
    Done = 0,
    /// Bad usage or bad input.
    Usage = 1,
    /// Versions diverge, or a version is rejected.
    Divergence = 2,
    /// A cluster stopped making progress, or did not start.
    LivenessLost = 3,
    /// Correct replicas disagree, or did what no correct replica does.
    SafetyBroken = 4,
    /// The compiler refused.
    BuildFailed = 5,
    /// A bug of ours.
    Internal = 70,
    /// Stopped from outside, as by Ctrl-C.
    Interrupted = 130,
}

impl ExitCode {
    /// The number that the process returns.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage => 1,
            Self::Divergence => 2,
            Self::LivenessLost => 3,
            Self::SafetyBroken => 4,
            Self::BuildFailed => 5,
            Self::Internal => 70,
            Self::Interrupted => 130,
        }
    }

    /// The code that a runner of ours returned; any other number is a bug of ours.
    pub(crate) fn of_runner(number: Option<i32>) -> Self {
        let all = [
            Self::Done,
            Self::Usage,
            Self::Divergence,
            Self::LivenessLost,
            Self::SafetyBroken,
            Self::BuildFailed,
        ];
        let same = |code: &Self| number == Some(i32::from(code.number()));
        all.into_iter().find(same).unwrap_or(Self::Internal)
    }
}

/// Shown at the end of every `--help`.
pub(crate) const CODES: &str = "\
Exit codes: 0 done or holds, 1 bad usage or input, 2 divergence or rejected version,
3 liveness lost, 4 safety broken, 5 build failed, 70 a bug of ours, 130 interrupted.";

/// Why a command did not do its work: a sentence that names the file, the place and the mend.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: ExitCode,
    pub(crate) sentence: String,
    /// More for people: what the compiler or a process said.
    pub(crate) details: String,
    /// More for scripts, beside `error` and `exit_code`.
    pub(crate) fields: Map<String, Value>,
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub(crate) fn new(code: ExitCode, sentence: impl fmt::Display) -> Self {
        let sentence = sentence.to_string();
        Self { code, sentence, details: String::new(), fields: Map::new() }
    }

    /// Bad usage or input.
    pub(crate) fn usage(sentence: impl fmt::Display) -> Self {
        Self::new(ExitCode::Usage, sentence)
    }

    /// A bug of ours.
    pub(crate) fn internal(sentence: impl fmt::Display) -> Self {
        Self::new(ExitCode::Internal, sentence)
    }

    /// A file that the system does not let us read, write or create.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::usage(format!("{}: {}", path.display(), why(&error)))
    }

    pub(crate) fn with_details(mut self, details: impl Into<String>) -> Self {
        self.details = details.into();
        self
    }

    pub(crate) fn with_field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// What `--json` prints for it.
    pub(crate) fn json(&self) -> Value {
        let mut fields = self.fields.clone();
        fields.insert("error".to_owned(), self.sentence.clone().into());
        fields.insert("exit_code".to_owned(), self.code.number().into());
        Value::Object(fields)
    }
}

/// What the system says about a file, with the mend where there is one.
fn why(error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    let said = match error.kind() {
        Kind::NotFound => "there is no such file or folder; look at the name",
        Kind::NotADirectory => "a part of this path is a file and no folder; name another",
        Kind::IsADirectory => "this is a folder; name a file in it",
        Kind::PermissionDenied => {
            "the system forbids it to this user; change the permissions, or name another place"
        }
        Kind::ReadOnlyFilesystem => "nothing can be written to this disk; name another place",
        Kind::StorageFull => "the disk is full; make room, or name another place",
        _ => return error.to_string(),
    };
    said.to_owned()
}

/// What the system says about a file with which something was to be done.
fn refused(path: &Path, doing: &str, source: &io::Error) -> Failure {
    Failure::usage(format!("{}: cannot be {doing}: {}", path.display(), why(source)))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let sentence = error.to_string();
        match error {
            Error::Io { path, source } => Self::file(&path)(source),
            Error::Build { details, .. } => {
                Self::new(ExitCode::BuildFailed, sentence).with_details(details)
            }
            Error::Tool { .. } => Self::new(ExitCode::BuildFailed, sentence),
            Error::Cancelled => Self::new(ExitCode::Interrupted, "interrupted"),
            Error::NotDistinct { .. } => Self::internal(sentence),
            Error::Plan(errors) if errors.0.iter().any(is_verdict) => {
                Self::new(ExitCode::Divergence, sentence)
            }
            Error::Infeasible(lacking) => {
                Self::usage(sentence).with_field("infeasible", json!(lacking.infeasible))
            }
            _ => Self::usage(sentence),
        }
    }
}

/// Whether something is wrong in a plan because of a verdict, or for want of one.
fn is_verdict(error: &PlanError) -> bool {
    matches!(
        error.problem,
        PlanProblem::Rejected { .. } | PlanProblem::Undecided { .. } | PlanProblem::Unjudged { .. }
    )
}

impl From<patcher::PlanErrors> for Failure {
    fn from(errors: patcher::PlanErrors) -> Self {
        Error::Plan(errors).into()
    }
}

impl From<layout::LayoutError> for Failure {
    fn from(error: layout::LayoutError) -> Self {
        match error {
            layout::LayoutError::Io { path, doing, source } => refused(&path, doing, &source),
            _ => Self::usage(error),
        }
    }
}

impl From<client::ClientError> for Failure {
    fn from(error: client::ClientError) -> Self {
        use client::ClientError as E;
        match error {
            E::Unreachable { .. } | E::Closed => Self::new(ExitCode::LivenessLost, error),
            E::Layout(error) => error.into(),
            _ => Self::usage(error),
        }
    }
}

impl From<cluster::ClusterError> for Failure {
    fn from(error: cluster::ClusterError) -> Self {
        use cluster::ClusterError as E;
        match error {
            E::Layout(error) => error.into(),
            E::Client(error) => error.into(),
            E::Io { path, doing, source } => refused(&path, doing, &source),
            E::Stopping | E::Cancelled => Self::new(ExitCode::Interrupted, error),
            E::EndedAtOnce { id, how, log, lines } => ended_at_once(id, &how, &log, lines),
            E::Silent { .. } | E::NoAnswer { .. } | E::Behind { .. } | E::Load(_) => {
                Self::new(ExitCode::LivenessLost, error)
            }
            E::BadAnswer(_) => Self::new(ExitCode::SafetyBroken, error),
            _ => Self::usage(error),
        }
    }
}

/// What a replica that cannot start says last is a sentence with place and mend.
fn ended_at_once(id: wire::ReplicaId, how: &str, log: &Path, lines: String) -> Failure {
    let last = lines.lines().last().and_then(|line| line.split_once(' '));
    match last {
        Some((_, said)) if said.starts_with("panic at ") => Failure::new(
            ExitCode::LivenessLost,
            format!("replica {id} died as it started: {said} (see {})", log.display()),
        ),
        Some((_, said)) => Failure::usage(format!("replica {id} cannot start: {said}")),
        None => Failure::internal(format!(
            "replica {id} ended at once ({how}) and left nothing in {}",
            log.display()
        )),
    }
    .with_details(lines)
}
