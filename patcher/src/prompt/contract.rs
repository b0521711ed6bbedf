//! The parts of a contract that each way of specifying gives.

use crate::lineage::Specification;

/// The places of the paper that a text cites, each once: what follows `Paper:` up to the sentence's
/// end, and such as `section 4.1` or `Figure 4` elsewhere.
pub(crate) fn cited(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found: Vec<String> = Vec::new();
    for (_, after) in text.match_indices("Paper: ").map(|(at, word)| text.split_at(at + word.len()))
    {
        let place = sentence(after);
        if !place.is_empty() && !found.contains(&place) {
            found.push(place);
        }
    }
    for (index, word) in words.iter().enumerate() {
        let kind = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let kind = match kind.as_str() {
            "section" | "sections" => "section",
            "figure" | "figures" => "figure",
            "algorithm" => "algorithm",
            "step" | "steps" => "step",
            _ => continue,
        };
        let Some(number) = words.get(index + 1) else { continue };
        let number = number.trim_matches(|c: char| !c.is_alphanumeric());
        let numbered = number.starts_with(|c: char| c.is_ascii_digit())
            || (number.len() <= 3 && number.ends_with(|c: char| c.is_ascii_digit()));
        if numbered {
            let mut place = format!("{kind} {number}");
            place.extend(title(&words[index + 2..]).map(|title| format!(", {title}")));
            if !found.contains(&place) {
                found.push(place);
            }
        }
    }
    found
}

/// Whether a text says that the paper does not know of it: `Paper: none`.
pub(crate) fn is_ours_alone(text: &str) -> bool {
    text.contains("Paper: none")
}

/// What a text says after `Deviation:`, each time, unless it is `none`.
pub(crate) fn departures(text: &str) -> Vec<String> {
    let after = text.split("Deviation: ").skip(1);
    let told = after.map(|rest| rest.split("\n\n").next().unwrap_or_default());
    let lines = told.map(|told| told.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| line.trim_end_matches('.') != "none" && !line.is_empty()).collect()
}

/// What stands under a heading `# title` of a text.
pub(crate) fn section(text: &str, title: &str) -> String {
    let mut lines = text.lines().skip_while(|line| {
        line.strip_prefix('#').is_none_or(|rest| rest.trim_start_matches('#').trim() != title)
    });
    lines.next();
    let lines: Vec<&str> = lines.take_while(|line| !line.starts_with('#')).collect();
    lines.join("\n").trim().to_owned()
}

/// What of a contract is shown beside a signature to an author who works from `from`.
pub(crate) fn shown(text: &str, from: Specification) -> String {
    match from {
        Specification::Contract => text.to_owned(),
        Specification::Paper if is_ours_alone(text) => text.to_owned(),
        Specification::Paper => cited(text).join("\n"),
        Specification::Invariants => invariants(text).join("\n\n"),
    }
}

/// The first sentence of a text, on one line.
pub(crate) fn sentence(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let ends = [". ", "; Deviation", " Deviation:"].iter().filter_map(|end| line.find(end));
    let end = ends.min().unwrap_or(line.len());
    line[..end].trim_end_matches('.').to_owned()
}

/// A quoted title right behind a citation.
fn title(words: &[&str]) -> Option<String> {
    words.first().filter(|word| word.starts_with('"'))?;
    let end = words.iter().take(12).position(|word| {
        word.trim_end_matches(|c: char| c != '"').len() > 1
            && word.contains('"')
            && (word.matches('"').count() > 1 || !word.starts_with('"'))
    })?;
    let text = words[..=end].join(" ");
    let inner = text.trim_start_matches('"');
    Some(format!("\"{}\"", inner.split('"').next().unwrap_or(inner)))
}

/// The paragraphs of a text that begin with `Invariant:`, `Example:` or `Rejects:`.
pub(crate) fn invariants(text: &str) -> Vec<String> {
    beginning(text, &["Invariant", "Example", "Rejects"])
}

/// The paragraphs of a text that begin with one of these words and a colon.
pub(crate) fn beginning(text: &str, words: &[&str]) -> Vec<String> {
    let begins = |line: &str| {
        words.iter().any(|word| {
            line.strip_prefix(word)
                .is_some_and(|rest| rest.starts_with(':') || rest.starts_with("s:"))
        })
    };
    let mut found: Vec<String> = Vec::new();
    let mut within = false;
    for line in text.lines() {
        let plain = line.trim_start_matches(['-', '*', ' ']);
        if begins(plain) {
            found.push(plain.to_owned());
            within = true;
        } else if line.trim().is_empty() || starts_paragraph(plain) {
            within = false;
        } else if within && let Some(last) = found.last_mut() {
            last.push('\n');
            last.push_str(line);
        }
    }
    found
}

/// Whether a line begins with a word and a colon, as the parts of a contract do.
fn starts_paragraph(line: &str) -> bool {
    line.split_once(':').is_some_and(|(word, _)| {
        word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.chars().all(|c| c.is_ascii_alphabetic() || c == ' ')
            && word.len() < 20
    })
}
