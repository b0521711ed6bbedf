//! Which places a statement reads and writes, and so whether two may change theirs unnoticed.
//!
//! A *place* is a variable and the fields behind it, as they are written. No types are known here,
//! and none are needed: of two orders of statements both compile, or there is no mutant; and where
//! both do, the compiler has seen to it that no variable which may be written through stands for
//! part of another that is used meanwhile. So different variables are different places, and two
//! fields of one too. Where that would not hold, nothing is said: in a text with cells or unsafe
//! code, and of a statement with a macro that is not known.
//!
//! Read are operands, what is borrowed, copied or looked into; written are what is assigned to,
//! borrowed as `&mut`, what a method is called on (other than of `&self`, by name), and variables
//! that are handed on, unless nothing can be written through them (see [`tame`](super::tame)).
//! A panic in one order is a panic in the other, and all panics are alike.

use super::tame::{Variables, names};
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{
    BinOp, Block, Expr, ExprClosure, ExprMacro, ExprMethodCall, Macro, Member, Pat, Stmt, Token,
    UnOp,
};

/// Whether two statements behind each other do the same in either order: both run to their end,
/// and neither writes what the other reads or writes.
pub(super) fn independent(variables: &Variables<'_>, one: &Stmt, other: &Stmt) -> bool {
    if variables.declared().has_cells() {
        return false;
    }
    let [one, other] = [one, other].map(|statement| {
        let mut walk = Walk::new(variables);
        walk.statement(statement);
        walk
    });
    let apart = |one: &Walk<'_, '_>, other: &Walk<'_, '_>| {
        let touched = || other.written.iter().chain(&other.read);
        one.written.iter().all(|written| touched().all(|place| !written.overlaps(place)))
    };
    !one.unknown && !other.unknown && apart(&one, &other) && apart(&other, &one)
}

/// A variable and fields behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place(Vec<String>);

impl Place {
    fn overlaps(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(one, other)| one == other)
    }

    /// The place that an expression names. What stands behind an index or a dereference is the
    /// whole of what stands before it.
    fn of(value: &Expr) -> Option<Self> {
        Self::exact(value).map(|(place, _)| place)
    }

    /// With whether more fields make it more exact.
    fn exact(value: &Expr) -> Option<(Self, bool)> {
        match value {
            Expr::Path(path) => Some((Self(vec![path.path.get_ident()?.to_string()]), true)),
            Expr::Paren(inner) => Self::exact(&inner.expr),
            Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => Self::exact(&inner.expr),
            Expr::Index(index) => Some((Self::of(&index.expr)?, false)),
            Expr::Field(field) => {
                let (mut place, exact) = Self::exact(&field.base)?;
                if exact {
                    place.0.push(match &field.member {
                        Member::Named(name) => name.to_string(),
                        Member::Unnamed(number) => number.index.to_string(),
                    });
                }
                Some((place, exact))
            }
            _ => None,
        }
    }
}

/// A walk through one statement or closure.
#[derive(Debug)]
pub(super) struct Walk<'a, 'd> {
    variables: &'a Variables<'d>,
    read: Vec<Place>,
    written: Vec<Place>,
    /// Whether it may leave what is around it, or does what nobody sees here.
    unknown: bool,
    /// Names given within it.
    inner: Vec<String>,
    /// Loops around, within the innermost closure.
    loops: usize,
    /// Closures around.
    closures: usize,
}

impl<'a, 'd> Walk<'a, 'd> {
    fn new(variables: &'a Variables<'d>) -> Self {
        let (read, written, inner) = (Vec::new(), Vec::new(), Vec::new());
        Self { variables, read, written, unknown: false, inner, loops: 0, closures: 0 }
    }

    /// Through a closure, as if it was called.
    pub(super) fn closure(variables: &'a Variables<'d>, closure: &ExprClosure) -> Self {
        let mut walk = Self::new(variables);
        walk.call(closure);
        walk
    }

