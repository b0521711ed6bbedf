//! What no version may contain.
//!
//! A version is pure computation on what its slot passes in. Everything that reaches outside,
//! depends on the place of building, differs between runs or hides state between calls is
//! forbidden, and so is anything that would not go unedited into another crate. Where a list of
//! what is allowed is short, that list decides, so that what nobody thought of is out.

use crate::error::Errors;
use crate::path::SlotPath;
use crate::source;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use std::path::Path;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, File, Item, ItemUse, Macro, Meta, Token, UseTree};
use thiserror::Error;

/// One forbidden construct; the message has the mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Forbidden {
    /// The keyword `unsafe`, in code or in a macro's arguments.
    #[error("`unsafe` is forbidden in a version: write it in safe Rust")]
    Unsafe,
    /// A part of the standard library that is no computation.
    #[error("`{0}` is forbidden in a version: use only what the slot is given")]
    Outside(String),
    /// A container or hasher whose order differs between runs.
    #[error("`{0}` differs between runs: use `BTreeMap` or `BTreeSet`")]
    HashOrder(String),
    /// A macro that is not on the list.
    #[error("the macro `{0}!` is forbidden in a version: write its effect out")]
    Macro(String),
    /// An attribute that is not on the list.
    #[error("the attribute `{0}` is forbidden in a version: remove it")]
    Attribute(String),
    /// A derive that is not on the list.
    #[error("`derive({0})` is forbidden in a version: write the impl out")]
    Derive(String),
    /// An item of a kind that a version has no use for.
    #[error("{0} is forbidden in a version: a version is plain functions, types and constants")]
    Item(&'static str),
    /// `static`: state that outlives a call and is missing from a fork of the replica.
    #[error("`static` is forbidden in a version: use `const`, or the state that the slot is given")]
    Static,
    /// `crate::` or `super::`, which mean something else in every crate the file is put into.
    #[error("`{0}::` means another crate wherever the file goes: name the protocol crate instead")]
    Relative(String),
    /// An item among a macro's arguments, where nobody would look at it.
    #[error(
        "`{0}` in a macro's arguments is forbidden in a version: write it outside of the macro"
    )]
    Within(String),
    /// The slot's own path, which is the version itself once it is composed.
    #[error("`{0}` is this slot itself once composed, and would call itself: write it out")]
    Itself(String),
    /// A name of one segment, which may be a macro of the prelude that then goes by another name.
    #[error(
        "`use {0}` without a path is forbidden in a version: remove it, and use the name as it is"
    )]
    Bare(String),
    /// A new name that hides a macro, an attribute, or a module and with it what it holds.
    #[error("`{0}` under another name is forbidden in a version: import it under its own")]
    Renamed(String),
    /// All names of a module, the slot's own and any that reaches outside among them.
    #[error("`use {0}` is forbidden in a version: import each name, or all names of an enum")]
    Glob(String),
    /// Whatever tells one place in memory from another.
    #[error("`{0}` tells where a value lies, which differs between runs: use the value itself")]
    Address(String),
}

/// The standard library, by all its names.
const LIBRARIES: &[&str] = &["std", "core", "alloc"];

const STD_MODULES: &[&str] = &[
    "array",
    "ascii",
    "borrow",
    "boxed",
    "cell",
    "char",
    "clone",
    "cmp",
    "collections",
    "convert",
    "default",
    "fmt",
    "hash",
    "iter",
    "marker",
    "mem",
    "num",
    "ops",
    "option",
    "rc",
    "result",
    "slice",
    "str",
    "string",
    "vec",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
];

const MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "concat",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "format",
    "format_args",
    "matches",
    "panic",
    "stringify",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

const ATTRIBUTES: &[&str] = &[
    "cold",
    "default",
    "derive",
    "doc",
    "expect",
    "inline",
    "must_use",
    "non_exhaustive",
    "track_caller",
];

const DERIVES: &[&str] = &[
    "BorshDeserialize",
    "BorshSerialize",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Eq",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
];

const HASHED: &[&str] =
    &["DefaultHasher", "HashMap", "HashSet", "RandomState", "hash_map", "hash_set"];

/// Names by which libraries that a version may use reach outside.
const DOORS: &[&str] = &["__private", "alloc", "core", "std", "stderr", "stdin", "stdout"];

/// Names that tell where a value lies, or how many share it.
const ADDRESSES: &[&str] = &[
    "Pointer",
    "as_mut_ptr",
    "as_mut_ptr_range",
    "as_ptr",
    "as_ptr_range",
    "fn_addr_eq",
    "into_raw",
    "ptr_eq",
    "strong_count",
    "weak_count",
];

/// Words that begin items, of which a macro's arguments need none.
const ITEMS: &[&str] = &["extern", "macro", "macro_rules", "mod", "static", "union", "use"];

