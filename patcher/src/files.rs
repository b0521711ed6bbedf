//! Small helpers over files: hashing, writing only what changed, replacing in one step.

use crate::error::{Error, Result};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Files by path relative to some folder.
pub(crate) type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// SHA-256 in lower-case hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(Error::io(path))
}

pub(crate) fn read_text(path: &Path) -> Result<String> {
    let bytes = fs::read(path).map_err(Error::io(path))?;
    String::from_utf8(bytes).map_err(|error| {
        let text = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + text.iter().filter(|byte| **byte == b'\n').count();
        Error::NotText { path: path.to_owned(), line }
    })
}

pub(crate) fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(Error::io(path))
}

/// Writes a file unless it has this content already, so that its time of change stays.
pub(crate) fn write_if_changed(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    fs::write(path, content).map_err(Error::io(path))
}

/// Replaces a file in one step: readers see the old content or the new, never a part.
pub(crate) fn replace(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    create_folder(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(".patchy-")
        .permissions(fs::Permissions::from_mode(mode))
        .tempfile_in(folder)
        .map_err(Error::io(folder))?;
    file.write_all(content).map_err(Error::io(path))?;
    // The process's mask applies to new files only.
    file.as_file().set_permissions(fs::Permissions::from_mode(mode)).map_err(Error::io(path))?;
    file.persist(path).map(|_| ()).map_err(|error| Error::io(path)(error.error))
}

/// Makes a folder's files those of the tree: writes what changed, removes what is not in it.
pub(crate) fn write_folder(folder: &Path, tree: &Tree) -> Result<()> {
    for (path, content) in tree {
        write_if_changed(&folder.join(path), content)?;
    }
    remove_others(folder, Path::new(""), tree)
}

fn remove_others(folder: &Path, below: &Path, tree: &Tree) -> Result<()> {
    let place = folder.join(below);
    for entry in fs::read_dir(&place).map_err(Error::io(&place))? {
        let entry = entry.map_err(Error::io(&place))?;
        let shown = below.join(entry.file_name());
        let path = entry.path();
        if path.is_dir() {
            if tree.keys().any(|file| file.starts_with(&shown)) {
                remove_others(folder, &shown, tree)?;
            } else {
                fs::remove_dir_all(&path).map_err(Error::io(&path))?;
            }
        } else if !tree.contains_key(&shown) {
            fs::remove_file(&path).map_err(Error::io(&path))?;
        }
    }
    Ok(())
}

/// Reads a folder's files, relative to it; hidden entries and the named folders at its top are
/// left out.
pub(crate) fn read_folder(folder: &Path, without: &[&str]) -> Result<Tree> {
    let mut tree = Tree::new();
    collect(folder, Path::new(""), without, &mut tree)?;
    Ok(tree)
}

fn collect(folder: &Path, below: &Path, without: &[&str], tree: &mut Tree) -> Result<()> {
    let place = folder.join(below);
    for entry in fs::read_dir(&place).map_err(Error::io(&place))? {
        let name = entry.map_err(Error::io(&place))?.file_name();
        let text = name.to_string_lossy();
        if text.starts_with('.') || without.contains(&text.as_ref()) {
            continue;
        }
        let shown = below.join(&name);
        let path = folder.join(&shown);
        if path.is_dir() {
            collect(folder, &shown, &[], tree)?;
        } else {
            tree.insert(shown, read(&path)?);
        }
    }
    Ok(())
}

/// The line, from 1, of a byte in a text.
pub(crate) fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}
