//! Bodies as normal tokens, so that renaming and reformatting do not count as a difference.

use crate::signature::flatten;
use crate::source;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use std::collections::BTreeSet;
use syn::visit::{self, Visit};
use syn::{Field, File, Item, Label, Lifetime, PatIdent, Variant};

/// The normal tokens of a Rust text: imports, comments and attributes left out, literals kept.
///
/// Every name that the text itself binds (variables, parameters, helper functions, types of its
/// own and their fields) is replaced by the number of other bound names met since it was last
/// seen, or by `$new`. So consistent renaming changes nothing, and one more variable at the top
/// changes little further down. Names from outside stay: nobody is free to choose them. Frees the
/// parser's memory, as [`crate::find_slots`] does. A text that is not Rust has no tokens.
#[must_use]
pub fn normal_tokens(text: &str) -> Vec<String> {
    let Ok(file) = syn::parse_str::<File>(text) else {
        return Vec::new();
    };
    let bound = Bound::of(&file);
    let mut words = Vec::new();
    for item in &file.items {
        if !matches!(item, Item::Use(_)) {
            flatten(without_attributes(item.to_token_stream()), &mut words);
        }
    }
    source::forget();
    rename(words, &bound)
}

fn without_attributes(tokens: TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter().peekable();
    let mut kept = Vec::new();
    while let Some(token) = tokens.next() {
        let attribute = source::is_hash(&token)
            && matches!(tokens.peek(), Some(TokenTree::Group(group))
                if group.delimiter() == proc_macro2::Delimiter::Bracket);
        if attribute {
            tokens.next();
            continue;
        }
        kept.push(match token {
            TokenTree::Group(group) => {
                let inner = without_attributes(group.stream());
                TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inner))
            }
            other => other,
        });
    }
    kept.into_iter().collect()
}

fn rename(words: Vec<String>, bound: &Bound) -> Vec<String> {
    let mut recent: Vec<String> = Vec::new();
    let mut output = Vec::with_capacity(words.len());
    let mut after_dot = false;
    for word in words {
        let of_another = after_dot && !bound.members.contains(&word);
        after_dot = word == ".";
        let renamed = !of_another && (bound.names.contains(&word) || bound.members.contains(&word));
        if !renamed {
            output.push(word);
            continue;
        }
        match recent.iter().rposition(|name| *name == word) {
            Some(place) => {
                output.push(format!("${}", recent.len() - 1 - place));
                recent.remove(place);
            }
            None => output.push("$new".to_owned()),
        }
        recent.push(word);
    }
    output
}

/// The names that a text binds.
#[derive(Default)]
pub(crate) struct Bound {
    names: BTreeSet<String>,
    /// Fields, variants, functions and methods: bound even after a dot.
    members: BTreeSet<String>,
}

impl Bound {
    /// Those of a whole text.
    pub(crate) fn of(file: &File) -> Self {
        let mut bound = Self::default();
        bound.visit_file(file);
        bound
    }

    /// Whether the text binds this name anywhere.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(name) || self.has_member(name)
    }

    /// Whether the text declares this name as a member, so that it is bound after a dot too.
    pub(crate) fn has_member(&self, name: &str) -> bool {
        self.members.contains(name)
    }
}

impl<'ast> Visit<'ast> for Bound {
    fn visit_pat_ident(&mut self, node: &'ast PatIdent) {
        let name = node.ident.to_string();
        // `None` and constants look like bindings in patterns, too.
        if name.starts_with(|first: char| first.is_lowercase() || first == '_') {
            self.names.insert(name);
        }
        visit::visit_pat_ident(self, node);
    }

    fn visit_field(&mut self, node: &'ast Field) {
        self.members.extend(node.ident.as_ref().map(ToString::to_string));
        visit::visit_field(self, node);
    }

    fn visit_variant(&mut self, node: &'ast Variant) {
        self.members.insert(node.ident.to_string());
        visit::visit_variant(self, node);
    }

    fn visit_signature(&mut self, node: &'ast syn::Signature) {
        self.members.insert(node.ident.to_string());
        visit::visit_signature(self, node);
    }

    fn visit_lifetime(&mut self, node: &'ast Lifetime) {
        self.names.insert(node.to_string());
    }

    fn visit_label(&mut self, node: &'ast Label) {
        self.names.insert(node.name.to_string());
    }

    fn visit_item(&mut self, node: &'ast Item) {
        let ident = match node {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            _ => None,
        };
        self.names.extend(ident.map(ToString::to_string));
        visit::visit_item(self, node);
    }
}