/// Macros that put together a format, which nobody would look at.
const PASTES: &[&str] = &["concat", "stringify"];

/// Words after which `::` starts a new path.
const EXPRESSION_WORDS: &[&str] = &[
    "as", "break", "const", "dyn", "else", "fn", "for", "if", "impl", "in", "let", "loop", "match",
    "move", "mut", "pub", "ref", "return", "use", "where", "while",
];

/// One sentence for each thing that a version must not contain, for prompts and help texts.
#[must_use]
pub fn rules() -> Vec<String> {
    vec![
        "no `unsafe`, no `extern`, no `static`, no `mod`, no `macro_rules!`".to_owned(),
        format!("of `std`, only `sync::Arc` and the modules {}", STD_MODULES.join(", ")),
        format!("none of {}", HASHED.join(", ")),
        format!("of macros, only {}", MACROS.join(", ")),
        format!("of attributes, only {}; `expect` of clippy's lints alone", ATTRIBUTES.join(", ")),
        "nothing of which the compiler warns".to_owned(),
        format!("of derives, only {}", DERIVES.join(", ")),
        format!("in a macro's arguments none of {}", [ITEMS, PASTES].concat().join(", ")),
        "no `crate::` and no `super::`: name the protocol crate".to_owned(),
        "no call of the slot's own path: that is the version itself".to_owned(),
        "no `use` of a whole module (`module::*`), of a name without a path, or of a function or \
         module under another name"
            .to_owned(),
        format!("no raw pointer, no `{{:p}}`, none of {}", ADDRESSES.join(", ")),
        "no clock, no randomness, no thread, no file, no environment".to_owned(),
    ]
}

/// The forbidden constructs in the text of a version, by line.
///
/// Frees the parser's memory: spans that the caller still holds become useless.
///
/// # Errors
///
/// [`crate::Error::Syntax`] if the text is not Rust.
pub fn gate(slot: &SlotPath, file: &Path, text: &str) -> Result<Vec<(usize, Forbidden)>, Errors> {
    let parsed = source::parse_file(file, text)?;
    let found = gate_file(slot, &parsed);
    source::forget();
    Ok(found)
}

/// As [`gate`], on a parsed file; sorted by line, without repetition.
pub(crate) fn gate_file(slot: &SlotPath, file: &File) -> Vec<(usize, Forbidden)> {
    let mut gate = Gate { slot, found: Vec::new() };
    gate.visit_file(file);
    gate.words(file.to_token_stream());
    gate.found.sort();
    gate.found.dedup();
    gate.found
}

struct Gate<'a> {
    slot: &'a SlotPath,
    found: Vec<(usize, Forbidden)>,
}

