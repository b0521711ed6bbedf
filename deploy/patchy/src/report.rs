//! What a command hands back, and how it is printed.

use crate::exit::{ExitCode, Failure};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;
use std::io::Write as _;

/// What came of a command: the same for people and for scripts.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) code: ExitCode,
    /// For `--json`.
    pub(crate) json: Value,
    /// For people; ends without a line break.
    pub(crate) text: String,
}

impl Report {
    /// Something that was done.
    pub(crate) fn done(json: Value, text: impl Into<String>) -> Self {
        Self { code: ExitCode::Done, json, text: text.into() }
    }

    pub(crate) fn with_code(mut self, code: ExitCode) -> Self {
        self.code = code;
        self
    }

    pub(crate) fn print(&self, json: bool) {
        if json {
            say(&self.json.to_string());
        } else if !self.text.is_empty() {
            say(self.text.trim_end());
        }
    }
}

/// Prints a failure: the sentence on standard error, and the object that `--json` promises.
pub(crate) fn print_failure(failure: &Failure, json: bool) {
    let mut error = std::io::stderr().lock();
    if !failure.details.is_empty() {
        let _ = writeln!(error, "{}", failure.details.trim_end());
    }
    let _ = writeln!(error, "patchy: {}", failure.sentence);
    if json {
        say(&failure.json().to_string());
    }
}

/// One or more lines on standard output. Whoever closes it has read enough.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A line on standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A table for people.
pub(crate) fn table<const N: usize>(head: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head);
    table
}
