//! Where two values differ, read off what they look like.

use std::fmt::Debug;

/// Longest text of one side that is shown. Unit: bytes.
const SHOWN: usize = 600;

/// The path of the first field or entry that differs, as `instances.Tag.echoes`, and what stands
/// there on either side. For two values that look alike the path says so.
pub(crate) fn between<T: Debug>(expected: &T, got: &T) -> (String, String, String) {
    let (wanted, found) = (format!("{expected:#?}"), format!("{got:#?}"));
    let (wanted, found): (Vec<&str>, Vec<&str>) =
        (wanted.lines().collect(), found.lines().collect());
    let same = wanted.iter().zip(&found).take_while(|(one, other)| one == other).count();
    if same == wanted.len() && same == found.len() {
        return (String::from("what is not shown"), String::from("equal"), String::from("unequal"));
    }
    let line = found.get(same).or_else(|| wanted.get(same)).copied().unwrap_or_default();
    let path = path_to(&found[..same.min(found.len())], line);
    (path, excerpt(&wanted[same..]), excerpt(&found[same..]))
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The name under which a line stands: what is before its colon or bracket.
fn name(line: &str) -> &str {
    let line = line.trim();
    let end = line.find([':', '(', '{', '[', ',']).unwrap_or(line.len());
    line[..end].trim()
}

/// The names of everything that is open where `line` follows `lines`, its own last.
fn path_to(lines: &[&str], line: &str) -> String {
    let mut names = vec![name(line)];
    // Where a collection ends too soon, what differs is the collection.
    let ends = line.trim_start().starts_with(['}', ')', ']']);
    let mut within = depth(line) + usize::from(ends);
    for above in lines.iter().rev().filter(|above| above.ends_with(['{', '(', '['])) {
        if depth(above) < within {
            within = depth(above);
            names.push(name(above));
        }
    }
    // The outermost is the type's own name.
    names.pop();
    names.retain(|name| !name.is_empty() && !name.starts_with(['}', ')', ']']));
    names.reverse();
    if names.is_empty() { String::from("whole") } else { names.join(".") }
}

/// The first of `lines` with all that stands within it.
fn excerpt(lines: &[&str]) -> String {
    let Some((first, rest)) = lines.split_first() else { return String::from("nothing more") };
    let within = rest.iter().take_while(|line| depth(line) > depth(first));
    let words: Vec<&str> = std::iter::once(first).chain(within).map(|line| line.trim()).collect();
    let mut text = words.join(" ");
    let end = (0..=SHOWN.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    text.truncate(end.unwrap_or_default());
    text
}

#[cfg(test)]
mod tests {
    use super::between;
    use std::collections::BTreeMap;

    #[derive(Clone, Debug)]
    struct Inner {
        _votes: BTreeMap<u8, char>,
        _done: bool,
    }

    #[derive(Clone, Debug)]
    struct Outer {
        _first: Inner,
        _second: Inner,
    }

    #[test]
    fn the_first_difference_is_found_under_its_path() {
        let inner = || Inner { _votes: BTreeMap::from([(1, 'a'), (2, 'b')]), _done: false };
        let outer = Outer { _first: inner(), _second: inner() };
        let mut other = outer.clone();
        other._second._votes.insert(2, 'c');
        let (path, expected, got) = between(&outer, &other);
        assert_eq!(path, "_second._votes.2");
        assert!(expected.starts_with("2: 'b'") && got.starts_with("2: 'c'"), "{expected} {got}");
        let mut other = outer.clone();
        other._first._done = true;
        assert_eq!(between(&outer, &other).0, "_first._done");
        other._first._votes.clear();
        other._second._votes.remove(&2);
        assert_eq!(between(&outer, &other).0, "_first._votes");
        other._first = inner();
        assert_eq!(between(&outer, &other).0, "_second._votes");
        assert_eq!(between(&1, &2), ("whole".to_string(), "1".to_string(), "2".to_string()));
        assert_eq!(between(&outer, &outer).0, "what is not shown");
    }
}
