//! Which variables of a function nothing can be written through.
//!
//! A variable is *tame* if it was declared without `mut` and what it was given holds no `&mut`: a
//! copy, something shared, or something made on the spot. All variables of one name are taken for
//! one, and count as tame if each is.

use super::declared::{Declared, is_shared};
use super::places::Walk;
use std::collections::BTreeSet;
use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprClosure, ExprForLoop, ExprLet, ExprMatch, ExprMethodCall, FnArg, Ident, Local,
    Member, Pat, PatIdent, Signature, Type,
};

/// Methods of the standard library that take `&self`, and so write to nothing.
const SHARED: [&str; 35] = [
    "as_bytes",
    "as_deref",
    "as_ref",
    "as_slice",
    "binary_search",
    "chunks",
    "clone",
    "cmp",
    "contains",
    "contains_key",
    "difference",
    "eq",
    "first",
    "first_key_value",
    "get",
    "get_key_value",
    "intersection",
    "is_disjoint",
    "is_empty",
    "is_none",
    "is_some",
    "is_subset",
    "is_superset",
    "iter",
    "keys",
    "last_key_value",
    "len",
    "partial_cmp",
    "range",
    "starts_with",
    "to_owned",
    "to_vec",
    "union",
    "values",
    "windows",
];

/// Methods of the standard library that take a copy of what they are called on.
const COPYING: [&str; 16] = [
    "abs_diff",
    "checked_add",
    "checked_sub",
    "cloned",
    "copied",
    "is_none_or",
    "is_some_and",
    "max",
    "min",
    "saturating_add",
    "saturating_mul",
    "saturating_sub",
    "unwrap_or",
    "unwrap_or_default",
    "wrapping_add",
    "wrapping_sub",
];

/// What is known of one function's variables.
#[derive(Debug)]
pub(super) struct Variables<'a> {
    declared: &'a Declared,
    bound: BTreeSet<String>,
    tame: BTreeSet<String>,
}

impl<'a> Variables<'a> {
    /// Of a function.
    pub(super) fn of(declared: &'a Declared, signature: &Signature, block: &Block) -> Self {
        let mut bindings = Bindings::default();
        signature.inputs.iter().for_each(|input| bindings.parameter(input));
        bindings.visit_block(block);
        let bound: BTreeSet<String> = bindings.0.iter().map(|(name, _)| name.clone()).collect();
        let mut variables = Self { declared, tame: bound.clone(), bound };
        // Who is not tame makes others so that were given it, until nobody is left to be found.
        loop {
            let wild: Vec<String> = bindings
                .0
                .iter()
                .filter_map(|(name, given)| {
                    let tame = match given {
                        Given::Something => false,
                        Given::Copy => true,
                        Given::Value(value) => variables.is_tame(value),
                    };
                    (!tame && variables.tame.contains(name)).then(|| name.clone())
                })
                .collect();
            if wild.is_empty() {
                return variables;
            }
            variables.tame.retain(|name| !wild.contains(name));
        }
    }

    pub(super) fn declared(&self) -> &Declared {
        self.declared
    }

    /// Whether the function gives something this name.
    pub(super) fn is_bound(&self, name: &str) -> bool {
        self.bound.contains(name)
    }

    /// Whether nothing can be written through this variable.
    pub(super) fn is_tame_name(&self, name: &str) -> bool {
        self.tame.contains(name)
    }

    /// Whether a call of this method writes to nothing through what it is called on.
    pub(super) fn is_shared(&self, method: &str) -> bool {
        SHARED.contains(&method) && !self.declared.writes(method)
    }

    /// Whether a call of this method takes what it is called on by value.
    pub(super) fn is_copying(&self, method: &str) -> bool {
        COPYING.contains(&method) && !self.declared.writes(method)
    }

