//! Faults of whole statements: left out, out of order, or never reached.

use super::find::Finder;
use super::operators::Operator;
use std::ops::Range;
use syn::spanned::Spanned as _;
use syn::{Block, Expr, Stmt};

/// Returns that come too early.
pub(super) fn of_function(finder: &mut Finder<'_>, returned: Option<&str>, block: &Block) {
    let start = block.brace_token.span.open().byte_range().end;
    for value in early(returned) {
        finder.found(Operator::Return, start..start, &format!(" return{value};"));
    }
    if returned.is_none() {
        // What is asserted is no part of the job.
        let late = block.stmts.iter().skip(1).filter(|statement| !is_assertion(statement));
        for statement in late {
            let start = statement.span().byte_range().start;
            finder.found(Operator::Return, start..start, "return; ");
        }
    }
}

/// What a function could give back without having done anything.
fn early(returned: Option<&str>) -> Vec<&'static str> {
    let Some(kind) = returned else { return vec![""] };
    match kind.split(['<', ' ']).next().unwrap_or_default() {
        "bool" => vec![" true", " false"],
        "Option" => vec![" None"],
        "Result" => vec![" Ok(Default::default())"],
        _ => vec![" Default::default()"],
    }
}

/// Statements of one block that are left out, or in the wrong order.
pub(super) fn of_block(finder: &mut Finder<'_>, block: &Block) {
    for statement in &block.stmts {
        if let Some(operator) = droppable(statement) {
            let range = statement.span().byte_range();
            finder.found(operator, range, "");
        }
    }
    for (one, other) in block.stmts.iter().zip(block.stmts.iter().skip(1)) {
        if can_change_places(one) && can_change_places(other) && !finder.independent(one, other) {
            let (first, second) = (one.span().byte_range(), other.span().byte_range());
            let between = finder.source(first.end..second.start).to_owned();
            let whole = first.start..second.end;
            let swapped = swapped(finder, first, &between, second);
            finder.found(Operator::Swap, whole, &swapped);
        }
    }
}

fn swapped(
    finder: &Finder<'_>,
    first: Range<usize>,
    between: &str,
    second: Range<usize>,
) -> String {
    format!("{}{between}{}", finder.source(second), finder.source(first))
}

/// The fault that leaving a statement out is, unless it is none.
fn droppable(statement: &Stmt) -> Option<Operator> {
    match statement {
        // Without a name the rest does not compile; and what is asserted is no part of the job.
        Stmt::Local(_) | Stmt::Item(_) => None,
        Stmt::Macro(_) => (!is_assertion(statement)).then_some(Operator::Drop),
        Stmt::Expr(value, None) if !is_block_like(value) => None,
        Stmt::Expr(Expr::If(check), _)
            if check.else_branch.is_none() && ends(&check.then_branch) =>
        {
            Some(Operator::Check)
        }
        Stmt::Expr(value, _) if emits(value) => Some(Operator::Effect),
        Stmt::Expr(Expr::Return(value), _) if value.expr.is_some() => None,
        Stmt::Expr(..) => Some(Operator::Drop),
    }
}

fn is_assertion(statement: &Stmt) -> bool {
    let Stmt::Macro(call) = statement else { return false };
    let name = call.mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    name.starts_with("assert") || name.starts_with("debug_assert")
}

/// Whether a statement ends by itself and does not leave its block. One that gives something a name
/// stays: what uses the name would not compile, and for the rest it is mostly the same.
fn can_change_places(statement: &Stmt) -> bool {
    match statement {
        Stmt::Local(_) | Stmt::Item(_) => false,
        Stmt::Macro(_) => !is_assertion(statement),
        Stmt::Expr(Expr::Return(_) | Expr::Break(_) | Expr::Continue(_), _) => false,
        Stmt::Expr(value, None) => is_block_like(value),
        Stmt::Expr(_, Some(_)) => true,
    }
}

fn is_block_like(value: &Expr) -> bool {
    matches!(
        value,
        Expr::If(_) | Expr::Match(_) | Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_)
    )
}

/// Whether a block leaves what is around it at its end.
fn ends(block: &Block) -> bool {
    matches!(
        block.stmts.last(),
        Some(Stmt::Expr(Expr::Return(_) | Expr::Break(_) | Expr::Continue(_), _))
    )
}

/// Whether a value is a call that emits something: a method of `effects`, as every handler of a
/// slot calls what it emits into.
pub(super) fn emits(value: &Expr) -> bool {
    let Expr::MethodCall(call) = value else { return false };
    matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident("effects"))
}
