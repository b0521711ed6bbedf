//! Files that a command writes: tried before the work is done, and whole once they are there.

use crate::exit::{Failure, Result};
use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file that is to be written.
#[derive(Debug)]
pub(crate) struct Output {
    file: PathBuf,
    /// What becomes the file; `None` for a device or a pipe, which is written as it is.
    draft: Option<NamedTempFile>,
}

impl Output {
    /// Tries whether the file that `option` named can be written.
    pub(crate) fn open(file: &Path, option: &str) -> Result<Self> {
        let draft = match fs::metadata(file) {
            Ok(found) if found.is_dir() => {
                let shown = file.display();
                return Err(Failure::usage(format!(
                    "{shown}: this is a folder; name a file in it"
                )));
            }
            Ok(found) if !found.is_file() => None,
            _ => {
                let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty());
                let folder = folder.unwrap_or_else(|| Path::new("."));
                let mode = Permissions::from_mode(0o644);
                let draft = tempfile::Builder::new().permissions(mode).tempfile_in(folder);
                Some(draft.map_err(|error| {
                    Failure::usage(format!(
                        "{}: no file can be made in {} ({}); name another with {option}",
                        file.display(),
                        folder.display(),
                        error.kind()
                    ))
                })?)
            }
        };
        Ok(Self { file: file.to_owned(), draft })
    }

    /// Writes all of it at once.
    pub(crate) fn write(self, text: &str) -> Result<()> {
        let file = &self.file;
        let Some(mut draft) = self.draft else {
            return fs::write(file, text).map_err(Failure::file(file));
        };
        draft.write_all(text.as_bytes()).map_err(Failure::file(file))?;
        draft.persist(file).map(drop).map_err(|error| Failure::file(file)(error.error))
    }
}
