//! TOML files in and out, with errors that name file and line.

use crate::{FORMAT, LayoutError};
use serde::{Serialize, de::DeserializeOwned};
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Parses `path`; `format` picks the format version out of what was read.
pub(crate) fn read<T: DeserializeOwned>(
    path: &Path,
    format: impl Fn(&T) -> u16,
) -> Result<T, LayoutError> {
    let bytes = fs::read(path).map_err(LayoutError::io(path, "read"))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let text = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        LayoutError::Content {
            path: path.to_path_buf(),
            line: Some(1 + text.iter().filter(|byte| **byte == b'\n').count()),
            what: "the file is not text in UTF-8; save it as that".to_string(),
        }
    })?;
    let value: T = toml::from_str(&text).map_err(|error| LayoutError::Content {
        path: path.to_path_buf(),
        line: error.span().map(|span| 1 + text[..span.start].matches('\n').count()),
        what: error.message().lines().collect::<Vec<_>>().join(" "),
    })?;
    match format(&value) {
        FORMAT => Ok(value),
        other => Err(LayoutError::content(
            path,
            format!("format {other}, but this program knows {FORMAT}; use the matching version"),
        )),
    }
}

/// Writes `value` to a file with permission bits `mode`, in one piece: a reader sees the old
/// contents or the new.
pub(crate) fn write<T: Serialize>(path: &Path, mode: u32, value: &T) -> Result<(), LayoutError> {
    let text = toml::to_string(value)
        .map_err(|error| LayoutError::content(path, format!("cannot be written: {error}")))?;
    let draft = path.with_extension("draft");
    let create = || {
        let _ = fs::remove_file(&draft);
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    create().map_err(LayoutError::io(path, "written"))
}
