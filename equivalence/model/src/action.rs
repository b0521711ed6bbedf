//! The steps that bind who takes them, and how they read.

use crate::scope::{Scope, members};
use crate::state::{NONE, NOOP, Report, Value, view_of};
use std::fmt::Write as _;

/// One step of one server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// With a prepare certificate in hand, sends a Commit or decides never to.
    Commit {
        /// Who.
        server: usize,
        /// In which view.
        view: usize,
        /// For which number.
        number: usize,
        /// Sends it.
        yes: bool,
    },
    /// Prepares one of an equivocating leader's two proposals.
    Prepare {
        /// Who.
        server: usize,
        /// In which view.
        view: usize,
        /// For which number.
        number: usize,
        /// The second of the two.
        twin: bool,
    },
    /// With a Replay certificate in hand, sends a Replay-Commit or decides never to.
    ReplayCommit {
        /// Who.
        server: usize,
        /// For which view's Replay.
        view: usize,
        /// Sends it.
        yes: bool,
    },
    /// With an install certificate in hand, installs, or leaves the view without.
    Install {
        /// Who.
        server: usize,
        /// Which view.
        view: usize,
        /// Installs it.
        yes: bool,
    },
    /// Executes by certificates up to a number, because a Report names that number.
    Execute {
        /// Who.
        server: usize,
        /// The last number.
        number: u8,
    },
    /// Preinstalls the next view: no vote for the old one after, and this Report in the new one.
    Leave {
        /// Who.
        server: usize,
        /// The next view.
        view: usize,
        /// What it reports.
        report: Report,
    },
    /// A leader sends its Replay, and who is in its view votes for it.
    Replay {
        /// In which view.
        view: usize,
        /// Index of the list.
        list: usize,
        /// It states a false resolution.
        lie: bool,
    },
    /// Votes for one of the Replays of a faulty leader.
    ReplayPrepare {
        /// Who.
        server: usize,
        /// In which view.
        view: usize,
        /// Index of the list.
        list: usize,
        /// The Replay states a false resolution.
        lie: bool,
    },
    /// The faulty server broadcasts what it likes as its view-change state.
    FaultyReport {
        /// In which view.
        view: usize,
        /// What it claims.
        report: Report,
    },
    /// Gets an install certificate of a view that it has left.
    HoldLate {
        /// Who.
        server: usize,
        /// Which view's.
        view: usize,
    },
}

/// A value as a person reads it: the view it was proposed in, with a prime for the twin.
#[must_use]
pub fn value_name(value: Value) -> String {
    match (value, view_of(value)) {
        (NONE, _) => "nothing".to_string(),
        (NOOP, _) => "no-op".to_string(),
        (_, Some(view)) => format!("{}{view}", if value % 2 == 1 { "twin" } else { "x" }),
        (_, None) => String::new(),
    }
}

fn report_text(scope: &Scope, report: &Report) -> String {
    let mut text = format!("aru {}, carried Replay of view {}, PC-Set", report.aru, report.carried);
    for number in 1..=scope.numbers {
        if report.certificates[number] != NONE {
            let _ = write!(text, " {number}:{}", value_name(report.certificates[number]));
        }
    }
    text
}

fn list_text(scope: &Scope, list: usize, lie: bool) -> String {
    let ids: Vec<String> = members(scope.lists[list]).map(|id| id.to_string()).collect();
    let lie = if lie { " with false no-ops" } else { "" };
    format!("[{}]{lie}", ids.join(" "))
}

impl Action {
    /// The step in words. Servers count from 0; the leader of view v is v mod N.
    #[must_use]
    pub fn text(&self, scope: &Scope) -> String {
        let not = |yes: bool| if yes { "" } else { "never " };
        match *self {
            Self::Commit { server, view, number, yes } => {
                format!("server {server} {}sends Commit(view {view}, number {number})", not(yes))
            }
            Self::Prepare { server, view, number, twin } => {
                let which = if twin { "the twin" } else { "the first proposal" };
                format!("server {server} prepares {which} of (view {view}, number {number})")
            }
            Self::ReplayCommit { server, view, yes } => {
                format!("server {server} {}sends Replay-Commit(view {view})", not(yes))
            }
            Self::Install { server, view, yes } => {
                format!("server {server} {}installs view {view}", not(yes))
            }
            Self::Execute { server, number } => format!("server {server} executes up to {number}"),
            Self::Leave { server, view, ref report } => {
                let report = report_text(scope, report);
                format!("server {server} preinstalls view {view}, reports {report}")
            }
            Self::Replay { view, list, lie } => {
                let list = list_text(scope, list, lie);
                format!("the leader of view {view} sends Replay {list}")
            }
            Self::ReplayPrepare { server, view, list, lie } => {
                let list = list_text(scope, list, lie);
                format!("server {server} sends Replay-Prepare(view {view}) for {list}")
            }
            Self::FaultyReport { view, ref report } => {
                format!("the faulty server reports in view {view}: {}", report_text(scope, report))
            }
            Self::HoldLate { server, view } => {
                format!("server {server} gets the install certificate of view {view}")
            }
        }
    }
}
