//! Definitions that a crate makes with macros of its own.
//!
//! Macros are not expanded: a reader is shown the macro, with the bodies of its functions left
//! out, and the calls that matter.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::ops::Range;

/// The brace groups of all functions in a macro's tokens, as byte ranges without the braces.
pub(crate) fn function_bodies(tokens: TokenStream) -> Vec<Range<usize>> {
    let mut bodies = Vec::new();
    collect_bodies(tokens, &mut bodies);
    bodies
}

fn collect_bodies(tokens: TokenStream, bodies: &mut Vec<Range<usize>>) {
    let mut in_function = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if ident == "fn" => in_function = true,
            TokenTree::Punct(punct) if punct.as_char() == ';' => in_function = false,
            TokenTree::Group(group) => {
                if in_function && group.delimiter() == Delimiter::Brace {
                    let open = group.span_open().byte_range().end;
                    bodies.push(open..group.span_close().byte_range().start);
                    in_function = false;
                } else {
                    collect_bodies(group.stream(), bodies);
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The names that a macro's text itself defines or implements something for.
pub(crate) fn subjects(tokens: TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    collect_subjects(tokens, &mut names);
    names
}

fn collect_subjects(tokens: TokenStream, names: &mut Vec<String>) {
    let mut defining = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if defining => {
                names.push(ident.to_string());
                defining = false;
            }
            TokenTree::Ident(ident) => {
                let word = ident.to_string();
                defining = matches!(word.as_str(), "struct" | "enum" | "type" | "trait" | "for");
            }
            TokenTree::Group(group) => {
                collect_subjects(group.stream(), names);
                defining = false;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => defining = false,
        }
    }
}

/// The names of types in the arguments of a macro's call, in order.
pub(crate) fn arguments(tokens: TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    for token in tokens {
        if let TokenTree::Ident(ident) = token {
            let name = ident.to_string();
            if name.starts_with(|first: char| first.is_uppercase()) {
                names.push(name);
            }
        }
    }
    names
}
