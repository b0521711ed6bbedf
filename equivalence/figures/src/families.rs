//! Whose each version is.

use crate::failures::{BadRow, Failures, Numbers, Problem, rows, two};
use std::collections::BTreeMap;

/// The family of each version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Families {
    of: BTreeMap<u32, String>,
}

impl Families {
    /// The first line of the table.
    pub const HEADER: &'static str = "version,family";

    /// Reads a table with the header `version,family` and one row for each version of `failures`,
    /// numbered as they are there.
    ///
    /// # Errors
    /// The first row that cannot be used; the last line, if a version has no row.
    pub fn parse(text: &str, failures: &Failures) -> Result<Self, BadRow> {
        let mut numbers = Numbers::new(failures.versions());
        let mut found: BTreeMap<u32, (usize, String)> = BTreeMap::new();
        for (line, row) in rows(text, Self::HEADER)? {
            let bad = |problem| BadRow { line, problem };
            let (version, family) = two(row, Self::HEADER).map_err(bad)?;
            let version = numbers.read(version).map_err(bad)?;
            if family.is_empty() {
                return Err(bad(Problem::Nameless));
            }
            if let Some((first, _)) = found.insert(version, (line, family.to_owned())) {
                return Err(bad(Problem::Twice { first }));
            }
        }
        let end = |problem| BadRow { line: text.lines().count(), problem };
        let versions = failures.versions();
        if u32::try_from(found.len()) != Ok(versions) {
            return Err(end(Problem::Incomplete { found: found.len(), versions }));
        }
        if let Some(version) = failures.of_versions().keys().find(|one| !found.contains_key(one)) {
            return Err(end(Problem::NoFamily(*version)));
        }
        Ok(Self { of: found.into_iter().map(|(version, (_, family))| (version, family)).collect() })
    }

    /// How many versions each family has, by name.
    pub(crate) fn sizes(&self) -> BTreeMap<&str, u64> {
        self.count(self.of.keys())
    }

    /// How many of some versions each family has, by name.
    pub(crate) fn count<'a>(&self, versions: impl Iterator<Item = &'a u32>) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for family in versions.filter_map(|version| self.of.get(version)) {
            *counts.entry(family.as_str()).or_default() += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_one_family() {
        let failures = Failures::parse("version,input\n2,1\n", 2, 5).unwrap();
        let parse = |text| Families::parse(text, &failures).map_err(|bad| bad.to_string());
        let families = parse("version,family\n1,cedar\n2, aspen\n").unwrap();
        assert_eq!(families.sizes(), BTreeMap::from([("aspen", 1), ("cedar", 1)]));
        let lacking = "2: 1 versions have a family, and there are 2: add a line for each";
        assert_eq!(parse("version,family\n1,cedar\n").unwrap_err(), lacking);
        let other = "3: version 2 is in no family: add a line for it";
        assert_eq!(parse("version,family\n0,cedar\n1,aspen\n").unwrap_err(), other);
        let nameless = "2: the family has no name: write one behind the comma";
        assert_eq!(parse("version,family\n1,\n").unwrap_err(), nameless);
        let twice = "3: this stands in line 2 already: leave one of them out";
        assert_eq!(parse("version,family\n1,cedar\n1,aspen\n").unwrap_err(), twice);
    }
}
