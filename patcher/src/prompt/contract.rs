//! The parts of a contract that each way of specifying gives.

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

/// The first sentence of a text, on one line.
fn sentence(text: &str) -> String {
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
    let begins = |line: &str| {
        ["Invariant", "Example", "Rejects"].iter().any(|word| {
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
