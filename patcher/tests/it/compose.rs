//! Composing leaves every byte that it need not change, and the diff shows what it changes.

use crate::common::{Tally, golden};
use patcher::{ReplicaPlan, composed_source, diff, reference_as_version};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_reference_composed_is_the_reference_byte_for_byte() {
    let tally = Tally::new();
    let (project, inventory) = tally.read();
    let replica = ReplicaPlan::of_family(1, "reference");
    let composed = composed_source(&project, &inventory, &replica).unwrap();
    let folder = tally.root.join("reference/tally");
    assert_eq!(composed.len(), 6);
    for (path, content) in composed {
        assert_eq!(content, fs::read(folder.join(&path)).unwrap(), "{}", path.display());
    }
}

#[test]
fn a_version_goes_in_unedited_and_untouched_bytes_stay() {
    let tally = Tally::new();
    let (project, inventory) = tally.read();
    let replica = ReplicaPlan::of_family(1, "heron");
    let composed = composed_source(&project, &inventory, &replica).unwrap();
    let reference = |path: &str| fs::read_to_string(tally.root.join("reference/tally").join(path));
    let text = |path: &str| {
        String::from_utf8(composed[Path::new(path)].clone()).expect("composed files are text")
    };

    for (slot, version) in &inventory.families["heron"].versions {
        let place = PathBuf::from(format!("src/versions/heron/{}", slot.file()));
        assert_eq!(composed[&place], version.text.as_bytes(), "{slot}");
    }
    let old = reference("src/count/on_update.rs").unwrap();
    let slot = &inventory.slots[&"count.on_update".parse().unwrap()];
    let (before, after) = (&old[..slot.bytes.start], &old[slot.bytes.end..]);
    let export = "pub use crate::versions::heron::count::on_update::on_update;";
    assert_eq!(text("src/count/on_update.rs"), format!("{before}{export}{after}"));
    assert!(before.ends_with("Update};\n\n") && after.starts_with("\n\n/// Adds –"));

    let root = reference("src/lib.rs").unwrap();
    let added = "\nmod versions;\nextern crate self as tally;\n";
    assert_eq!(text("src/lib.rs"), format!("{root}{added}"));
    for file in ["src/count/mod.rs", "src/check/mod.rs"] {
        assert_eq!(text(file), reference(file).unwrap());
    }
}

#[test]
fn one_slot_can_come_from_another_family_and_the_rest_from_the_reference() {
    let tally = Tally::new();
    let (project, inventory) = tally.read();
    let mut replica = ReplicaPlan::of_family(1, "reference");
    replica.slots.insert("count.weigh".to_owned(), "ibis".to_owned());
    let composed = composed_source(&project, &inventory, &replica).unwrap();
    let versions: Vec<&Path> = composed
        .keys()
        .filter(|path| path.starts_with("src/versions"))
        .map(PathBuf::as_path)
        .collect();
    let expected = [
        "src/versions/ibis/count/mod.rs",
        "src/versions/ibis/count/weigh.rs",
        "src/versions/ibis/mod.rs",
        "src/versions/mod.rs",
    ];
    assert_eq!(versions, expected.map(Path::new));
}

#[test]
fn the_diff_of_a_replica_is_as_kept() {
    let (project, inventory) = Tally::new().read();
    let mut replica = ReplicaPlan::of_family(1, "heron");
    replica.slots.insert("count.weigh".to_owned(), "ibis".to_owned());
    golden("mixed.diff", &diff(&project, &inventory, &replica));
    let reference = ReplicaPlan::of_family(1, "reference");
    assert_eq!(diff(&project, &inventory, &reference), "");
}

#[test]
fn the_reference_as_a_version_keeps_all_but_its_attribute_and_its_crate_paths() {
    let tally = Tally::new();
    let (project, inventory) = tally.read();
    let slot = inventory.slot("count.on_update").unwrap();
    let version = reference_as_version(&project, &inventory, slot).unwrap();
    let expected = inventory.texts[&slot.path]
        .replace("use slots::slot;\n", "")
        .replace("#[slot(count.on_update)]\n", "")
        .replace("use crate::", "use tally::");
    assert_eq!(version, expected);
}
