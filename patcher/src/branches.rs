//! Marks in the branches of a text: calls that tell that a branch was taken.
//!
//! A branch is one of the ways on from a decision: a block of an `if` or what stands in place of its
//! `else`, an arm of a `match`, both ways of a `let ... else`, the body of a loop. Those that only
//! panic are none, since nothing correct comes there; nor is what is decided within an operator (`&&`, `?`).
//! In constants and `const fn`, which may call nothing, no marks stand.

use crate::error::Result;
use crate::files;
use slot_syntax::parse_file;
use std::path::Path;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    Arm, Block, Expr, ExprForLoop, ExprIf, ExprWhile, ImplItemConst, ImplItemFn, ItemConst, ItemFn,
    Local, Stmt,
};

/// A place in a text from which control goes on in one of several ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The line at which it begins, from 1.
    pub line: usize,
    /// What it is.
    pub what: &'static str,
}

/// A text with marks.
#[derive(Debug, Clone)]
pub struct Marked {
    /// The text: each branch begins with a call `crate::taken(NUMBER)`.
    pub text: String,
    /// The branches, in order of their numbers.
    pub branches: Vec<Branch>,
}

/// Marks all branches of a version's text with numbers from `first` on. Whoever compiles it has a function
/// `taken` at the crate's root.
///
/// # Errors
/// The text is not Rust.
pub fn mark_branches(file: &Path, text: &str, first: usize) -> Result<Marked> {
    let parsed = parse_file(file, text)?;
    let mut marker = Marker { text, first, branches: Vec::new(), insertions: Vec::new() };
    marker.visit_file(&parsed);
    let Marker { branches, mut insertions, .. } = marker;
    // Stable: of two at one place the outer one begins first, and ends last.
    insertions.sort_by_key(|(at, _)| *at);
    let mut marked = text.to_owned();
    for (at, inserted) in insertions.into_iter().rev() {
        marked.insert_str(at, &inserted);
    }
    Ok(Marked { text: marked, branches })
}

struct Marker<'a> {
    text: &'a str,
    first: usize,
    branches: Vec<Branch>,
    /// What is put in, by the byte before which it stands.
    insertions: Vec<(usize, String)>,
}

impl Marker<'_> {
    /// The call that marks a new branch, which begins at a byte.
    fn mark(&mut self, at: usize, what: &'static str) -> String {
        let number = self.first + self.branches.len();
        self.branches.push(Branch { line: files::line_of(self.text, at), what });
        format!(" crate::taken({number}); ")
    }

    fn insert(&mut self, at: usize, text: String) {
        self.insertions.push((at, text));
    }

    /// A branch that is a block.
    fn block(&mut self, block: &Block, what: &'static str) {
        if !panics_at_once(block) {
            let start = block.brace_token.span.open().byte_range().end;
            let mark = self.mark(start, what);
            self.insert(start, mark);
        }
    }
}

