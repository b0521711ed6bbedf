//! Errors with file and line, gathered.

use crate::gate::Forbidden;
use crate::mistake::Mistake;
use crate::path::SlotPath;
use std::fmt;
use std::path::PathBuf;
use thiserror::Error;

/// Something wrong in a source file. Every message names the place and the mend.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// The file could not be read.
    #[error("{}: {reason}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file is not Rust.
    #[error("{}:{line}: this is not valid Rust: {reason}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What the parser said.
        reason: String,
    },
    /// A slot, or the entry function of a version, does not have the form that it must have.
    #[error("{}:{line}: {mistake}", file.display())]
    Form {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        mistake: Mistake,
    },
    /// Two functions claim to be the same slot.
    #[error(
        "{}:{line}: the slot `{slot}` is already at {}:{first_line}: rename one of them",
        file.display(), first_file.display()
    )]
    Duplicate {
        /// The slot.
        slot: SlotPath,
        /// The second file.
        file: PathBuf,
        /// The second line.
        line: usize,
        /// The first file.
        first_file: PathBuf,
        /// The first line.
        first_line: usize,
    },
    /// A version file has no entry function.
    #[error("{}: a version of `{slot}` must have `{expected}`: add it", file.display())]
    NoEntry {
        /// The slot.
        slot: SlotPath,
        /// The file.
        file: PathBuf,
        /// The signature that it must have.
        expected: String,
    },
    /// The entry function's signature is not the slot's.
    #[error(
        "{}:{line}: the signature does not fit the slot `{slot}`: change `{found}` to `{expected}`",
        file.display()
    )]
    Signature {
        /// The slot.
        slot: SlotPath,
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The version's signature.
        found: String,
        /// The slot's signature.
        expected: String,
    },
    /// The version contains something that no version may contain.
    #[error("{}:{line}: {forbidden}", file.display())]
    Gate {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What it is.
        forbidden: Forbidden,
    },
}

/// All errors found in one go; never empty when returned as an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Errors(pub Vec<Error>);

impl Errors {
    /// `value` if nothing was wrong, else the errors.
    ///
    /// # Errors
    ///
    /// Itself, if it holds any error.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// Adds one error.
    pub fn push(&mut self, error: Error) {
        self.0.push(error);
    }
}

impl From<Error> for Errors {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}
