//! Which versions failed on which inputs.

use std::collections::BTreeMap;
use thiserror::Error;

/// The table of failures, without the inputs' names: no figure depends on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    versions: u32,
    inputs: u64,
    /// How many inputs each set of versions failed on together. The sets are in order and not
    /// empty; a version has the number that the table gives it.
    patterns: BTreeMap<Vec<u32>, u64>,
}

/// A row of a table that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{line}: {problem}")]
pub struct BadRow {
    /// Where, from 1.
    pub line: usize,
    /// What is wrong, with its mend.
    pub problem: Problem,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// There is no row at all.
    #[error("the file is empty: begin it with the line `{0}`")]
    Empty(&'static str),
    /// The first line names no columns, or others.
    #[error("the first line is `{found}`: begin the file with the line `{expected}`")]
    Header {
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// More or fewer than two values.
    #[error("`{found}` is not two values with a comma between them, as `{header}` asks for")]
    Values {
        /// The row.
        found: String,
        /// The names of the columns.
        header: &'static str,
    },
    /// A value that is no number.
    #[error("the {column} `{found}` is not a whole number: number them from 0")]
    Number {
        /// The value's column.
        column: &'static str,
        /// The value.
        found: String,
    },
    /// A version that is not among those that there are.
    #[error(
        "there is no version {version} among {versions}, which are numbered from 0 or from 1: \
         correct the number, or say how many there are with --versions"
    )]
    Version {
        /// The number.
        version: u64,
        /// How many there are.
        versions: u32,
    },
    /// An input that is not among those that there were.
    #[error(
        "there is no input {input} among {inputs}, which are numbered from 0: correct the number, \
         or say how many there were with --inputs"
    )]
    Input {
        /// The number.
        input: u64,
        /// How many there were.
        inputs: u64,
    },
    /// The same again.
    #[error("this stands in line {first} already: leave one of them out")]
    Twice {
        /// Where it stood first.
        first: usize,
    },
    /// A version in no family, at the table's end.
    #[error("version {0} is in no family: add a line for it")]
    NoFamily(u32),
    /// A version without a family's name.
    #[error("the family has no name: write one behind the comma")]
    Nameless,
    /// Too few or too many.
    #[error("{found} versions have a family, and there are {versions}: add a line for each")]
    Incomplete {
        /// How many have one.
        found: usize,
        /// How many there are.
        versions: u32,
    },
}

/// The lines of a table below its header, with their numbers; blank ones are left out.
pub(crate) fn rows<'a>(
    text: &'a str,
    header: &'static str,
) -> Result<impl Iterator<Item = (usize, &'a str)>, BadRow> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().map(str::trim).unwrap_or_default();
    let bad = |problem| Err(BadRow { line: 1, problem });
    if text.trim().is_empty() {
        return bad(Problem::Empty(header));
    }
    if !first.split(',').map(str::trim).eq(header.split(',')) {
        return bad(Problem::Header { found: first.to_owned(), expected: header });
    }
    let rows = text.lines().enumerate().skip(1).map(|(at, row)| (at + 1, row.trim()));
    Ok(rows.filter(|(_, row)| !row.is_empty()))
}

/// The two values of a row.
pub(crate) fn two<'a>(row: &'a str, header: &'static str) -> Result<(&'a str, &'a str), Problem> {
    let values = row.split_once(',').filter(|(_, second)| !second.contains(','));
    let (first, second) =
        values.ok_or_else(|| Problem::Values { found: row.to_owned(), header })?;
    Ok((first.trim(), second.trim()))
}

fn number(column: &'static str, value: &str) -> Result<u64, Problem> {
    value.parse().map_err(|_| Problem::Number { column, found: value.to_owned() })
}

/// Reads numbers of versions, which are counted from 0 or from 1, whichever the table does.
#[derive(Debug)]
pub(crate) struct Numbers {
    versions: u32,
    /// Whether 0, and whether the number of versions, was seen.
    ends: (bool, bool),
}

impl Numbers {
    pub(crate) fn new(versions: u32) -> Self {
        Self { versions, ends: (false, false) }
    }

    pub(crate) fn read(&mut self, value: &str) -> Result<u32, Problem> {
        let version = number("version", value)?;
        let versions = self.versions;
        let unknown = Problem::Version { version, versions };
        let version = u32::try_from(version).map_err(|_| unknown.clone())?;
        self.ends.0 |= version == 0;
        self.ends.1 |= version == versions;
        if version > versions || self.ends == (true, true) { Err(unknown) } else { Ok(version) }
    }
}

impl Failures {
    /// The first line of the table.
    pub const HEADER: &'static str = "version,input";

