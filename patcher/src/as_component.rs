//! The reference's component as the text of a version.

use crate::as_version::is_slot_import;
use crate::error::Result;
use crate::files;
use crate::inventory::Inventory;
use crate::project::Project;
use crate::prompt::source::{Segments, leaves};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use slot_syntax::component::{MODEL, STATE};
use slot_syntax::{Component, parse_file};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Fields, File, Ident, ImplItem, Item, ItemImpl, Type, UseTree, VisRestricted};

/// The reference's files of a component, its abstract state left out, as one version of the whole:
/// with a state of its own that has the same fields, and with the protocol crate named where they say
/// `crate` or `super`.
///
/// What it does is what the reference does, so whoever composes it sees whether the rest of the crate
/// keeps to the interface; and it can be planted with faults. Names that are private to several files
/// get the file's name behind them.
///
/// # Errors
///
/// Files that cannot be read.
pub fn reference_as_component(
    project: &Project,
    inventory: &Inventory,
    component: &Component,
) -> Result<String> {
    let library = project.protocol_library()?;
    let name = component.path.component.as_str();
    let model = component.files.iter().find(|file| file.ends_with(MODEL));
    let model =
        project.protocol_source().join(model.map_or_else(|| Path::new(MODEL), PathBuf::as_path));
    let model_text = files::read_text(&model)?;
    let parts = inventory.parts.get(&component.path).into_iter().flatten();
    let parts: Vec<(&Path, &str)> =
        parts.map(|(file, text)| (file.as_path(), text.as_str())).collect();
    let mut merger = Merger {
        root: [library, name.to_owned()],
        shared: BTreeSet::new(),
        modules: parts.iter().filter_map(|(file, _)| stem(file)).collect(),
        imports: BTreeMap::new(),
        body: String::new(),
    };
    merger.model(&model, &model_text)?;
    let twice = defined_twice(&parts)?;
    for (file, text) in parts {
        merger.part(file, text, &twice)?;
    }
    Ok(merger.text())
}

/// Names of items that stand in more than one file.
fn defined_twice(parts: &[(&Path, &str)]) -> Result<BTreeSet<String>> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (file, text) in parts {
        let parsed = parse_file(file, text)?;
        for name in parsed.items.iter().filter_map(|item| name_of(item).map(ToString::to_string)) {
            *counts.entry(name).or_default() += 1;
        }
    }
    proc_macro2::extra::invalidate_current_thread_spans();
    Ok(counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect())
}

fn stem(file: &Path) -> Option<String> {
    Some(file.file_stem()?.to_string_lossy().into_owned())
}

/// What a type derives.
fn derives(attributes: &[Attribute]) -> String {
    let mut names = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let _ = attribute.parse_nested_meta(|meta| {
            names.extend(meta.path.segments.last().map(|last| last.ident.to_string()));
            Ok(())
        });
    }
    names.join(", ")
}

/// Whether a block holds functions of the state.
fn self_is_state(block: &ItemImpl) -> bool {
    block.trait_.is_none()
        && matches!(&*block.self_ty, Type::Path(path) if path.path.is_ident(STATE))
}

fn name_of(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        _ => None,
    }
}

struct Merger {
    /// The protocol crate and the component.
    root: [String; 2],
    /// Names that the abstract state's file defines.
    shared: BTreeSet<String>,
    /// Modules of the component.
    modules: BTreeSet<String>,
    /// Local name to path, from the crate's name on.
    imports: BTreeMap<String, Segments>,
    body: String,
}

