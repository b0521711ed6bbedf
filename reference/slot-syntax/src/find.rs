//! Finding all slots of a crate by reading its source files.

use crate::check::check_slot;
use crate::doc::doc_text;
use crate::error::{Error, Errors};
use crate::mistake::{Mistake, SpannedMistake};
use crate::path::SlotPath;
use crate::signature::{fingerprint, normal_signature};
use crate::source;
use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, ItemFn, Meta, TraitItemFn};

/// The two forms of slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// First parameter `state: &mut ...`.
    Handler,
    /// No `&mut` parameter: values in, value out.
    Pure,
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Handler => "handler",
            Self::Pure => "pure",
        })
    }
}

/// One slot, as found in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Component and name.
    pub path: SlotPath,
    /// Handler or pure.
    pub shape: Shape,
    /// The text of the doc comment.
    pub contract: String,
    /// The signature in the form that is compared; see [`normal_signature`].
    pub signature: String,
    /// The signature as it is written, from `pub` to before the body.
    pub written_signature: String,
    /// SHA-256 over signature and contract, in hex.
    pub fingerprint: String,
    /// The file, relative to the source folder that was searched.
    pub file: PathBuf,
    /// Lines of the whole item, from 1, both ends included.
    pub lines: (usize, usize),
    /// Bytes of the whole item in its file, doc comment and attributes included.
    pub bytes: Range<usize>,
    /// Bytes of the body between its braces, both left out.
    pub body: Range<usize>,
}

/// Finds all slots below a source folder, in order of their paths.
///
/// Frees the parser's memory: spans that the caller still holds become useless.
///
/// # Errors
///
/// Everything found wrong, in order of files: unreadable or invalid files, malformed slots, and
/// two slots of one name.
pub fn find_slots(source: &Path) -> Result<Vec<Slot>, Errors> {
    let mut errors = Errors::default();
    let mut slots: Vec<Slot> = Vec::new();
    for file in rust_files(source)? {
        let shown = file.strip_prefix(source).unwrap_or(&file).to_owned();
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) => {
                errors.push(Error::Read { file, reason: error.to_string() });
                continue;
            }
        };
        match slots_of_file(&file, &text) {
            Ok(found) => {
                for slot in found {
                    let slot = Slot { file: shown.clone(), ..slot };
                    add(&mut slots, slot, source, &mut errors);
                }
            }
            Err(Errors(more)) => errors.0.extend(more),
        }
    }
    slots.sort_by(|left, right| left.path.cmp(&right.path));
    errors.or(slots)
}

fn add(slots: &mut Vec<Slot>, slot: Slot, source: &Path, errors: &mut Errors) {
    match slots.iter().find(|other| other.path == slot.path) {
        None => slots.push(slot),
        Some(first) => errors.push(Error::Duplicate {
            slot: slot.path,
            file: source.join(slot.file),
            line: slot.lines.0,
            first_file: source.join(&first.file),
            first_line: first.lines.0,
        }),
    }
}

/// Finds the slots in one text; `file` is its name in errors and in the slots.
///
/// # Errors
///
/// As [`find_slots`].
pub fn slots_of_file(file: &Path, text: &str) -> Result<Vec<Slot>, Errors> {
    if !text.contains("slot") {
        return Ok(Vec::new());
    }
    let parsed = source::parse_file(file, text)?;
    let mut finder = Finder { file, text, slots: Vec::new(), errors: Errors::default() };
    finder.visit_file(&parsed);
    let Finder { slots, errors, .. } = finder;
    source::forget();
    errors.or(slots)
}

/// All `.rs` files below a folder, sorted, so that everything made of them is deterministic.
///
/// # Errors
///
/// [`Error::Read`] for a folder that cannot be listed.
pub fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, Errors> {
    let read = |error: std::io::Error| {
        Errors::from(Error::Read { file: folder.to_owned(), reason: error.to_string() })
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        paths.push(entry.map_err(read)?.path());
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

struct Finder<'a> {
    file: &'a Path,
    text: &'a str,
    slots: Vec<Slot>,
    errors: Errors,
}

impl Finder<'_> {
    fn wrong(&mut self, SpannedMistake { span, mistake }: SpannedMistake) {
        let line = span.start().line;
        self.errors.push(Error::Form { file: self.file.to_owned(), line, mistake });
    }

    fn slot(&mut self, attribute: &Attribute, function: &ItemFn) {
        let arguments = match &attribute.meta {
            Meta::List(list) => list.tokens.clone(),
            Meta::Path(_) | Meta::NameValue(_) => proc_macro2::TokenStream::new(),
        };
        let path = match SlotPath::from_attribute(arguments) {
            Ok(path) => path,
            Err(SpannedMistake { mistake, .. }) => {
                return self.wrong(mistake.at(attribute.span()));
            }
        };
        match check_slot(&path, function) {
            Ok(shape) => self.slots.push(describe(self.file, self.text, path, shape, function)),
            Err(mistakes) => mistakes.into_iter().for_each(|mistake| self.wrong(mistake)),
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, node: &'ast ItemFn) {
        if let Some(attribute) = slot_attribute(&node.attrs) {
            self.slot(attribute, node);
        }
        visit::visit_item_fn(self, node);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast ImplItemFn) {
        if let Some(attribute) = slot_attribute(&node.attrs) {
            self.wrong(Mistake::Method.at(attribute.span()));
        }
        visit::visit_impl_item_fn(self, node);
    }

    fn visit_trait_item_fn(&mut self, node: &'ast TraitItemFn) {
        if let Some(attribute) = slot_attribute(&node.attrs) {
            self.wrong(Mistake::Method.at(attribute.span()));
        }
        visit::visit_trait_item_fn(self, node);
    }
}

fn describe(file: &Path, text: &str, path: SlotPath, shape: Shape, function: &ItemFn) -> Slot {
    let contract = doc_text(&function.attrs);
    let signature = normal_signature(&function.sig);
    let span = function.span();
    let braces = function.block.brace_token.span;
    let body = braces.open().byte_range().end..braces.close().byte_range().start;
    let written = function.vis.span().byte_range().start..braces.open().byte_range().start;
    Slot {
        path,
        shape,
        fingerprint: fingerprint(&signature, &contract),
        written_signature: text.get(written).unwrap_or_default().trim_end().to_owned(),
        signature,
        contract,
        file: file.to_owned(),
        lines: (span.start().line, span.end().line),
        bytes: span.byte_range(),
        body,
    }
}

pub(crate) fn slot_attribute(attributes: &[Attribute]) -> Option<&Attribute> {
    attributes.iter().find(|attribute| {
        attribute.path().segments.last().is_some_and(|segment| segment.ident == "slot")
    })
}
