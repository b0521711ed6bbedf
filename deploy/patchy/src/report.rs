//! What a command hands back, and how it is printed.

use crate::exit::{ExitCode, Failure};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;
use std::borrow::Cow;
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
        let _ = writeln!(error, "{}", harmless(failure.details.trim_end()));
    }
    let _ = writeln!(error, "patchy: {}", harmless(&failure.sentence));
    if json {
        say(&failure.json().to_string());
    }
}

/// One or more lines on standard output. Whoever closes it has read enough.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", harmless(text));
}

/// A line on standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", harmless(text));
}

/// A text that does nothing to a terminal: versions, models and files of others have a part in what is
/// told. What would move the cursor, change colours or turn around the order of letters stands as JSON
/// writes it, which leaves JSON the same.
fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return text.into();
    }
    let shown = |mut all: String, one: char| {
        if acts(one) {
            all.push_str(&format!("\\u{:04x}", u32::from(one)));
        } else {
            all.push(one);
        }
        all
    };
    text.chars().fold(String::new(), shown).into()
}

/// Whether a character does something, line breaks and tabulators apart: controls, and those that decide
/// in which direction others are shown, or whether they are.
fn acts(one: char) -> bool {
    let control = one.is_control() && !matches!(one, '\n' | '\t');
    control
        || matches!(one, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(one, '\u{61c}' | '\u{feff}')
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown_and_not_done() {
        let table = "│ got │\n\té 五\n";
        assert_eq!(harmless(table), table);
        let screen = "gone\u{1b}[2J\r\u{7}\u{9b}1A\u{7f}";
        assert_eq!(harmless(screen), "gone\\u001b[2J\\u000d\\u0007\\u009b1A\\u007f");
        assert_eq!(harmless("a\u{202e}b\u{2066}c"), "a\\u202eb\\u2066c");
    }

    #[test]
    fn json_stays_what_it_is() {
        let value = serde_json::json!({ "got": "\u{1b}[2J\u{9b}\u{202e}\u{7f}\n\"\\" });
        let text = value.to_string();
        let shown = harmless(&text);
        assert!(!shown.chars().any(acts) && shown != text, "{shown}");
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
    }
}