impl Merger {
    /// Takes the state's type out of the abstract state's file, with the way there and back.
    fn model(&mut self, file: &Path, text: &str) -> Result<()> {
        let parsed = parse_file(file, text)?;
        self.shared = parsed.items.iter().filter_map(name_of).map(ToString::to_string).collect();
        self.import(&parsed);
        for item in &parsed.items {
            let state = match item {
                Item::Struct(state) if state.ident == STATE => state,
                // The version's own state has the functions of the abstract one.
                Item::Impl(block) if self_is_state(block) => {
                    let shown = text.get(item.span().byte_range()).unwrap_or_default();
                    let _ = write!(self.body, "{shown}\n\n");
                    continue;
                }
                _ => continue,
            };
            let fields = match &state.fields {
                Fields::Named(fields) => fields.named.iter().filter_map(|it| it.ident.as_ref()),
                _ => continue,
            };
            let fields: Vec<String> = fields.map(ToString::to_string).collect();
            let (list, [library, name]) = (fields.join(", "), &self.root);
            let derived = derives(&state.attrs);
            let start = state.vis.span().byte_range().start;
            let shown = text.get(start..state.span().byte_range().end).unwrap_or_default();
            let _ = write!(
                self.body,
                "/// The same fields under another name.\n#[derive({derived})]\n\
                 {shown}\n\nimpl {STATE} {{\n    \
                 /// Out of the abstract state.\n    \
                 pub fn from_abstract(state: &{library}::{name}::model::{STATE}) -> Self {{\n        \
                 let {library}::{name}::model::{STATE} {{ {list} }} = state.clone();\n        \
                 Self {{ {list} }}\n    }}\n\n    /// The abstract state.\n    \
                 pub fn to_abstract(&self) -> {library}::{name}::model::{STATE} {{\n        \
                 let Self {{ {list} }} = self.clone();\n        \
                 {library}::{name}::model::{STATE} {{ {list} }}\n    }}\n}}\n\n"
            );
        }
        proc_macro2::extra::invalidate_current_thread_spans();
        Ok(())
    }

    /// Takes the imports of a file.
    fn import(&mut self, parsed: &File) {
        for item in &parsed.items {
            let Item::Use(import) = item else { continue };
            if is_slot_import(item) {
                continue;
            }
            let mut found = Vec::new();
            leaves(&import.tree, &mut Vec::new(), &mut found);
            for (local, path) in found {
                if let Some(path) = self.outside(&path) {
                    self.imports.insert(local, path);
                }
            }
        }
    }

    /// A path from its crate's name on; nothing, if what it names stands in this text. A module of the
    /// component's own is one that stands here, too.
    fn outside(&self, path: &[String]) -> Option<Segments> {
        let [library, name] = &self.root;
        let own = |rest: &[String]| {
            let last = rest.last()?;
            let shared = self.shared.contains(last) && last != STATE;
            shared.then(|| vec![library.clone(), name.clone(), "model".to_owned(), last.clone()])
        };
        match path.first().map(String::as_str) {
            Some("crate") if path.get(1) == Some(name) => own(&path[2..]),
            Some("crate") => Some([std::slice::from_ref(library), &path[1..]].concat()),
            Some("super" | "self") => own(&path[1..]),
            // A file beside the module's own.
            Some(first) if first == "model" || self.modules.contains(first) => own(&path[1..]),
            _ => Some(path.to_vec()),
        }
    }

    fn part(&mut self, file: &Path, text: &str, twice: &BTreeSet<String>) -> Result<()> {
        let parsed = parse_file(file, text)?;
        self.import(&parsed);
        let stem = stem(file).unwrap_or_default();
        for item in &parsed.items {
            if matches!(item, Item::Use(_) | Item::Mod(_)) {
                continue;
            }
            let mut edits = Edits { merger: self, changes: Vec::new() };
            edits.visit_item(item);
            edits.attributes(item);
            edits.conversions(item);
            let mut changes = edits.changes;
            rename(item.to_token_stream(), twice, &stem, &mut changes);
            let range = item.span().byte_range();
            changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
            let mut shown = text.get(range.clone()).unwrap_or_default().to_owned();
            for (at, new) in changes {
                shown.replace_range(at.start - range.start..at.end - range.start, &new);
            }
            let _ = write!(self.body, "{shown}\n\n");
        }
        proc_macro2::extra::invalidate_current_thread_spans();
        Ok(())
    }

