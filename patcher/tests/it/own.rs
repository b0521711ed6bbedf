//! The project's own protocol, read as data.

use patcher::{
    Inventory, Project, PromptRequest, Specification, VersionFile, prompt, reference_as_version,
};
use std::collections::BTreeSet;
use std::path::Path;

pub(crate) fn own() -> (Project, Inventory) {
    let project = Project::find(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the own project");
    let inventory = Inventory::read(&project).expect("its inventory");
    (project, inventory)
}

#[test]
fn every_slot_has_a_file_of_its_own_and_its_text_keeps_the_rules_for_versions() {
    let (project, inventory) = own();
    assert!(inventory.slots.len() > 20);
    let mut wrong = Vec::new();
    for slot in inventory.slots.values() {
        assert_eq!(slot.file, Path::new(&slot.path.file()));
        let text = reference_as_version(&project, &inventory, slot).unwrap();
        let version = VersionFile::new(slot, "reference", &slot.file, text);
        wrong.extend(version.fit.err().map(|errors| errors.to_string()));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_prompt_shows_a_line_of_the_body_that_it_asks_for() {
    let (project, inventory) = own();
    let components: BTreeSet<&String> =
        inventory.slots.keys().map(|slot| &slot.component).collect();
    for name in components {
        for from in [Specification::Contract, Specification::Paper, Specification::Invariants] {
            let request = PromptRequest { name, from, mandate: None, rewrite: false, whole: false };
            let text = prompt(&project, &inventory, &request).unwrap();
            for slot in inventory.slots_named(name).unwrap() {
                let body = &inventory.texts[&slot.path][slot.body.clone()];
                let mut lines = body.lines().map(str::trim);
                let shown = lines.find(|line| line.len() > 30 && text.contains(line));
                assert_eq!(shown, None, "{} from {from}", slot.path);
            }
        }
    }
}

#[test]
fn every_version_stands_at_a_slot_and_fits_it() {
    let (_, inventory) = own();
    for (name, family) in &inventory.families {
        assert_eq!(family.strays, Vec::<std::path::PathBuf>::new(), "{name}");
        for version in family.versions.values() {
            assert!(version.fit.is_ok(), "{}", version.fit.as_ref().unwrap_err());
        }
    }
}

/// What authors need beside the types: methods of verified messages, functions and constants that
/// contracts and comments name.
#[test]
fn prompts_show_what_their_contracts_name() {
    let (project, inventory) = own();
    for (name, needed) in [
        ("order.on_ordered_certificate", &["pub fn parts(&self, context: &Context)"][..]),
        ("order.on_pre_prepare_conflict", &["pub fn pair"]),
        ("view_change.on_delivered", &["pub fn pre_prepare(&self, context: &Context)"]),
        ("view_change.on_install_certificate", &["pub fn replay(&self", "commits"]),
        ("checkpoint.on_checkpoint_proof", &["pub fn rows", "checkpoints"]),
        ("recon.on_recon", &["pub fn fold("]),
        ("recon.on_recon_request", &["pub fn content("]),
        ("recon.encode", &["pub struct Tree", "const MAX_UPDATE_OVERHEAD"]),
        ("broadcast.on_rb_init", &["const AHEAD", "const UNANNOUNCED"]),
    ] {
        let (from, mandate) = (Specification::Contract, None);
        let request = PromptRequest { name, from, mandate, rewrite: false, whole: false };
        let text = prompt(&project, &inventory, &request).unwrap();
        for part in needed {
            assert!(text.contains(part), "{name} lacks {part}");
        }
        assert!(!text.contains("](super::") && !text.contains("](crate::"), "{name}");
    }
}

/// Without contracts authors have examples: where a component has some kept, each of its slots has.
#[test]
fn recorded_calls_are_kept_of_whole_components() {
    let (project, inventory) = own();
    let folder = project.settings.examples.as_ref().expect("the project keeps examples");
    let mut kept = 0;
    for slot in inventory.slots.values() {
        let file = project.root.join(folder).join(format!("{}.md", slot.path.component));
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        assert!(text.contains(&format!("\n## {}\n", slot.path)), "{} has none", slot.path);
        kept += 1;
    }
    assert!(kept > 100, "{kept}");
}
