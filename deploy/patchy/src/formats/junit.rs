//! JUnit's XML, as build servers read it: one test case a version.

use super::{Places, details};
use crate::commands::check::word;
use serde_json::json;
use std::fmt::Write as _;
use verdict::{Decision, Report, Verdict};

/// One suite a slot, one case a version. Rejected is a failure, undecided is skipped, since nothing was
/// found; cases and speed are properties of the suite's cases.
pub(crate) fn junit(report: &Report, places: &Places) -> String {
    let all = &report.versions;
    let mut slots: Vec<&str> = all.iter().map(|verdict| verdict.slot.as_str()).collect();
    slots.sort_unstable();
    slots.dedup();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"patchy check\" {}>", counts(all.iter()));
    for slot in slots {
        let suite = || all.iter().filter(|verdict| verdict.slot == slot);
        let _ = writeln!(text, "  <testsuite name=\"{}\" {}>", escaped(slot), counts(suite()));
        suite().for_each(|verdict| case(&mut text, verdict, places));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn counts<'a>(verdicts: impl Iterator<Item = &'a Verdict> + Clone) -> String {
    let count = |decision| verdicts.clone().filter(|one| one.verdict == decision).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
        verdicts.clone().count(),
        count(Decision::Rejected),
        count(Decision::Undecided),
    )
}

fn case(text: &mut String, verdict: &Verdict, places: &Places) {
    let place = places.of(verdict).map_or_else(String::new, |place| {
        let file = place.file.to_string_lossy();
        format!(" file=\"{}\" line=\"{}\"", escaped(&file), place.line)
    });
    let _ = writeln!(
        text,
        "    <testcase classname=\"{}\" name=\"{}\"{place}>",
        escaped(&verdict.slot),
        escaped(&verdict.family),
    );
    let message = escaped(verdict.rule.as_deref().unwrap_or_default());
    match verdict.verdict {
        Decision::Accepted => {}
        Decision::Undecided => {
            let _ = writeln!(text, "      <skipped message=\"{message}\"/>");
        }
        Decision::Rejected => {
            let by = json!(verdict.by);
            let by = by.as_str().unwrap_or("bench");
            let said = escaped(&details(verdict));
            let failure = format!("<failure type=\"{by}\" message=\"{message}\">{said}</failure>");
            let _ = writeln!(text, "      {failure}");
        }
    }
    let speed = format!(
        "{}: {} cases, {} cases/s, something comes of {} %",
        word(verdict),
        verdict.cases,
        verdict.cases_per_second,
        verdict.state_changing_percent
    );
    let _ = writeln!(text, "      <system-out>{}</system-out>", escaped(&speed));
    text.push_str("    </testcase>\n");
}

/// A text as it may stand in XML, in an attribute too; what no XML may hold becomes a mark.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' => safe.push_str("&#10;"),
            '\t' => safe.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn any_text_can_stand_in_xml() {
        let text = "a<b> & \"c\"\nd\u{1b}[0m\u{0}\u{ffff}é";
        let document = format!("<t a=\"{}\">{0}</t>", escaped(text));
        let parsed = roxmltree::Document::parse(&document).unwrap();
        let shown = "a<b> & \"c\"\nd\u{fffd}[0m\u{fffd}\u{fffd}é";
        assert_eq!(parsed.root_element().attribute("a"), Some(shown));
        assert_eq!(parsed.root_element().text(), Some(shown));
    }
}