impl<'ast> Visit<'ast> for Marker<'_> {
    fn visit_item_const(&mut self, _: &'ast ItemConst) {}
    fn visit_impl_item_const(&mut self, _: &'ast ImplItemConst) {}

    fn visit_item_fn(&mut self, node: &'ast ItemFn) {
        if node.sig.constness.is_none() {
            visit::visit_item_fn(self, node);
        }
    }

    fn visit_impl_item_fn(&mut self, node: &'ast ImplItemFn) {
        if node.sig.constness.is_none() {
            visit::visit_impl_item_fn(self, node);
        }
    }

    fn visit_expr_if(&mut self, node: &'ast ExprIf) {
        self.block(&node.then_branch, "then");
        let other = node.else_branch.as_ref().map(|(_, other)| &**other);
        if let Some(Expr::Block(other)) = other {
            self.block(&other.block, "else");
        }
        visit::visit_expr_if(self, node);
        if node.else_branch.is_none() {
            let end = node.span().byte_range().end;
            let mark = self.mark(end, "no else");
            self.insert(end, format!(" else {{{mark}}}"));
        }
    }

    fn visit_expr_while(&mut self, node: &'ast ExprWhile) {
        self.block(&node.body, "while");
        visit::visit_expr_while(self, node);
    }

    fn visit_expr_for_loop(&mut self, node: &'ast ExprForLoop) {
        self.block(&node.body, "for");
        visit::visit_expr_for_loop(self, node);
    }

    fn visit_arm(&mut self, node: &'ast Arm) {
        match &*node.body {
            Expr::Block(body) if body.label.is_none() && body.attrs.is_empty() => {
                self.block(&body.block, "arm");
                visit::visit_arm(self, node);
            }
            Expr::Macro(body) if panics(&body.mac) => {}
            body => {
                let range = body.span().byte_range();
                let mark = self.mark(range.start, "arm");
                self.insert(range.start, format!("{{{mark}"));
                visit::visit_arm(self, node);
                self.insert(range.end, " }".to_owned());
            }
        }
    }

    fn visit_local(&mut self, node: &'ast Local) {
        let Some(other) = node.init.as_ref().and_then(|init| init.diverge.as_ref()) else {
            return visit::visit_local(self, node);
        };
        if let Expr::Block(other) = &*other.1 {
            self.block(&other.block, "let else");
        }
        visit::visit_local(self, node);
        let end = node.span().byte_range().end;
        let mark = self.mark(end, "let");
        self.insert(end, mark);
    }
}

/// Whether a macro does nothing but panic.
fn panics(called: &syn::Macro) -> bool {
    ["panic", "unreachable"].iter().any(|name| called.path.is_ident(name))
}

fn panics_at_once(block: &Block) -> bool {
    match block.stmts.first() {
        Some(Stmt::Macro(first)) => panics(&first.mac),
        Some(Stmt::Expr(Expr::Macro(first), _)) => panics(&first.mac),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> (String, Vec<(usize, &'static str)>) {
        let Marked { text, branches } = mark_branches(Path::new("v.rs"), text, 7).unwrap();
        let branches = branches.iter().map(|branch| (branch.line, branch.what)).collect();
        // Without the spaces around marks.
        (text.split_whitespace().collect::<Vec<_>>().join(" "), branches)
    }

    #[test]
    fn every_way_on_has_a_mark() {
        let (text, branches) =
            marked("fn f(a: bool) -> u8 {\n    if a {\n        return 1;\n    }\n    0\n}");
        assert_eq!(
            text,
            "fn f(a: bool) -> u8 { if a { crate::taken(7); return 1; } else { crate::taken(8); } 0 }"
        );
        assert_eq!(branches, [(2, "then"), (4, "no else")]);
        let (text, branches) =
            marked("fn f() { let Some(x) = g() else { return; }; for y in x { while h(y) {} } }");
        assert_eq!(
            text,
            "fn f() { let Some(x) = g() else { crate::taken(7); return; }; crate::taken(8); for y in x { \
             crate::taken(9); while h(y) { crate::taken(10); } } }"
        );
        assert_eq!(branches, [(1, "let else"), (1, "let"), (1, "for"), (1, "while")]);
    }

    #[test]
    fn arms_and_what_stands_in_them_are_nested() {
        let (text, branches) = marked(
            "fn f(a: u8) { match a { 0 => if g() { h() }, 1 => { i() } 2 => j(|| if k() { 1 } else if l() \
             { 2 } else { 3 }), _ => unreachable!() } }",
        );
        assert_eq!(
            text,
            "fn f(a: u8) { match a { 0 => { crate::taken(7); if g() { crate::taken(8); h() } else { \
             crate::taken(9); } }, 1 => { crate::taken(10); i() } 2 => { crate::taken(11); j(|| if k() { \
             crate::taken(12); 1 } else if l() { crate::taken(13); 2 } else { crate::taken(14); 3 }) }, _ \
             => unreachable!() } }"
        );
        assert_eq!(branches.len(), 8);
    }

    #[test]
    fn what_only_panics_and_what_is_constant_has_none() {
        let text = "const A: u8 = if B { 1 } else { 2 };\nconst fn f(a: bool) -> u8 { if a { 1 } else { 2 } }\n\
                    fn g() { let Some(_) = h() else { panic!(\"no\") }; }";
        let (text, branches) = marked(text);
        assert_eq!(branches, [(3, "let")]);
        assert!(text.ends_with("else { panic!(\"no\") }; crate::taken(7); }"), "{text}");
    }
}
