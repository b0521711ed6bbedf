//! A cluster's folder, told from those that people take for it.

use crate::ClusterError;
use layout::Cluster;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Reads the cluster in `dir`. A replica's folder holds the same file, and is refused: what stands
/// in it beside that is one replica's alone.
///
/// # Errors
/// [`ClusterError`]: there is no such folder, it is another one, or its file is damaged.
pub(crate) fn read(dir: &Path) -> Result<Cluster, ClusterError> {
    let holds = |name: &str| dir.join(name).exists();
    let part = |whose| ClusterError::Part { dir: dir.to_path_buf(), whose, cluster: above(dir) };
    if holds(layout::node::FILE) {
        return Err(part("replica"));
    }
    if holds(layout::client::FILE) {
        return Err(part("client"));
    }
    match std::fs::metadata(dir) {
        Ok(found) if found.is_dir() && !holds(layout::cluster::FILE) => {
            Err(ClusterError::NoCluster { dir: dir.to_path_buf() })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(ClusterError::NoFolder { dir: dir.to_path_buf() })
        }
        // Whatever else is wrong with it is said of its file.
        _ => Ok(Cluster::read(dir)?),
    }
}

/// The cluster's folder above one of its parts, as it would be typed.
fn above(dir: &Path) -> Option<PathBuf> {
    let absolute = dir.canonicalize().ok()?;
    let is_cluster = |folder: &&Path| {
        folder.join(layout::cluster::FILE).is_file() && !folder.join(layout::node::FILE).exists()
    };
    absolute.ancestors().skip(1).find(is_cluster).map(Path::to_path_buf)
}
