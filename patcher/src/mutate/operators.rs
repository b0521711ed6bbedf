//! The kinds of fault, and what is exchanged for what.

use std::fmt;
use syn::BinOp;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// A bound that moves by one, or a test for equality turned round.
    Comparison,
    /// `&&` for `||`, or the other way round.
    Logic,
    /// A call of a function for one of another that fits as well: another quorum, `any` for `all`.
    Exchange,
    /// A number, a sum, an index or a range that is one off.
    OffByOne,
    /// `true` for `false`, or the other way round.
    Constant,
    /// A condition turned round.
    Negation,
    /// A statement left out.
    Drop,
    /// A check left out that would have ended the function or the round.
    Check,
    /// An effect left out: a rejection swallowed, a promise not logged.
    Effect,
    /// Two statements in the wrong order.
    Swap,
    /// Another field of the same type.
    Field,
    /// Another parameter of the same type.
    Variable,
    /// A return before all is done.
    Return,
}

impl Operator {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comparison => "comparison",
            Self::Logic => "logic",
            Self::Exchange => "exchange",
            Self::OffByOne => "off by one",
            Self::Constant => "constant",
            Self::Negation => "negation",
            Self::Drop => "statement dropped",
            Self::Check => "check dropped",
            Self::Effect => "effect swallowed",
            Self::Swap => "statements swapped",
            Self::Field => "wrong field",
            Self::Variable => "wrong variable",
            Self::Return => "early return",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Methods of the standard library that are exchanged within their group.
pub(super) const GROUPS: [&[&str]; 10] = [
    &["all", "any"],
    &["checked_add", "checked_sub"],
    &["filter", "skip_while"],
    &["first", "last"],
    &["is_none", "is_some"],
    &["is_none_or", "is_some_and"],
    &["max", "min"],
    &["saturating_add", "saturating_sub"],
    &["wrapping_add", "wrapping_sub"],
    &["first_key_value", "last_key_value"],
];

/// What stands for an operator between two values instead.
pub(super) const fn instead(operator: &BinOp) -> Option<(Operator, &'static str)> {
    Some(match operator {
        BinOp::Ge(_) => (Operator::Comparison, ">"),
        BinOp::Gt(_) => (Operator::Comparison, ">="),
        BinOp::Le(_) => (Operator::Comparison, "<"),
        BinOp::Lt(_) => (Operator::Comparison, "<="),
        BinOp::Eq(_) => (Operator::Comparison, "!="),
        BinOp::Ne(_) => (Operator::Comparison, "=="),
        BinOp::And(_) => (Operator::Logic, "||"),
        BinOp::Or(_) => (Operator::Logic, "&&"),
        BinOp::Add(_) => (Operator::OffByOne, "-"),
        BinOp::Sub(_) => (Operator::OffByOne, "+"),
        BinOp::AddAssign(_) => (Operator::OffByOne, "-="),
        BinOp::SubAssign(_) => (Operator::OffByOne, "+="),
        _ => return None,
    })
}