    /// Whether nothing that there was before can be written through a value.
    fn is_tame(&self, value: &Expr) -> bool {
        match value {
            Expr::Lit(_) | Expr::Binary(_) | Expr::Cast(_) | Expr::Unary(_) => true,
            Expr::Macro(call) => call.mac.path.is_ident("matches"),
            Expr::Paren(inner) => self.is_tame(&inner.expr),
            Expr::Try(inner) => self.is_tame(&inner.expr),
            Expr::Reference(inner) => inner.mutability.is_none(),
            Expr::Path(path) => path.path.get_ident().is_none_or(|name| {
                let name = name.to_string();
                !self.is_bound(&name) || self.is_tame_name(&name)
            }),
            // What is not moved is copied, and a `&mut` cannot be.
            Expr::Field(field) => match &field.member {
                Member::Named(name) => !self.declared.is_mutable(&name.to_string()),
                Member::Unnamed(_) => self.is_tame(&field.base),
            },
            Expr::Index(index) => self.is_tame(&index.expr),
            Expr::Range(range) => range.start.iter().chain(&range.end).all(|end| self.is_tame(end)),
            Expr::Tuple(tuple) => tuple.elems.iter().all(|value| self.is_tame(value)),
            Expr::Array(array) => array.elems.iter().all(|value| self.is_tame(value)),
            Expr::Struct(made) => {
                let fields = made.fields.iter().map(|field| &field.expr);
                fields.chain(made.rest.as_deref()).all(|value| self.is_tame(value))
            }
            Expr::Call(call) => {
                let function = matches!(&*call.func, Expr::Path(_)) && self.is_tame(&call.func);
                function && call.args.iter().all(|value| self.is_tame(value))
            }
            Expr::MethodCall(call) => self.gives_tame(call),
            Expr::Closure(closure) => Walk::closure(self, closure).writes_nothing(),
            _ => false,
        }
    }

    fn gives_tame(&self, call: &ExprMethodCall) -> bool {
        let name = call.method.to_string();
        let from = self.is_shared(&name) || self.is_closed(&call.receiver);
        from && call.args.iter().all(|value| self.is_tame(value))
    }

    /// Whether no method can write through what it is called on.
    fn is_closed(&self, receiver: &Expr) -> bool {
        match receiver {
            Expr::Field(field) => {
                let mutable = matches!(&field.member, Member::Named(name)
                    if self.declared.is_mutable(&name.to_string()));
                !mutable && self.is_closed(&field.base)
            }
            Expr::Index(index) => self.is_closed(&index.expr),
            Expr::Paren(inner) => self.is_closed(&inner.expr),
            Expr::Unary(inner) => self.is_closed(&inner.expr),
            _ => self.is_tame(receiver),
        }
    }
}

/// What a variable was given.
#[derive(Debug, Clone)]
enum Given {
    /// Something that can be written through, or about which nothing is known.
    Something,
    /// What a reference was followed to, which only a copy can be.
    Copy,
    /// A value, or part of one, or what an iterator over it gives.
    Value(Box<Expr>),
}

/// Everything that a function gives a name, but for the values that closures of one expression
/// are called with: no two statements see these.
#[derive(Default)]
struct Bindings(Vec<(String, Given)>);

impl Bindings {
    fn parameter(&mut self, input: &FnArg) {
        match input {
            FnArg::Receiver(receiver) => {
                let given = if is_shared(receiver) { Given::Copy } else { Given::Something };
                self.0.push(("self".to_owned(), given));
            }
            FnArg::Typed(typed) => {
                let given = if holds_mut(&typed.ty) { Given::Something } else { Given::Copy };
                self.all(&typed.pat, &given);
            }
        }
    }

    /// All names in a pattern.
    fn all(&mut self, pattern: &Pat, given: &Given) {
        for (name, mutable) in names(pattern) {
            let given = if mutable { Given::Something } else { given.clone() };
            self.0.push((name, given));
        }
    }

    /// The names in a pattern that is held against a value.
    fn pair(&mut self, pattern: &Pat, value: &Expr) {
        match (pattern, value) {
            (Pat::Paren(inner), _) => self.pair(&inner.pat, value),
            (Pat::Reference(inner), _) => self.all(&inner.pat, &Given::Copy),
            (Pat::Tuple(parts), Expr::Tuple(values))
                if parts.elems.len() == values.elems.len()
                    && !parts.elems.iter().any(|part| matches!(part, Pat::Rest(_))) =>
            {
                for (part, value) in parts.elems.iter().zip(&values.elems) {
                    self.pair(part, value);
                }
            }
            _ => self.all(pattern, &Given::Value(Box::new(value.clone()))),
        }
    }