impl Gate<'_> {
    fn forbid(&mut self, span: Span, forbidden: Forbidden) {
        self.found.push((span.start().line, forbidden));
    }

    /// Looks at every word, in macro arguments too, and at every path written in one piece.
    fn words(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut start = Span::call_site();
        let mut colons = 0;
        let (mut quote, mut pointer) = (false, false);
        for token in tokens {
            let (was_quote, was_pointer) = (quote, pointer);
            (quote, pointer) = (false, false);
            match token {
                // A lifetime or label is a quote and a word, and part of no path.
                TokenTree::Ident(_) if was_quote => colons = 0,
                TokenTree::Ident(ident) => {
                    let name = plain(&ident);
                    self.word(&name, ident.span());
                    if was_pointer && ["const", "mut"].contains(&name.as_str()) {
                        self.forbid(ident.span(), Forbidden::Address(format!("*{name}")));
                    }
                    pointer = name == "raw";
                    if colons != 2 {
                        self.end_of_path(start, &mut path);
                    }
                    if path.is_empty() {
                        start = ident.span();
                    }
                    if !EXPRESSION_WORDS.contains(&name.as_str()) {
                        path.push(name);
                    }
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    // An imported group is looked at with its prefix, in `visit_item_use`.
                    let import = colons == 2 && group.delimiter() == Delimiter::Brace;
                    self.end_of_path(start, &mut path);
                    colons = 0;
                    if !import {
                        self.words(group.stream());
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    if let TokenTree::Punct(punct) = &token {
                        (quote, pointer) = (punct.as_char() == '\'', punct.as_char() == '*');
                    }
                    self.end_of_path(start, &mut path);
                    colons = 0;
                }
            }
        }
        self.end_of_path(start, &mut path);
    }

    fn end_of_path(&mut self, start: Span, path: &mut Vec<String>) {
        if path.len() > 1 {
            self.path(start, path);
        }
        path.clear();
    }

    fn word(&mut self, word: &str, span: Span) {
        if word == "unsafe" {
            self.forbid(span, Forbidden::Unsafe);
        }
        if HASHED.contains(&word) {
            self.forbid(span, Forbidden::HashOrder(word.to_owned()));
        }
        if ADDRESSES.contains(&word) {
            self.forbid(span, Forbidden::Address(word.to_owned()));
        }
    }

    fn path(&mut self, span: Span, path: &[String]) {
        let joined = path.join("::");
        let segments: Vec<&str> = path.iter().map(String::as_str).collect();
        match segments.as_slice() {
            [_, rest @ ..] if rest.iter().any(|segment| DOORS.contains(segment)) => {
                self.forbid(span, Forbidden::Outside(joined.clone()));
            }
            [root, "sync", "Arc", ..] if LIBRARIES.contains(root) => {}
            [root, module, ..] if LIBRARIES.contains(root) && STD_MODULES.contains(module) => {}
            [root, ..] if LIBRARIES.contains(root) => {
                self.forbid(span, Forbidden::Outside(joined.clone()))
            }
            [root @ ("crate" | "super"), ..] => {
                self.forbid(span, Forbidden::Relative((*root).to_owned()));
            }
            _ => {}
        }
        if self.slot.is_component() {
            // Of its own component a version of the whole sees the abstract state alone.
            let own = segments
                .windows(2)
                .any(|pair| pair[0] == self.slot.component && pair[1] != "model");
            if own {
                self.forbid(span, Forbidden::Itself(joined));
            }
        } else if let [.., module, last] = segments.as_slice()
            && *last == self.slot.name
            && (*module == self.slot.component || module == last)
        {
            self.forbid(span, Forbidden::Itself(joined));
        }
    }

    fn import(&mut self, prefix: &mut Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(plain(&path.ident));
                self.import(prefix, &path.tree);
                prefix.pop();
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.import(prefix, item));
            }
            UseTree::Name(name) => self.imported(prefix, &plain(&name.ident), tree.span()),
            UseTree::Rename(rename) => {
                let name = plain(&rename.ident);
                let called = prefix.last().filter(|_| name == "self").unwrap_or(&name);
                let module = !names_a_type(called);
                let new = plain(&rename.rename);
                let lists = [MACROS, ATTRIBUTES, DERIVES];
                let hides = lists.iter().any(|list| list.contains(&new.as_str()));
                // Of the standard library nothing passes that could hide behind another name.
                let library = prefix.first().is_some_and(|root| LIBRARIES.contains(&root.as_str()));
                if !prefix.is_empty() && (hides || module && !library) {
                    self.forbid(tree.span(), Forbidden::Renamed(joined(prefix, &name)));
                }
                self.imported(prefix, &name, tree.span());
            }
            UseTree::Glob(_) => {
                let glob = [prefix.as_slice(), &["*".to_owned()]].concat();
                let before = self.found.len();
                self.path(tree.span(), &glob);
                let of_type = prefix.last().is_some_and(|last| names_a_type(last));
                if before == self.found.len() && !of_type {
                    self.forbid(tree.span(), Forbidden::Glob(glob.join("::")));
                }
            }
        }
    }

    fn imported(&mut self, prefix: &[String], name: &str, span: Span) {
        self.word(name, span);
        let mut path = prefix.to_vec();
        if name != "self" {
            path.push(name.to_owned());
        }
        let before = self.found.len();
        self.path(span, &path);
        if let [only] = path.as_slice()
            && before == self.found.len()
            && !(name == "self" && names_a_type(only))
        {
            self.forbid(span, Forbidden::Bare(only.clone()));
        }
    }

    /// What the compiler itself warns of is refused with the version, so no text takes that away.
    fn expectations(&mut self, attribute: &Attribute) {
        let lints = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        for lint in lints.into_iter().flatten() {
            let path = lint.path();
            let of_clippy = path.segments.len() > 1 && path.segments[0].ident == "clippy";
            if !of_clippy && !path.is_ident("reason") {
                let shown = path.to_token_stream().to_string().replace(' ', "");
                self.forbid(path.span(), Forbidden::Attribute(format!("#[expect({shown})]")));
            }
        }
    }

    fn derives(&mut self, attribute: &Attribute) {
        let paths = attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
        for path in paths.into_iter().flatten() {
            let name = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            if !DERIVES.contains(&name.as_str()) {
                self.forbid(path.span(), Forbidden::Derive(name));
            }
        }
    }
}

