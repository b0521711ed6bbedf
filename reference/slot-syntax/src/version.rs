//! Whether a version file fits the slot that it is written for.

use crate::check::check_plain;
use crate::component::{CONVERSIONS, Component, Member, STATE, member_signature, of_state};
use crate::error::{Error, Errors};
use crate::find::Slot;
use crate::gate::gate_file;
use crate::mistake::SpannedMistake;
use crate::signature::normal_signature;
use crate::source;
use std::ops::Range;
use std::path::Path;
use syn::spanned::Spanned as _;
use syn::{File, ImplItem, Item, ItemFn, Signature, Visibility};

/// A version file that fits its slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Lines of the entry function, from 1, both ends included.
    pub lines: (usize, usize),
    /// Bytes of the entry function in the text, doc comment and attributes included.
    pub bytes: Range<usize>,
    /// Bytes of the entry function's body between its braces, both left out.
    pub body: Range<usize>,
    /// Names of the entry function's parameters.
    pub parameters: Vec<String>,
}

/// Checks the text of a version: valid Rust, an entry function that fits, nothing forbidden.
///
/// Frees the parser's memory: spans that the caller still holds become useless.
///
/// # Errors
///
/// Everything found wrong, each with `file`, line and mend.
pub fn check_version(slot: &Slot, file: &Path, text: &str) -> Result<Version, Errors> {
    let parsed = source::parse_file(file, text)?;
    let mut errors = Errors::default();
    let entry = check_entry(slot, file, &parsed, &mut errors);
    for (line, forbidden) in gate_file(&slot.path, &parsed) {
        errors.push(Error::Gate { file: file.to_owned(), line, forbidden });
    }
    source::forget();
    match entry {
        Some(version) => errors.or(version),
        None => Err(errors),
    }
}

/// Checks the text of a version of a whole component: valid Rust, all of the interface, nothing
/// forbidden. What it gives stands for the whole text.
///
/// Frees the parser's memory: spans that the caller still holds become useless.
///
/// # Errors
///
/// Everything found wrong, each with `file`, line and mend.
pub fn check_component(component: &Component, file: &Path, text: &str) -> Result<Version, Errors> {
    let parsed = source::parse_file(file, text)?;
    let mut errors = Errors::default();
    for slot in &component.slots {
        check_entry(slot, file, &parsed, &mut errors);
    }
    let functions = parsed.items.iter().filter_map(|item| match item {
        Item::Fn(function) => Some((&function.vis, &function.sig)),
        _ => None,
    });
    check_members(component, &component.functions, functions, file, &mut errors);
    check_state(component, file, &parsed, &mut errors);
    for (line, forbidden) in gate_file(&component.path, &parsed) {
        errors.push(Error::Gate { file: file.to_owned(), line, forbidden });
    }
    source::forget();
    let whole = 0..text.len();
    let lines = (1, text.lines().count());
    errors.or(Version { lines, bytes: whole.clone(), body: whole, parameters: Vec::new() })
}

/// Checks that a version of a component has a state of its own with all that is asked of it.
fn check_state(component: &Component, file: &Path, parsed: &File, errors: &mut Errors) {
    let own = parsed.items.iter().any(|item| match item {
        Item::Struct(item) => item.ident == STATE && matches!(item.vis, Visibility::Public(_)),
        Item::Enum(item) => item.ident == STATE && matches!(item.vis, Visibility::Public(_)),
        _ => false,
    });
    let mut lacks = |expected: String| {
        errors.push(Error::NoEntry {
            slot: component.path.clone(),
            file: file.to_owned(),
            expected,
        });
    };
    if !own {
        return lacks(format!("pub struct {STATE}"));
    }
    let blocks = parsed.items.iter().filter_map(|item| match item {
        Item::Impl(item) if of_state(item) => Some(item),
        _ => None,
    });
    let methods: Vec<(&Visibility, &Signature)> = blocks
        .flat_map(|block| &block.items)
        .filter_map(|item| match item {
            ImplItem::Fn(method) => Some((&method.vis, &method.sig)),
            _ => None,
        })
        .collect();
    for expected in CONVERSIONS {
        let name = expected.trim_start_matches("pub fn ").split('(').next().unwrap_or_default();
        let there = methods.iter().any(|(_, signature)| signature.ident == name);
        if !there {
            lacks(format!("{expected}` in `impl {STATE}"));
        }
    }
    check_members(component, &component.methods, methods.into_iter(), file, errors);
}

fn check_members<'a>(
    component: &Component,
    expected: &[Member],
    found: impl Iterator<Item = (&'a Visibility, &'a Signature)>,
    file: &Path,
    errors: &mut Errors,
) {
    let found: Vec<(&Visibility, &Signature)> = found.collect();
    for member in expected {
        let own = found.iter().find(|(vis, signature)| {
            signature.ident == member.name && matches!(vis, Visibility::Public(_))
        });
        match own {
            None => errors.push(Error::NoEntry {
                slot: component.path.clone(),
                file: file.to_owned(),
                expected: one_line(&member.written_signature),
            }),
            Some((_, signature)) if member_signature(signature) != member.signature => {
                errors.push(Error::Signature {
                    slot: component.path.clone(),
                    file: file.to_owned(),
                    line: signature.span().start().line,
                    found: member_signature(signature),
                    expected: member.signature.clone(),
                });
            }
            Some(_) => {}
        }
    }
}

fn check_entry(slot: &Slot, file: &Path, parsed: &File, errors: &mut Errors) -> Option<Version> {
    let entry = parsed.items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == slot.path.name => Some(function),
        _ => None,
    });
    let Some(entry) = entry else {
        errors.push(Error::NoEntry {
            slot: slot.path.clone(),
            file: file.to_owned(),
            expected: one_line(&slot.written_signature),
        });
        return None;
    };
    let mistakes = check_plain(&entry.vis, &entry.sig);
    let well_formed = mistakes.is_empty();
    for SpannedMistake { span, mistake } in mistakes {
        errors.push(Error::Form { file: file.to_owned(), line: span.start().line, mistake });
    }
    let found = normal_signature(&entry.sig);
    if well_formed && found != slot.signature {
        errors.push(Error::Signature {
            slot: slot.path.clone(),
            file: file.to_owned(),
            line: entry.sig.span().start().line,
            found,
            expected: slot.signature.clone(),
        });
    }
    Some(describe(entry))
}

fn describe(entry: &ItemFn) -> Version {
    let span = entry.span();
    let braces = entry.block.brace_token.span;
    let parameters = entry.sig.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(typed) => crate::check::parameter_name(typed).map(ToString::to_string),
        syn::FnArg::Receiver(_) => None,
    });
    Version {
        lines: (span.start().line, span.end().line),
        bytes: span.byte_range(),
        body: braces.open().byte_range().end..braces.close().byte_range().start,
        parameters: parameters.collect(),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(").replace(", )", ")")
}
