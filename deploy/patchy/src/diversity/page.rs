//! One page of all of it, which needs no network and no other file.
//!
//! Every number is text in a table, so that it can be read without colours and without a script; the
//! script lets arrow keys go from cell to cell. Colours are steps of one hue, light to dark (on dark pages
//! dark to light), which eyes that see fewer colours tell apart too.

use super::{Distance, MEASURES, OfPair, OfSlot};
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the page is made of.
pub(crate) struct Page<'a> {
    /// The plan; nothing if families are compared.
    pub(crate) title: Option<&'a str>,
    pub(crate) parties: &'a [String],
    pub(crate) pairs: &'a [OfPair],
    pub(crate) slots: &'a [OfSlot],
    /// Each with what it is of.
    pub(crate) figures: &'a [(String, String)],
    /// The shared base: crates, and percent of all instructions.
    pub(crate) base: &'a [(String, f64)],
    pub(crate) workload: &'a str,
}

/// The page's text.
pub(crate) fn page(page: &Page<'_>) -> String {
    let heading = match page.title {
        None => "Diversity of all families".to_owned(),
        Some(plan) => format!("Diversity of {}", escaped(plan)),
    };
    let figures: String = page
        .figures
        .iter()
        .map(|(figure, of)| format!("<p><strong>{figure}</strong> {}</p>", escaped(of)))
        .collect();
    let who = if page.title.is_some() { "replicas" } else { "families" };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{heading}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{heading}</h1>\n\
         <div class=\"figures\">{figures}</div>\n</header>\n<main>\n\
         <section>\n<h2>Between {who}</h2>\n<p>0 is the same, 1 has nothing in common. Means over all \
         slots, weighed by lines.</p>\n{scale}\n<div class=\"beside\">\n<div class=\"maps\">{maps}</div>\n\
         {pairs}\n</div>\n</section>\n\
         <section>\n<h2>Slot by slot</h2>\n<p>Point at a cell, or go there with the arrow keys, to see its \
         number. A dash is where nothing could be measured.</p>\n{slots}\n</section>\n\
         {base}\
         <section>\n<h2>How this was measured</h2>\n<p>{workload}</p>\n</section>\n</main>\n\
         <p id=\"said\" role=\"status\" aria-live=\"polite\"></p>\n<script>\n{SCRIPT}</script>\n\
         </body>\n</html>\n",
        scale = scale(),
        maps = maps(page),
        pairs = pairs(page.pairs),
        slots = slots(page),
        base = base(page.base),
        workload = escaped(page.workload),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What the colours mean.
fn scale() -> String {
    let steps = (0..=10).map(|step| {
        let value = f64::from(step) / 10.0;
        format!("<span class=\"step\" style=\"--v:{value:.1}\">{value:.1}</span>")
    });
    format!("<p class=\"scale\" aria-hidden=\"true\">{}</p>", steps.collect::<String>())
}

/// One cell of a heat map: colour and, for whoever points at it, `said`. `shown` is written in it.
fn cell(distance: Option<f64>, said: &str, shown: bool) -> String {
    let Some(distance) = distance else {
        return format!(
            "<td class=\"heat none\" tabindex=\"-1\" data-said=\"{said}: not measured\">–</td>"
        );
    };
    let number = format!("{distance:.2}");
    let text = if shown { number } else { format!("<span class=\"number\">{number}</span>") };
    let dark = if distance >= 0.55 { " high" } else { "" };
    format!(
        "<td class=\"heat{dark}\" tabindex=\"-1\" style=\"--v:{distance:.3}\" data-said=\"{said}: \
         {distance:.3}\">{text}</td>"
    )
}

/// The head of a map's column.
fn heading(name: &str) -> String {
    format!("<th scope=\"col\"><span>{name}</span></th>")
}

/// A small map a measure, of everybody against everybody.
fn maps(page: &Page<'_>) -> String {
    let mut text = String::new();
    let heads: String = page.parties.iter().map(|name| heading(&escaped(name))).collect();
    for (number, measure) in MEASURES.iter().enumerate() {
        let _ = write!(
            text,
            "<table class=\"map\"><caption>{measure}</caption><thead><tr><td></td>{heads}</tr></thead>\
             <tbody>"
        );
        for row in page.parties {
            let _ = write!(text, "<tr><th scope=\"row\">{}</th>", escaped(row));
            for column in page.parties {
                let is = |pair: &&OfPair| {
                    (&pair.left, &pair.right) == (row, column)
                        || (&pair.left, &pair.right) == (column, row)
                };
                let distance = page.pairs.iter().find(is).map(|pair| pair.distance.all()[number]);
                let same = (row == column).then_some(0.0);
                let said = format!("{} and {}, {measure}", escaped(row), escaped(column));
                text += &cell(distance.unwrap_or(same), &said, true);
            }
            text += "</tr>";
        }
        text += "</tbody></table>\n";
    }
    text
}

fn numbers(distance: &Distance) -> String {
    let number = |it: Option<f64>| it.map_or_else(|| "–".to_owned(), |it| format!("{it:.3}"));
    distance.all().map(|it| format!("<td>{}</td>", number(it))).concat()
}

fn head(first: &str) -> String {
    let measures = MEASURES.map(|measure| format!("<th scope=\"col\">{measure}</th>")).concat();
    format!("<thead><tr>{first}{measures}</tr></thead>")
}

fn pairs(pairs: &[OfPair]) -> String {
    let first =
        "<th scope=\"col\">between</th><th scope=\"col\">slots</th><th scope=\"col\">same</th>";
    let mut text = format!("<div class=\"wide\"><table class=\"numbers\">{}<tbody>", head(first));
    for pair in pairs {
        let (left, right) = (escaped(&pair.left), escaped(&pair.right));
        let _ = write!(
            text,
            "<tr><th scope=\"row\">{left}, {right}</th><td>{}</td><td>{}</td>{}</tr>",
            pair.slots,
            pair.same,
            numbers(&pair.distance)
        );
    }
    text + "</tbody></table></div>"
}

/// A map a measure, of slots against pairs, one of them shown; and a table of means beside it.
fn slots(page: &Page<'_>) -> String {
    let choices: String = MEASURES
        .iter()
        .enumerate()
        .map(|(number, measure)| {
            let checked = if number == 0 { " checked" } else { "" };
            format!(
                "<label><input type=\"radio\" name=\"measure\" value=\"m{number}\"{checked}>{measure}\
                 </label>"
            )
        })
        .collect();
    let mut text = format!(
        "<fieldset class=\"choice\"><legend>Distance by</legend>{choices}</fieldset>\n\
         <div class=\"beside\">\n<div class=\"wide\">"
    );
    let names =
        page.pairs.iter().map(|pair| format!("{}, {}", escaped(&pair.left), escaped(&pair.right)));
    let heads: String = names.map(|name| heading(&name)).collect();
    for (number, measure) in MEASURES.iter().enumerate() {
        let _ = write!(
            text,
            "<table class=\"map slots m{number}\"><caption>{measure}, slots against pairs</caption><thead>\
             <tr><td></td>{heads}</tr></thead><tbody>"
        );
        for slot in page.slots {
            let _ = write!(text, "<tr><th scope=\"row\">{}</th>", slot.slot);
            for OfPair { left, right, .. } in page.pairs {
                let pair = slot.pairs.iter().find(|it| (&it.left, &it.right) == (left, right));
                let distance = pair.and_then(|pair| pair.distance.all()[number]);
                let said =
                    format!("{}, {} and {}, {measure}", slot.slot, escaped(left), escaped(right));
                text += &cell(distance, &said, false);
            }
            text += "</tr>";
        }
        text += "</tbody></table>\n";
    }
    text += "</div>\n";
    let first = "<th scope=\"col\">slot</th><th scope=\"col\">lines</th>";
    let _ = write!(
        text,
        "<div class=\"wide\"><table class=\"numbers\"><caption>means over the pairs</caption>{}<tbody>",
        head(first)
    );
    for slot in page.slots {
        let _ = write!(
            text,
            "<tr><th scope=\"row\">{}</th><td>{}</td>{}</tr>",
            slot.slot,
            slot.lines,
            numbers(&slot.distance)
        );
    }
    text + "</tbody></table></div>\n</div>"
}

/// The section of what all share; nothing where nobody could follow a cluster.
fn base(base: &[(String, f64)]) -> String {
    if base.is_empty() {
        return String::new();
    }
    let most = base.iter().map(|(_, percent)| *percent).fold(0.0, f64::max);
    let mut text = "<section>\n<h2>What all share</h2>\n<p>Instructions outside of diversified \
                    versions, by the crate or library that their line of source is in, in percent of \
                    all.</p>\n<div class=\"wide\"><table class=\"numbers base\"><tbody>"
        .to_owned();
    for (name, percent) in base.iter().filter(|(_, percent)| *percent >= 0.01) {
        let width = if most > 0.0 { 100.0 * percent / most } else { 0.0 };
        let _ = write!(
            text,
            "<tr><th scope=\"row\">{}</th><td>{percent:.2} %</td><td class=\"bar\"><span \
             style=\"width:{width:.1}%\"></span></td></tr>",
            escaped(name)
        );
    }
    text + "</tbody></table></div>\n</section>\n"
}

#[cfg(test)]
mod tests {
    use super::{Distance, OfPair, OfSlot, Page, base, page};

    fn text() -> String {
        let distance = Distance { source: Some(0.5), tree: Some(0.25), ..Distance::default() };
        let pair =
            OfPair { left: "a<b".to_owned(), right: "c".to_owned(), slots: 1, same: 0, distance };
        let slot = OfSlot {
            slot: "order.accept".to_owned(),
            lines: 7,
            pairs: vec![pair.clone()],
            distance,
        };
        page(&Page {
            title: Some("plan.toml"),
            parties: &["a<b".to_owned(), "c".to_owned()],
            pairs: std::slice::from_ref(&pair),
            slots: &[slot],
            figures: &[("1.0 %".to_owned(), "of it".to_owned())],
            base: &[("wire".to_owned(), 12.5)],
            workload: "so much",
        })
    }

    #[test]
    fn the_page_holds_every_number_and_nothing_from_elsewhere() {
        let text = text();
        for part in
            ["0.500", "0.250", "12.50 %", "order.accept", "a&lt;b and c, tree: 0.250", "so much"]
        {
            assert!(text.contains(part), "{part}");
        }
        assert!(text.contains("a&lt;b and c, trace: not measured"));
        for foreign in ["http:", "https:", "src=", "href=", "@import", "url(", "a<b"] {
            assert!(!text.contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn of_a_cluster_that_could_not_be_followed_nothing_is_said() {
        assert_eq!(base(&[]), "");
        assert!(base(&[("wire".to_owned(), 12.5)]).contains("What all share"));
    }

    #[test]
    fn what_is_opened_is_closed() {
        let text = text();
        for tag in ["table", "tr", "td", "th", "div", "section", "span", "tbody", "thead", "main"] {
            let opened = text.matches(&format!("<{tag}>")).count()
                + text.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, text.matches(&format!("</{tag}>")).count(), "{tag}");
        }
    }
}