impl<'ast> Visit<'ast> for Gate<'_> {
    fn visit_attribute(&mut self, node: &'ast Attribute) {
        let name = node.path().to_token_stream().to_string().replace(' ', "");
        let inner = matches!(node.style, syn::AttrStyle::Inner(_));
        let documents = matches!(&node.meta, Meta::NameValue(pair)
            if name == "doc" && matches!(&pair.value, syn::Expr::Lit(_)));
        let allowed = if name == "doc" || inner {
            documents
        } else {
            ATTRIBUTES.contains(&name.as_str()) || name == "rustfmt::skip"
        };
        if !allowed {
            let shown = if inner { format!("#![{name}]") } else { format!("#[{name}]") };
            self.forbid(node.span(), Forbidden::Attribute(shown));
        }
        if name == "derive" {
            self.derives(node);
        }
        if name == "expect" {
            self.expectations(node);
        }
        visit::visit_attribute(self, node);
    }

    fn visit_macro(&mut self, node: &'ast Macro) {
        let name = node.path.segments.last().map(|last| last.ident.to_string());
        let name = name.unwrap_or_default();
        if !MACROS.contains(&name.as_str()) {
            self.forbid(node.span(), Forbidden::Macro(name));
        }
        self.macros_within(node.tokens.clone());
    }

    fn visit_item(&mut self, node: &'ast Item) {
        let kind = match node {
            Item::ForeignMod(_) => Some("an `extern` block"),
            Item::ExternCrate(_) => Some("`extern crate`"),
            Item::Mod(_) => Some("`mod`"),
            Item::Union(_) => Some("`union`"),
            Item::Verbatim(_) | Item::TraitAlias(_) => Some("unstable syntax"),
            _ => None,
        };
        if let Some(kind) = kind {
            self.forbid(node.span(), Forbidden::Item(kind));
        }
        if let Item::Static(item) = node {
            self.forbid(item.static_token.span(), Forbidden::Static);
        }
        visit::visit_item(self, node);
    }

    fn visit_abi(&mut self, node: &'ast syn::Abi) {
        self.forbid(node.span(), Forbidden::Item("`extern`"));
    }

    fn visit_item_use(&mut self, node: &'ast ItemUse) {
        self.import(&mut Vec::new(), &node.tree);
        visit::visit_item_use(self, node);
    }
}

impl Gate<'_> {
    /// Macros, attributes and items in the arguments of macros, which the parser leaves as tokens.
    fn macros_within(&mut self, tokens: TokenStream) {
        let mut last: Option<proc_macro2::Ident> = None;
        let mut called: Option<proc_macro2::Ident> = None;
        let (mut hash, mut quote) = (false, false);
        for token in tokens {
            let (was_hash, was_quote) = (hash, quote);
            (hash, quote) = (false, false);
            match token {
                TokenTree::Ident(ident) => {
                    // A lifetime is a quote and a word.
                    if !was_quote && ITEMS.contains(&ident.to_string().as_str()) {
                        self.forbid(ident.span(), Forbidden::Within(ident.to_string()));
                    }
                    (last, called) = (Some(ident), None);
                }
                TokenTree::Punct(punct) if punct.as_char() == '!' => called = last.take(),
                TokenTree::Group(group) => {
                    if let Some(name) = called.take()
                        && (!MACROS.contains(&plain(&name).as_str())
                            || PASTES.contains(&plain(&name).as_str()))
                    {
                        self.forbid(name.span(), Forbidden::Macro(plain(&name)));
                    }
                    if was_hash && group.delimiter() == Delimiter::Bracket {
                        self.forbid(group.span(), Forbidden::Within("#[...]".to_owned()));
                    }
                    last = None;
                    self.macros_within(group.stream());
                }
                TokenTree::Punct(punct) => {
                    (hash, quote) = (punct.as_char() == '#', punct.as_char() == '\'');
                    (last, called) = (None, None);
                }
                TokenTree::Literal(literal) => {
                    if shows_addresses(&literal) {
                        self.forbid(literal.span(), Forbidden::Address("{:p}".to_owned()));
                    }
                    (last, called) = (None, None);
                }
            }
        }
    }
}

/// A name without the mark that makes a keyword a name: `r#std` is `std` all the same.
fn plain(ident: &proc_macro2::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map_or_else(|| name.clone(), str::to_owned)
}

/// Whether a name is written as those of types, traits and constants are, and not as a module's.
fn names_a_type(name: &str) -> bool {
    name.starts_with(|first: char| first.is_uppercase())
}

fn joined(prefix: &[String], name: &str) -> String {
    let name = Some(name).filter(|name| *name != "self");
    prefix.iter().map(String::as_str).chain(name).collect::<Vec<_>>().join("::")
}

/// Whether a text, taken as a format, writes an address: `p` ends what follows a colon in braces.
fn shows_addresses(literal: &proc_macro2::Literal) -> bool {
    let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) else { return false };
    let text = text.value().replace("{{", "");
    text.split('{').skip(1).any(|after| {
        let inside = after.split('}').next().unwrap_or_default();
        inside.split_once(':').is_some_and(|(_, how)| how.trim_end().ends_with('p'))
    })
}
