//! Reading Rust files with places in them.

use crate::error::{Error, Errors};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::path::Path;
use syn::File;

/// Parses the text of a file that is called `file` in errors.
///
/// Spans are byte ranges of `text`. The parser keeps every text that it has seen in memory of the
/// thread until a function that says so frees it; spans of earlier files are useless after that.
///
/// # Errors
///
/// [`Error::Syntax`] with the line at which the parser stopped.
pub fn parse_file(file: &Path, text: &str) -> Result<File, Errors> {
    let syntax = |line, reason| Errors::from(Error::Syntax { file: file.to_owned(), line, reason });
    if text.starts_with('\u{feff}') {
        return Err(syntax(1, "it starts with a byte order mark: remove it".to_owned()));
    }
    let from_syn = |error: syn::Error| {
        let span = error.span();
        // The parser places an unexpected end nowhere: it is at the last line.
        let nowhere = span.byte_range().is_empty();
        let line = if nowhere { text.lines().count() } else { span.start().line };
        syntax(line, error.to_string())
    };
    let tokens: TokenStream = syn::parse_str(text).map_err(from_syn)?;
    syn::parse2(tokens).map_err(from_syn)
}

/// Frees what the parser keeps of the files parsed so far on this thread.
pub(crate) fn forget() {
    proc_macro2::extra::invalidate_current_thread_spans();
}

/// How many lines of a text hold code: a token that is no part of a doc comment or an import.
///
/// A text that is not Rust has none.
#[must_use]
pub fn code_lines(text: &str) -> usize {
    let Ok(file) = syn::parse_str::<File>(text) else {
        return 0;
    };
    let mut lines = BTreeSet::new();
    for item in &file.items {
        if !matches!(item, syn::Item::Use(_)) {
            mark(quote::ToTokens::to_token_stream(item), &mut lines);
        }
    }
    forget();
    lines.len()
}

/// Collects the lines of all tokens, doc comments left out.
fn mark(tokens: TokenStream, lines: &mut BTreeSet<usize>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if is_hash(&token) && tokens.peek().is_some_and(is_doc) {
            tokens.next();
            continue;
        }
        let span = token.span();
        match token {
            TokenTree::Group(group) => {
                lines.insert(group.span_open().start().line);
                mark(group.stream(), lines);
                lines.insert(group.span_close().end().line);
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {
                lines.extend(span.start().line..=span.end().line);
            }
        }
    }
}

pub(crate) fn is_hash(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#')
}

/// Whether a token is the bracket of a doc attribute.
pub(crate) fn is_doc(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let first = group.stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(ident)) if ident == "doc")
}