    /// Reads a table with the header `version,input` and one failure a row, of `versions` versions
    /// that were run on `inputs` inputs. Versions are numbered from 0 or from 1, inputs from 0.
    ///
    /// # Errors
    /// The first row that cannot be used.
    pub fn parse(text: &str, versions: u32, inputs: u64) -> Result<Self, BadRow> {
        let mut numbers = Numbers::new(versions);
        let mut found: BTreeMap<u64, BTreeMap<u32, usize>> = BTreeMap::new();
        for (line, row) in rows(text, Self::HEADER)? {
            let bad = |problem| BadRow { line, problem };
            let (version, input) = two(row, Self::HEADER).map_err(bad)?;
            let version = numbers.read(version).map_err(bad)?;
            let input = number("input", input).map_err(bad)?;
            if input >= inputs {
                return Err(bad(Problem::Input { input, inputs }));
            }
            if let Some(first) = found.entry(input).or_default().insert(version, line) {
                return Err(bad(Problem::Twice { first }));
            }
        }
        let mut patterns: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
        for failed in found.into_values() {
            *patterns.entry(failed.into_keys().collect()).or_default() += 1;
        }
        Ok(Self { versions, inputs, patterns })
    }

    /// How many versions there are.
    #[must_use]
    pub fn versions(&self) -> u32 {
        self.versions
    }

    /// How many inputs all of them were run on.
    #[must_use]
    pub fn inputs(&self) -> u64 {
        self.inputs
    }

    /// Failures, each of one version on one input.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.patterns.iter().map(|(failed, inputs)| failed.len() as u64 * inputs).sum()
    }

    /// Each set of versions that failed together, in order, with the number of inputs.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = (&[u32], u64)> {
        self.patterns.iter().map(|(failed, inputs)| (failed.as_slice(), *inputs))
    }

    /// On how many inputs each version failed that failed at all.
    #[must_use]
    pub fn of_versions(&self) -> BTreeMap<u32, u64> {
        let mut failures = BTreeMap::new();
        for (failed, inputs) in self.patterns() {
            for version in failed {
                *failures.entry(*version).or_default() += inputs;
            }
        }
        failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Failures, String> {
        Failures::parse(text, 3, 10).map_err(|bad| bad.to_string())
    }

    #[test]
    fn inputs_on_which_the_same_versions_fail_are_counted_together() {
        let failures = parse("version,input\n0,4\n2, 9\n\n2,4\r\n0,9\n0,5\n").unwrap();
        let patterns: Vec<_> = failures.patterns().collect();
        assert_eq!(patterns, [(&[0][..], 1), (&[0, 2][..], 2)]);
        assert_eq!(failures.of_versions(), BTreeMap::from([(0, 3), (2, 2)]));
        assert_eq!((failures.count(), failures.versions(), failures.inputs()), (5, 3, 10));
        assert_eq!(parse("\u{feff}version,input").unwrap().count(), 0);
    }

    #[test]
    fn versions_are_numbered_from_0_or_from_1_and_not_both() {
        assert!(parse("version,input\n3,1\n1,1\n").is_ok());
        assert!(parse("version,input\n0,1\n2,1\n").is_ok());
        let both = "3: there is no version 3 among 3, which are numbered from 0 or from 1: correct \
                    the number, or say how many there are with --versions";
        assert_eq!(parse("version,input\n0,1\n3,1\n").unwrap_err(), both);
        let above = both.replace("version 3", "version 4");
        assert_eq!(parse("version,input\n1,1\n4,1\n").unwrap_err(), above);
    }

    #[test]
    fn each_mistake_is_named_with_its_line_and_mend() {
        let cases = [
            ("", "1: the file is empty: begin it with the line `version,input`"),
            ("\n \n", "1: the file is empty: begin it with the line `version,input`"),
            ("0,1\n", "1: the first line is `0,1`: begin the file with the line `version,input`"),
            (
                "version,input\n0\n",
                "2: `0` is not two values with a comma between them, as `version,input` asks for",
            ),
            (
                "version,input\n0,1,2\n",
                "2: `0,1,2` is not two values with a comma between them, as `version,input` asks \
                 for",
            ),
            (
                "version,input\n0,1\nx,1\n",
                "3: the version `x` is not a whole number: number them from 0",
            ),
            (
                "version,input\n0,-1\n",
                "2: the input `-1` is not a whole number: number them from 0",
            ),
            (
                "version,input\n0,10\n",
                "2: there is no input 10 among 10, which are numbered from 0: correct the number, \
                 or say how many there were with --inputs",
            ),
            (
                "version,input\n0,1\n1,1\n0,1\n",
                "4: this stands in line 2 already: leave one of them out",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).unwrap_err(), expected);
        }
    }
}