    fn text(&self) -> String {
        let mut words = BTreeSet::new();
        collect(self.body.parse().unwrap_or_default(), &mut words);
        let mut text = format!("//! `{}` as the reference has it.\n\n", self.root[1]);
        for (local, path) in self.imports.iter().filter(|(local, _)| words.contains(*local)) {
            let renamed = match path.last() == Some(local) {
                true => String::new(),
                false => format!(" as {local}"),
            };
            let _ = writeln!(text, "use {}{renamed};", path.join("::"));
        }
        format!("{text}\n{}\n", self.body.trim_end())
    }
}

fn collect(tokens: TokenStream, words: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(words.insert(ident.to_string())),
            TokenTree::Group(group) => collect(group.stream(), words),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Puts the file's name behind names that several files define. A field or method keeps its name.
fn rename(
    tokens: TokenStream,
    twice: &BTreeSet<String>,
    stem: &str,
    changes: &mut Vec<(Range<usize>, String)>,
) {
    let mut after_dot = false;
    for token in tokens {
        let dot = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
        match token {
            TokenTree::Ident(ident) if !after_dot && twice.contains(&ident.to_string()) => {
                let upper = ident.to_string().chars().all(|c| !c.is_lowercase());
                let behind = if upper { stem.to_uppercase() } else { stem.to_owned() };
                changes.push((ident.span().byte_range(), format!("{ident}_{behind}")));
            }
            TokenTree::Group(group) => rename(group.stream(), twice, stem, changes),
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        after_dot = dot;
    }
}

struct Edits<'a> {
    merger: &'a Merger,
    changes: Vec<(Range<usize>, String)>,
}

impl Edits<'_> {
    /// Takes out `#[slot]`.
    fn attributes(&mut self, item: &Item) {
        let Item::Fn(function) = item else { return };
        let is_slot = |attribute: &&Attribute| {
            attribute.path().segments.last().is_some_and(|last| last.ident == "slot")
        };
        for attribute in function.attrs.iter().filter(is_slot) {
            self.changes.push((attribute.span().byte_range(), String::new()));
        }
    }

    /// Takes out the reference's own way to the abstract state.
    fn conversions(&mut self, item: &Item) {
        let Item::Impl(block) = item else { return };
        for member in &block.items {
            let ImplItem::Fn(method) = member else { continue };
            if ["from_abstract", "to_abstract"].iter().any(|name| method.sig.ident == name) {
                let range = method.span().byte_range();
                self.changes.retain(|(at, _)| at.end <= range.start || at.start >= range.end);
                self.changes.push((range, String::new()));
            }
        }
    }

    /// A path within the text, by its segments.
    fn path(&mut self, segments: &[&Ident]) {
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return };
        if *first != "crate" && *first != "super" {
            return;
        }
        let path: Segments = segments.iter().map(ToString::to_string).collect();
        let range = first.span().byte_range().start..last.span().byte_range().end;
        let new = match self.merger.outside(&path) {
            Some(path) => path.join("::"),
            None => last.to_string(),
        };
        self.changes.push((range, new));
    }
}

impl<'ast> Visit<'ast> for Edits<'_> {
    fn visit_path(&mut self, node: &'ast syn::Path) {
        let plain = node.segments.iter().all(|segment| segment.arguments.is_none());
        if plain {
            let segments: Vec<&Ident> = node.segments.iter().map(|it| &it.ident).collect();
            self.path(&segments);
        }
        visit::visit_path(self, node);
    }

    fn visit_use_tree(&mut self, _: &'ast UseTree) {}

    fn visit_vis_restricted(&mut self, node: &'ast VisRestricted) {
        self.changes.push((node.span().byte_range(), "pub".to_owned()));
    }
}