    /// The names in a pattern that takes what an iterator gives.
    fn each(&mut self, pattern: &Pat, iterated: &Expr) {
        let (Pat::Tuple(parts), Expr::MethodCall(call)) = (pattern, iterated) else {
            return self.pair_each(pattern, iterated);
        };
        let parts: Vec<&Pat> = parts.elems.iter().collect();
        match (parts.as_slice(), call.args.first()) {
            ([one, other], Some(with)) if call.method == "zip" => {
                self.each(one, &call.receiver);
                self.each(other, with);
            }
            ([place, item], None) if call.method == "enumerate" => {
                self.all(place, &Given::Copy);
                self.each(item, &call.receiver);
            }
            _ => self.pair_each(pattern, iterated),
        }
    }

    fn pair_each(&mut self, pattern: &Pat, iterated: &Expr) {
        match pattern {
            Pat::Reference(inner) => self.all(&inner.pat, &Given::Copy),
            _ => self.all(pattern, &Given::Value(Box::new(iterated.clone()))),
        }
    }
}

impl<'ast> Visit<'ast> for Bindings {
    fn visit_local(&mut self, node: &'ast Local) {
        let (pattern, typed) = match &node.pat {
            Pat::Type(typed) => (&*typed.pat, holds_mut(&typed.ty)),
            pattern => (pattern, false),
        };
        match &node.init {
            Some(init) if !typed => self.pair(pattern, &init.expr),
            _ => self.all(pattern, &Given::Something),
        }
        visit::visit_local(self, node);
    }

    fn visit_expr_for_loop(&mut self, node: &'ast ExprForLoop) {
        self.each(&node.pat, &node.expr);
        visit::visit_expr_for_loop(self, node);
    }

    fn visit_expr_let(&mut self, node: &'ast ExprLet) {
        self.pair(&node.pat, &node.expr);
        visit::visit_expr_let(self, node);
    }

    fn visit_expr_match(&mut self, node: &'ast ExprMatch) {
        for arm in &node.arms {
            match &arm.pat {
                Pat::Guard(guarded) => self.pair(&guarded.pat, &node.expr),
                pattern => self.pair(pattern, &node.expr),
            }
        }
        visit::visit_expr_match(self, node);
    }

    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        if matches!(*node.body, Expr::Block(_)) {
            node.inputs.iter().for_each(|input| self.all(input, &Given::Something));
        }
        visit::visit_expr_closure(self, node);
    }
}

/// The names in a pattern, and whether each may be written to.
pub(super) fn names(pattern: &Pat) -> Vec<(String, bool)> {
    struct Names(Vec<(String, bool)>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, node: &'ast PatIdent) {
            if is_variable(&node.ident) {
                self.0.push((node.ident.to_string(), node.mutability.is_some()));
            }
            visit::visit_pat_ident(self, node);
        }
        fn visit_expr(&mut self, _: &'ast Expr) {}
    }
    let mut found = Names(Vec::new());
    found.visit_pat(pattern);
    found.0
}

/// Whether a name is a variable's and no constant's or variant's, as Rust writes them.
fn is_variable(name: &Ident) -> bool {
    !name.to_string().starts_with(char::is_uppercase)
}

fn holds_mut(kind: &Type) -> bool {
    struct Mutable(bool);
    impl<'ast> Visit<'ast> for Mutable {
        fn visit_type_reference(&mut self, node: &'ast syn::TypeReference) {
            self.0 |= node.mutability.is_some();
            visit::visit_type_reference(self, node);
        }
        fn visit_type_ptr(&mut self, _: &'ast syn::TypePtr) {
            self.0 = true;
        }
    }
    // What is shared cannot be written through, whatever it holds.
    if matches!(kind, Type::Reference(reference) if reference.mutability.is_none()) {
        return false;
    }
    let mut found = Mutable(false);
    found.visit_type(kind);
    found.0
}