    pub(super) fn writes_nothing(&self) -> bool {
        !self.unknown && self.written.is_empty()
    }

    /// Does something, after which the names given in it are forgotten.
    fn scope(&mut self, within: impl FnOnce(&mut Self)) {
        let before = self.inner.len();
        within(self);
        self.inner.truncate(before);
    }

    fn block(&mut self, block: &Block) {
        self.scope(|walk| block.stmts.iter().for_each(|statement| walk.statement(statement)));
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Local(local) => {
                if let Some(init) = &local.init {
                    self.value(&init.expr);
                    init.diverge.iter().for_each(|(_, other)| self.value(other));
                }
                self.pattern(&local.pat);
            }
            Stmt::Expr(value, _) => self.value(value),
            Stmt::Macro(call) => self.macro_call(&call.mac),
            Stmt::Item(_) => self.unknown = true,
        }
    }

    /// Gives names.
    fn pattern(&mut self, pattern: &Pat) {
        match pattern {
            Pat::Guard(guarded) => {
                self.pattern(&guarded.pat);
                self.value(&guarded.guard);
            }
            Pat::Macro(_) | Pat::Verbatim(_) => self.unknown = true,
            _ => {
                let names = names(pattern);
                // `ref mut` writes to what it is held against; a mutable copy of it does not.
                self.unknown |= names.iter().any(|(_, mutable)| *mutable)
                    && !matches!(pattern, Pat::Ident(name) if name.by_ref.is_none());
                self.inner.extend(names.into_iter().map(|(name, _)| name));
            }
        }
    }

    /// Whether a place begins with a name given here: what it stands for was noted where it was
    /// given.
    fn is_inner(&self, place: &Place) -> bool {
        place.0.first().is_some_and(|root| self.inner.contains(root))
    }

    fn note_read(&mut self, place: Place) {
        if !self.is_inner(&place) {
            self.read.push(place);
        }
    }

    fn note_written(&mut self, place: Place) {
        if !self.is_inner(&place) {
            self.written.push(place);
        }
    }

    /// What is looked at and neither moved nor handed on.
    fn look(&mut self, value: &Expr) {
        self.places_within(value);
        match Place::of(value) {
            Some(place) => self.note_read(place),
            None => self.value(value),
        }
    }

    /// What is written to.
    fn write(&mut self, value: &Expr) {
        self.places_within(value);
        if let Some(place) = Place::of(value) {
            return self.note_written(place);
        }
        match value {
            Expr::Paren(inner) => self.write(&inner.expr),
            Expr::Field(inner) => self.write(&inner.base),
            Expr::Index(inner) => self.write(&inner.expr),
            Expr::Try(inner) => {
                self.leaves();
                self.write(&inner.expr);
            }
            Expr::Unary(inner) => self.write(&inner.expr),
            Expr::MethodCall(call) => {
                self.write(&call.receiver);
                call.args.iter().for_each(|value| self.value(value));
            }
            Expr::Infer(_) => {}
            _ => {
                self.value(value);
                // A new value is nobody's place; what was handed to a call may come back from it.
                self.unknown |= !matches!(value, Expr::Lit(_) | Expr::Macro(_) | Expr::Array(_));
            }
        }
    }

    /// The indices within a place.
    fn places_within(&mut self, value: &Expr) {
        if Place::of(value).is_none() {
            return;
        }
        match value {
            Expr::Paren(inner) => self.places_within(&inner.expr),
            Expr::Unary(inner) => self.places_within(&inner.expr),
            Expr::Field(inner) => self.places_within(&inner.base),
            Expr::Index(inner) => {
                self.value(&inner.index);
                self.places_within(&inner.expr);
            }
            _ => {}
        }
    }

    /// What is copied, moved or handed on.
    fn handed(&mut self, value: &Expr, place: Place) {
        self.places_within(value);
        let root = place.0.first().is_some_and(|root| self.variables.is_tame_name(root));
        let outer = place.0.first().is_some_and(|root| self.variables.is_bound(root));
        if self.may_be_mutable(value) && outer && !root {
            self.note_written(place.clone());
        }
        self.note_read(place);
    }

    /// Whether a place may hold a `&mut`, which is not moved where it is handed on.
    fn may_be_mutable(&self, place: &Expr) -> bool {
        match place {
            Expr::Field(field) => match &field.member {
                Member::Named(name) => self.variables.declared().is_mutable(&name.to_string()),
                Member::Unnamed(_) => self.may_be_mutable(&field.base),
            },
            Expr::Index(index) => self.may_be_mutable(&index.expr),
            Expr::Paren(inner) => self.may_be_mutable(&inner.expr),
            // What is behind it is copied.
            Expr::Unary(_) => false,
            _ => true,
        }
    }

    /// A `return` or its like: whoever comes behind is not reached.
    fn leaves(&mut self) {
        self.unknown |= self.closures == 0;
    }

    fn value(&mut self, value: &Expr) {
        if let Some(place) = Place::of(value) {
            return self.handed(value, place);
        }
        match value {
            Expr::Lit(_) | Expr::Path(_) | Expr::Infer(_) => {}
            Expr::Paren(inner) => self.value(&inner.expr),
            Expr::Cast(inner) => self.look(&inner.expr),
            Expr::Unary(inner) => self.look(&inner.expr),
            Expr::Field(inner) => self.value(&inner.base),
            Expr::Index(inner) => {
                self.look(&inner.expr);
                self.value(&inner.index);
            }
            Expr::Reference(inner) if inner.mutability.is_none() => self.look(&inner.expr),
            Expr::Reference(inner) => self.write(&inner.expr),
            Expr::Assign(assigned) => {
                self.value(&assigned.right);
                self.write(&assigned.left);
            }
            Expr::Binary(both) if assigns(&both.op) => {
                self.look(&both.right);
                self.write(&both.left);
            }
            Expr::Binary(both) => {
                self.look(&both.left);
                self.look(&both.right);
            }
            Expr::Range(range) => {
                range.start.iter().chain(&range.end).for_each(|end| self.value(end));
            }
            Expr::Array(array) => array.elems.iter().for_each(|value| self.value(value)),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|value| self.value(value)),
            Expr::Struct(made) => {
                made.fields.iter().for_each(|field| self.value(&field.expr));
                made.rest.iter().for_each(|rest| self.value(rest));
            }
            Expr::Closure(closure) => self.call(closure),
            Expr::MethodCall(call) => self.method(call),
            Expr::Call(call) => {
                // A closure may write to what it holds; a function holds nothing.
                match Place::of(&call.func) {
                    Some(function) if self.variables.is_bound(&function.0[0]) => {
                        self.note_written(function);
                    }
                    _ => self.value_unless_path(&call.func),
                }
                call.args.iter().for_each(|value| self.value(value));
            }
            Expr::Macro(ExprMacro { mac, .. }) => self.macro_call(mac),
            _ => self.control(value),
        }
    }

    fn value_unless_path(&mut self, function: &Expr) {
        if !matches!(function, Expr::Path(_)) {
            self.value(function);
        }
    }

    /// What decides on what is done.
    fn control(&mut self, value: &Expr) {
        match value {
            Expr::Let(held) => {
                self.value(&held.expr);
                self.pattern(&held.pat);
            }
            Expr::Block(block) if block.label.is_none() => self.block(&block.block),
            Expr::If(choice) => {
                self.scope(|walk| {
                    walk.value(&choice.cond);
                    walk.block(&choice.then_branch);
                });
                choice.else_branch.iter().for_each(|(_, other)| self.value(other));
            }
            Expr::Match(choice) => {
                self.value(&choice.expr);
                for arm in &choice.arms {
                    self.scope(|walk| {
                        walk.pattern(&arm.pat);
                        walk.value(&arm.body);
                    });
                }
            }
            Expr::ForLoop(repeated) => {
                self.value(&repeated.expr);
                self.scope(|walk| {
                    walk.pattern(&repeated.pat);
                    walk.repeated(&repeated.body);
                });
            }
            Expr::While(repeated) => self.scope(|walk| {
                walk.value(&repeated.cond);
                walk.repeated(&repeated.body);
            }),
            Expr::Loop(repeated) => self.repeated(&repeated.body),
            Expr::Continue(left) if left.label.is_none() && self.loops > 0 => {}
            Expr::Break(left) if left.label.is_none() && self.loops > 0 => {
                left.expr.iter().for_each(|value| self.value(value));
            }
            Expr::Return(left) => {
                self.leaves();
                left.expr.iter().for_each(|value| self.value(value));
            }
            Expr::Try(inner) => {
                self.leaves();
                self.value(&inner.expr);
            }
            _ => self.unknown = true,
        }
    }

    fn repeated(&mut self, body: &Block) {
        self.loops += 1;
        self.block(body);
        self.loops -= 1;
    }

    fn call(&mut self, closure: &ExprClosure) {
        let loops = std::mem::take(&mut self.loops);
        self.closures += 1;
        self.scope(|walk| {
            closure.inputs.iter().for_each(|input| walk.pattern(input));
            walk.value(&closure.body);
        });
        self.closures -= 1;
        self.loops = loops;
    }

    fn method(&mut self, call: &ExprMethodCall) {
        let name = call.method.to_string();
        match Place::of(&call.receiver) {
            _ if self.variables.is_shared(&name) => self.look(&call.receiver),
            Some(_) if self.variables.is_copying(&name) => self.value(&call.receiver),
            Some(place) if self.is_closed(&place) => self.look(&call.receiver),
            Some(place) => {
                self.places_within(&call.receiver);
                self.note_written(place);
            }
            None => self.value(&call.receiver),
        }
        call.args.iter().for_each(|value| self.value(value));
    }

    /// Whether no method can write through this place.
    fn is_closed(&self, place: &Place) -> bool {
        let Some((root, fields)) = place.0.split_first() else { return false };
        let mutable = |field: &String| self.variables.declared().is_mutable(field);
        self.variables.is_tame_name(root) && !fields.iter().any(mutable)
    }

    fn macro_call(&mut self, call: &Macro) {
        let name = call.path.segments.last().map(|last| last.ident.to_string());
        let name = name.as_deref().unwrap_or_default();
        let values = match name {
            "matches" => {
                let parser = |input: ParseStream<'_>| matched(input);
                let Ok((value, pattern)) = parser.parse2(call.tokens.clone()) else {
                    self.unknown = true;
                    return;
                };
                return self.scope(|walk| {
                    walk.look(&value);
                    walk.pattern(&pattern);
                });
            }
            "assert" | "assert_eq" | "assert_ne" | "debug_assert" | "debug_assert_eq"
            | "debug_assert_ne" | "vec" => {
                Punctuated::<Expr, Token![,]>::parse_terminated.parse2(call.tokens.clone())
            }
            _ => {
                self.unknown = true;
                return;
            }
        };
        match values {
            Ok(values) if name == "vec" => values.iter().for_each(|value| self.value(value)),
            Ok(values) => values.iter().for_each(|value| self.look(value)),
            Err(_) => self.unknown = true,
        }
    }
}

/// The arguments of `matches!`.
fn matched(input: ParseStream<'_>) -> syn::Result<(Expr, Pat)> {
    let value: Expr = input.parse()?;
    input.parse::<Token![,]>()?;
    let pattern = Pat::parse_multi_with_leading_vert(input)?;
    let pattern = if input.peek(Token![if]) {
        let if_token = input.parse()?;
        let guard = input.parse()?;
        let pat = Box::new(pattern);
        Pat::Guard(syn::PatGuard { attrs: Vec::new(), pat, if_token, guard })
    } else {
        pattern
    };
    input.parse::<Option<Token![,]>>()?;
    Ok((value, pattern))
}

fn assigns(operator: &BinOp) -> bool {
    matches!(
        operator,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}
