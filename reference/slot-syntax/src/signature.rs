//! Signatures as text that can be compared and hashed.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens as _;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use syn::{FnArg, ReturnType, Signature};

/// A signature with paths cut to their last segment and parameter names left out.
///
/// Two signatures with equal text take and return the same types, if equal names mean equal types;
/// the compiler checks the rest. `'_` and a returned `()` are left out too.
#[must_use]
pub fn normal_signature(signature: &Signature) -> String {
    let inputs: Vec<String> = signature
        .inputs
        .iter()
        .map(|input| match input {
            FnArg::Receiver(receiver) => normal_tokens(receiver.to_token_stream()),
            FnArg::Typed(typed) => normal_tokens(typed.ty.to_token_stream()),
        })
        .collect();
    let output = match &signature.output {
        ReturnType::Default => String::new(),
        ReturnType::Type(_, kind) => normal_tokens(kind.to_token_stream()),
    };
    let mut text = format!("fn {}({})", signature.ident, inputs.join(", "));
    if !output.is_empty() && output != "()" {
        text.push_str(" -> ");
        text.push_str(&output);
    }
    text
}

/// The fingerprint of a slot: SHA-256, in hex, over its normal signature and its contract.
///
/// It changes when either does, and then every verdict about the slot is void.
#[must_use]
pub fn fingerprint(signature: &str, contract: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(signature.as_bytes());
    hasher.update([0]);
    hasher.update(contract.as_bytes());
    hasher.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The tokens of a type as readable text: paths cut to their last segment, no `'_`.
#[must_use]
pub fn normal_tokens(tokens: TokenStream) -> String {
    let mut words = Vec::new();
    flatten(tokens, &mut words);
    let words = without_trailing_commas(without_lifetimes(without_prefixes(words)));
    spaced(&words)
}

/// The tokens as words, groups opened, with `::`, `->` and lifetimes as one word each.
pub(crate) fn flatten(tokens: TokenStream, words: &mut Vec<String>) {
    let mut joint = false;
    for token in tokens {
        let was_joint = std::mem::replace(&mut joint, false);
        match token {
            TokenTree::Punct(punct) => {
                joint = punct.spacing() == Spacing::Joint;
                match (words.last_mut(), punct.as_char()) {
                    (Some(last), ':') if was_joint && last == ":" => last.push(':'),
                    (Some(last), '>') if was_joint && last == "-" => last.push('>'),
                    (_, character) => words.push(character.to_string()),
                }
            }
            TokenTree::Ident(ident) => match words.last_mut() {
                Some(last) if last == "'" => last.push_str(&ident.to_string()),
                _ => words.push(ident.to_string()),
            },
            TokenTree::Literal(literal) => words.push(literal.to_string()),
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                words.extend((!open.is_empty()).then(|| open.to_owned()));
                flatten(group.stream(), words);
                words.extend((!close.is_empty()).then(|| close.to_owned()));
            }
        }
    }
}

fn without_prefixes(words: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        if word != "::" {
            kept.push(word);
        } else if words.peek().is_some_and(|next| is_name(next))
            && kept.last().is_some_and(|last| is_name(last))
        {
            kept.pop();
        }
    }
    kept
}

fn without_lifetimes(words: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        if word != "'_" {
            kept.push(word);
            continue;
        }
        if words.peek().is_some_and(|next| next == ",") {
            words.next();
        } else if words.peek().is_some_and(|next| next == ">")
            && kept.last().is_some_and(|last| last == "<")
        {
            kept.pop();
            words.next();
        }
    }
    kept
}

fn without_trailing_commas(words: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for word in words {
        if word == ">" && kept.last().is_some_and(|last| last == ",") {
            kept.pop();
        }
        kept.push(word);
    }
    kept
}

fn is_name(word: &str) -> bool {
    !matches!(word, "as" | "const" | "dyn" | "fn" | "for" | "impl" | "mut")
        && word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Words joined with spaces only where two names meet or after a comma.
fn spaced(words: &[String]) -> String {
    let mut text = String::new();
    for word in words {
        let ends = text.ends_with(|last: char| last.is_alphanumeric() || last == '_');
        let starts = word.starts_with(|first: char| first.is_alphanumeric() || first == '_');
        if (ends && starts) || matches!(text.chars().last(), Some(',' | ';')) || word == "->" {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}
