//! Whose code an instruction is, from the source file that its line came from.
//!
//! The compiler notes a file and a line for every instruction, and where a function was copied into
//! another those of the function that was copied. So an instruction belongs to who wrote its line, not to
//! the function that it ended up in.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// Whose an instruction is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// A version's.
    Version {
        /// `reference` for the protocol's own.
        family: String,
        /// `component.slot`.
        slot: String,
    },
    /// What is there once, by the name of its crate or library.
    Shared(String),
}

impl Owner {
    /// What nobody knows the source of.
    pub(crate) fn unknown() -> Self {
        Self::Shared("(no source)".to_owned())
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { family, slot } => write!(formatter, "{family}/{slot}"),
            Self::Shared(name) => formatter.write_str(name),
        }
    }
}

/// Where the protocol's own slots stand in its sources.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Slots {
    /// The protocol's crate, as the compiler names it.
    pub(crate) protocol: String,
    /// Slots that have a file to themselves: that file, relative to the crate's sources, to
    /// `component.slot`.
    pub(crate) files: BTreeMap<String, String>,
}

impl Slots {
    /// Whose the code of a source file is.
    pub(crate) fn owner(&self, file: &str) -> Owner {
        let parts: Vec<&str> = file.split('/').filter(|part| !part.is_empty()).collect();
        if let Some(at) = parts.iter().rposition(|part| *part == "versions")
            && let [family, component, name] = parts[at + 1..]
            && let Some(name) = name.strip_suffix(".rs")
        {
            let (family, slot) = (family.to_owned(), format!("{component}.{name}"));
            return Owner::Version { family, slot };
        }
        let Some((name, inside)) = crate_of(&parts) else { return Owner::unknown() };
        match self.files.get(&inside.join("/")).filter(|_| name == self.protocol) {
            Some(slot) => Owner::Version { family: "reference".to_owned(), slot: slot.clone() },
            None => Owner::Shared(name),
        }
    }

    /// Whose a function is, from its path, as far as it is a version's.
    pub(crate) fn version(&self, path: &str) -> Option<(String, String)> {
        let path = path.trim_start_matches('<');
        let parts: Vec<&str> = path.split("::").collect();
        match parts.as_slice() {
            [_, "versions", family, component, slot, ..] => {
                Some(((*family).to_owned(), format!("{component}.{slot}")))
            }
            [name, component, slot, _, ..] if *name == self.protocol => {
                let slot = self.files.get(&format!("{component}/{slot}.rs"))?;
                Some(("reference".to_owned(), slot.clone()))
            }
            _ => None,
        }
    }
}

/// A crate's name, and the way inside its sources.
fn crate_of<'a>(parts: &'a [&'a str]) -> Option<(String, &'a [&'a str])> {
    let after = |word: &str| parts.iter().position(|part| *part == word).map(|at| at + 1);
    // The standard library's own crates, and those that it is made of.
    if let (Some(at), Some(_)) = (after("library"), after("rustc")) {
        return Some(((*parts.get(at)?).to_owned(), &parts[at + 1..]));
    }
    // A registry's: `registry/src/<registry>/<name>-<version>/...`.
    if let Some(at) = after("registry") {
        return Some((without_version(parts.get(at + 2)?), parts.get(at + 3..)?));
    }
    let at = parts.iter().rposition(|part| *part == "src")?;
    let name = without_version(without_hash(parts.get(at.checked_sub(1)?)?));
    Some((name, &parts[at + 1..]))
}

/// `borsh-1.5.7` is `borsh`.
fn without_version(name: &str) -> String {
    let is_version = |(_, rest): &(&str, &str)| rest.starts_with(|c: char| c.is_ascii_digit());
    let at = name.match_indices('-').map(|(at, _)| (&name[..at], &name[at + 1..]));
    at.into_iter().find(is_version).map_or(name, |(name, _)| name).to_owned()
}

/// The name of a composed crate has the composition behind it.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 12 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            name
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::{Owner, Slots};
    use std::collections::BTreeMap;

    fn slots() -> Slots {
        let files = BTreeMap::from([("order/accept.rs".to_owned(), "order.accept".to_owned())]);
        Slots { protocol: "prime".to_owned(), files }
    }

    #[test]
    fn a_line_belongs_to_who_wrote_it() {
        let whose = [
            (
                "/project/ws/compositions/prime-0a1b2c3d4e5f/src/versions/alder/order/accept.rs",
                "alder/order.accept",
            ),
            (
                "/project/ws/compositions/prime-0a1b2c3d4e5f/src/order/accept.rs",
                "reference/order.accept",
            ),
            ("/project/ws/reference/prime/src/order/mod.rs", "prime"),
            ("/project/ws/equivalence/oracles/src/order/accept.rs", "oracles"),
            ("/rustc/0123/library/alloc/src/collections/btree/map.rs", "alloc"),
            (
                "/cargo/registry/src/index.crates.io-1/curve25519-dalek-5.0.0/src/field.rs",
                "curve25519-dalek",
            ),
            ("/cargo/registry/src/index.crates.io-1/sha2-0.11.0/src/sha256/x86.rs", "sha2"),
            ("", "(no source)"),
        ];
        for (file, owner) in whose {
            assert_eq!(slots().owner(file).to_string(), owner, "{file}");
        }
        assert_eq!(slots().owner("x"), Owner::unknown());
    }

    #[test]
    fn a_function_belongs_to_its_module() {
        let whose = |path| slots().version(path).map(|(family, slot)| format!("{family}/{slot}"));
        let alder = Some("alder/order.accept".to_owned());
        assert_eq!(whose("runner_0a::versions::alder::order::accept::accept"), alder);
        assert_eq!(whose("<runner_0a::versions::alder::order::accept::Row as A>::b"), alder);
        let reference = Some("reference/order.accept".to_owned());
        assert_eq!(whose("prime::order::accept::accept::{{closure}}"), reference);
        assert_eq!(whose("prime::order::other::accept"), None);
        assert_eq!(whose("oracles::order::accept::check"), None);
    }
}
