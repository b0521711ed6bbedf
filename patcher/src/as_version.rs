//! The reference's slot as the text of a version.

use crate::error::{Error, Result};
use crate::inventory::Inventory;
use crate::manifest;
use crate::project::Project;
use quote::ToTokens as _;
use slot_syntax::{Slot, parse_file};
use std::ops::Range;
use std::path::Path;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, Item, Type, UseTree, VisRestricted, Visibility};

/// The reference's implementation of a slot as a version file: without the `#[slot]` attribute and
/// its import, and with the protocol crate named where it says `crate` or `super`.
///
/// Public types that stand beside the function are imported, because the slot's callers know them
/// by the protocol crate's name. Everything else stays as it is, so the text can be mutated or
/// planted, and judged like any version. It compiles outside the protocol crate only if it uses
/// nothing private.
///
/// # Errors
///
/// The slot does not stand in a file of its own.
pub fn reference_as_version(
    project: &Project,
    inventory: &Inventory,
    slot: &Slot,
) -> Result<String> {
    as_version(project, slot, &inventory.texts[&slot.path])
}

/// The same for another text of the slot's file.
pub(crate) fn as_version(project: &Project, slot: &Slot, text: &str) -> Result<String> {
    let file = project.protocol_source().join(&slot.file);
    if slot.file != Path::new(&slot.path.file()) {
        return Err(Error::Manifest {
            file,
            line: slot.lines.0,
            reason: format!(
                "the slot `{}` has no file of its own: move it to {}",
                slot.path,
                slot.path.file()
            ),
        });
    }
    let crate_manifest = manifest::read_manifest(project, &project.settings.protocol)?;
    let library = manifest::library_name(&crate_manifest);
    let parsed = parse_file(&file, text)?;
    let parent = format!("{library}::{}", slot.path.component);
    let mut edits = Edits { library: &library, parent: &parent, changes: Vec::new() };
    let public: Vec<String> = parsed.items.iter().filter_map(public_type).collect();
    for item in &parsed.items {
        let of_public = implemented(item).is_some_and(|name| public.contains(&name));
        if is_slot_import(item) || of_public {
            edits.remove(text, item.span().byte_range());
        } else if public_type(item).is_some() {
            edits.import(text, item);
        } else {
            edits.visit_item(item);
        }
    }
    let mut changes = edits.changes;
    for attribute in parsed.items.iter().flat_map(slot_attributes) {
        let mut remover = Edits { library: &library, parent: &parent, changes: Vec::new() };
        remover.remove(text, attribute.span().byte_range());
        changes.extend(remover.changes);
    }
    changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut output = text.to_owned();
    for (range, new) in changes {
        output.replace_range(range, &new);
    }
    Ok(output)
}

/// The name of a public type or constant.
fn public_type(item: &Item) -> Option<String> {
    let (vis, ident) = match item {
        Item::Struct(item) => (&item.vis, &item.ident),
        Item::Enum(item) => (&item.vis, &item.ident),
        Item::Type(item) => (&item.vis, &item.ident),
        Item::Const(item) => (&item.vis, &item.ident),
        Item::Trait(item) => (&item.vis, &item.ident),
        _ => return None,
    };
    matches!(vis, Visibility::Public(_)).then(|| ident.to_string())
}

/// The name of the type that an `impl` block is for.
fn implemented(item: &Item) -> Option<String> {
    let Item::Impl(item) = item else { return None };
    let Type::Path(path) = &*item.self_ty else { return None };
    path.path.segments.last().map(|last| last.ident.to_string())
}

fn slot_attributes(item: &Item) -> Vec<&Attribute> {
    let Item::Fn(function) = item else { return Vec::new() };
    let is_slot = |attribute: &&Attribute| {
        attribute.path().segments.last().is_some_and(|last| last.ident == "slot")
    };
    function.attrs.iter().filter(is_slot).collect()
}

pub(crate) fn is_slot_import(item: &Item) -> bool {
    let Item::Use(import) = item else { return false };
    matches!(&import.tree, UseTree::Path(path)
        if path.ident == "slots" && path.tree.to_token_stream().to_string() == "slot")
}

struct Edits<'a> {
    library: &'a str,
    /// The path of the component.
    parent: &'a str,
    changes: Vec<(Range<usize>, String)>,
}

impl Edits<'_> {
    /// Takes out a range with the rest of its line, if nothing else is on it.
    fn remove(&mut self, text: &str, range: Range<usize>) {
        let rest = text.get(range.end..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let end = range.end + blank;
        let end = if text.get(end..).is_some_and(|rest| rest.starts_with('\n')) {
            end + 1
        } else {
            range.end
        };
        self.changes.push((range.start..end, String::new()));
    }

    /// Replaces an item by its import from the component.
    fn import(&mut self, text: &str, item: &Item) {
        let before = self.changes.len();
        self.remove(text, item.span().byte_range());
        let import = public_type(item).map(|name| format!("use {}::{name};\n", self.parent));
        if let (Some(change), Some(import)) = (self.changes.get_mut(before), import) {
            change.1 = import;
        }
    }

    fn replace(&mut self, ident: &Ident) {
        if ident == "crate" {
            self.changes.push((ident.span().byte_range(), self.library.to_owned()));
        } else if ident == "super" {
            self.changes.push((ident.span().byte_range(), self.parent.to_owned()));
        }
    }
}

impl<'ast> Visit<'ast> for Edits<'_> {
    fn visit_use_tree(&mut self, node: &'ast UseTree) {
        if let UseTree::Path(path) = node {
            self.replace(&path.ident);
        }
        visit::visit_use_tree(self, node);
    }

    fn visit_path(&mut self, node: &'ast syn::Path) {
        if let Some(first) = node.segments.first() {
            self.replace(&first.ident);
        }
        visit::visit_path(self, node);
    }

    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}
