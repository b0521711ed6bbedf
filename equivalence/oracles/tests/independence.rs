//! No oracle calls what it judges: these sources import types of `prime`, and mention it in no
//! other way.

use std::path::{Path, PathBuf};
use std::{fs, io};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// The statements of a source, without comments, each on one line. A word that follows another
/// path segment belongs to that path.
fn mentions(source: &str) -> Vec<String> {
    let lines = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
    let statements = code.split_inclusive(';').map(str::trim);
    let apart = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
    let of_prime = |word: &str| {
        let word = word.strip_prefix("::").unwrap_or(word);
        word == "prime" || word.starts_with("prime::")
    };
    let own = statements.filter(|statement| statement.split(apart).any(of_prime));
    own.map(str::to_string).collect()
}

/// Whether a statement does nothing but import types.
fn imports_types(statement: &str) -> bool {
    let path = statement.strip_prefix("use prime::").and_then(|path| path.strip_suffix(';'));
    let Some((module, names)) = path.and_then(|path| path.split_once("::")) else { return false };
    let names = names.strip_prefix('{').and_then(|names| names.strip_suffix('}')).unwrap_or(names);
    let upper = |name: &str| {
        let name = name.trim();
        let word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        name.is_empty() || (name.starts_with(char::is_uppercase) && word)
    };
    module.chars().all(|c| c.is_lowercase() || c == '_') && names.split(',').all(upper)
}

#[test]
fn no_oracle_calls_a_slot() -> io::Result<()> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files)?;
    let mut found = 0;
    for file in &files {
        for statement in mentions(&fs::read_to_string(file)?) {
            // An import may follow what stands before it in the same statement: a module's head.
            let start = statement.rfind("use prime::").unwrap_or(0);
            let (head, import) = statement.split_at(start);
            let alone = mentions(head).is_empty() && imports_types(import);
            assert!(alone, "{}: {statement}", file.display());
            found += 1;
        }
    }
    assert!(found > 26, "only {found} imports in {} files", files.len());
    Ok(())
}

#[test]
fn calls_and_imports_of_slots_would_be_seen() {
    for bad in [
        "let x = prime::pre_order::relation(a, b);",
        "use prime::pre_order::{State, advance_aru};",
        "use prime::{pre_order::State, order};",
        "use prime::pre_order::relation as same;",
        "use prime::pre_order::*;",
        "use prime::pre_order;",
        "use prime as p;",
        "f(&::prime::order::eligible);",
    ] {
        let found = mentions(bad);
        assert!(!found.is_empty() && !found.iter().all(|it| imports_types(it)), "{bad}");
    }
    for good in ["use prime::pre_order::{PoSlot, State};", "use prime::order::State;"] {
        assert!(mentions(good).iter().all(|it| imports_types(it)), "{good}");
    }
    assert_eq!(mentions("use wire::prime::Matrix; // prime::order"), Vec::<String>::new());
}
