//! Finds in a text what a fault can be put into.

use super::alike::Alike;
use super::declared::Declared;
use super::operators::{GROUPS, Operator, instead};
use super::places::independent;
use super::statements;
use super::tame::Variables;
use quote::ToTokens as _;
use slot_syntax::signature::normal_tokens;
use std::collections::BTreeMap;
use std::ops::Range;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Expr, ExprBinary, ExprField, ExprIf, ExprIndex, ExprLit, ExprMethodCall,
    ExprPath, ExprRange, ExprUnary, ExprWhile, File, FnArg, ImplItemFn, ItemFn, ItemMod, Lit,
    LitInt, Macro, Member, PatGuard, RangeLimits, ReturnType, Signature, Stmt, Type, UnOp,
};

/// One replacement of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) operator: Operator,
    /// The function around it, or `the file`.
    pub(super) function: String,
    pub(super) range: Range<usize>,
    pub(super) new: String,
}

impl Change {
    /// The text with this change.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut changed = text.to_owned();
        changed.replace_range(self.range.clone(), &self.new);
        changed
    }
}

/// All changes, in order of their places.
pub(super) fn changes(
    parsed: &File,
    text: &str,
    (alike, declared): (&Alike, &Declared),
    groups: &[Vec<String>],
) -> Vec<Change> {
    let mut finder = Finder {
        text,
        alike,
        declared,
        groups,
        functions: Vec::new(),
        parameters: Vec::new(),
        variables: Vec::new(),
        changes: Vec::new(),
    };
    finder.visit_file(parsed);
    let mut changes = finder.changes;
    changes.sort_by_key(|change| (change.range.start, change.range.end));
    changes.dedup();
    changes
}

pub(super) struct Finder<'a> {
    pub(super) text: &'a str,
    alike: &'a Alike,
    declared: &'a Declared,
    groups: &'a [Vec<String>],
    /// Names of the functions around, the outermost first.
    functions: Vec<String>,
    /// Parameters of these functions with their types.
    parameters: Vec<BTreeMap<String, String>>,
    /// What is known of these functions' variables.
    variables: Vec<Variables<'a>>,
    changes: Vec<Change>,
}

impl Finder<'_> {
    pub(super) fn found(&mut self, operator: Operator, range: Range<usize>, new: &str) {
        let function = self.functions.last().map_or("the file", String::as_str).to_owned();
        self.changes.push(Change { operator, function, range, new: new.to_owned() });
    }

    /// Whether two statements of the function at hand do the same in either order.
    pub(super) fn independent(&self, one: &Stmt, other: &Stmt) -> bool {
        self.variables.last().is_some_and(|variables| independent(variables, one, other))
    }

    pub(super) fn source(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    fn function(&mut self, attributes: &[Attribute], signature: &Signature, block: &Block) {
        if is_test(attributes) {
            return;
        }
        self.functions.push(signature.ident.to_string());
        self.parameters.push(signature.inputs.iter().filter_map(parameter).collect());
        self.variables.push(Variables::of(self.declared, signature, block));
        statements::of_function(self, returned(signature).as_deref(), block);
        self.visit_block(block);
        self.variables.pop();
        self.parameters.pop();
        self.functions.pop();
    }

    /// Turns a condition round, if it is one alone.
    fn negate(&mut self, condition: &Expr) {
        if !holds_let(condition) {
            let range = condition.span().byte_range();
            let new = format!("!({})", self.source(range.clone()));
            self.found(Operator::Negation, range, &new);
        }
    }

    /// Names that stand in a group with `name`.
    fn group(&self, name: &str) -> Vec<String> {
        let own = self.groups.iter().map(|group| group.iter().map(String::as_str).collect());
        let all = GROUPS.iter().map(|group| group.to_vec()).chain(own);
        let with = all.filter(|group: &Vec<&str>| group.contains(&name));
        with.flatten().filter(|other| *other != name).map(str::to_owned).collect()
    }

    /// A call as a value, whose effect is left out.
    fn swallow(&mut self, value: &Expr) {
        if statements::emits(value) {
            self.found(Operator::Effect, value.span().byte_range(), "()");
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, node: &'ast ItemFn) {
        self.function(&node.attrs, &node.sig, &node.block);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast ImplItemFn) {
        self.function(&node.attrs, &node.sig, &node.block);
    }

    fn visit_item_mod(&mut self, node: &'ast ItemMod) {
        if !is_test(&node.attrs) {
            visit::visit_item_mod(self, node);
        }
    }

    // Nothing in these is a value.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_macro(&mut self, _: &'ast Macro) {}

    fn visit_block(&mut self, node: &'ast Block) {
        statements::of_block(self, node);
        visit::visit_block(self, node);
    }

    fn visit_expr_binary(&mut self, node: &'ast ExprBinary) {
        if let Some((operator, new)) = instead(&node.op) {
            self.found(operator, node.op.span().byte_range(), new);
        }
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_range(&mut self, node: &'ast ExprRange) {
        if node.end.is_some() {
            let new = match node.limits {
                RangeLimits::HalfOpen(_) => "..=",
                RangeLimits::Closed(_) => "..",
            };
            self.found(Operator::OffByOne, node.limits.span().byte_range(), new);
        }
        visit::visit_expr_range(self, node);
    }

    fn visit_expr_lit(&mut self, node: &'ast ExprLit) {
        match &node.lit {
            Lit::Int(number) => {
                for new in neighbours(number) {
                    self.found(Operator::OffByOne, number.span().byte_range(), &new);
                }
            }
            Lit::Bool(constant) => {
                let new = if constant.value { "false" } else { "true" };
                self.found(Operator::Constant, constant.span.byte_range(), new);
            }
            _ => {}
        }
    }

    fn visit_expr_index(&mut self, node: &'ast ExprIndex) {
        if !matches!(*node.index, Expr::Range(_) | Expr::Reference(_) | Expr::Lit(_)) {
            let range = node.index.span().byte_range();
            let new = format!("{} + 1", self.source(range.clone()));
            self.found(Operator::OffByOne, range, &new);
        }
        visit::visit_expr_index(self, node);
    }

    fn visit_expr_unary(&mut self, node: &'ast ExprUnary) {
        if matches!(node.op, UnOp::Not(_)) {
            self.found(Operator::Negation, node.op.span().byte_range(), "");
        }
        visit::visit_expr_unary(self, node);
    }

    fn visit_expr_if(&mut self, node: &'ast ExprIf) {
        self.negate(&node.cond);
        visit::visit_expr_if(self, node);
    }

    fn visit_expr_while(&mut self, node: &'ast ExprWhile) {
        self.negate(&node.cond);
        visit::visit_expr_while(self, node);
    }

    fn visit_arm(&mut self, node: &'ast syn::Arm) {
        self.swallow(&node.body);
        visit::visit_arm(self, node);
    }

    fn visit_pat_guard(&mut self, node: &'ast PatGuard) {
        self.negate(&node.guard);
        visit::visit_pat_guard(self, node);
    }

    fn visit_expr_return(&mut self, node: &'ast syn::ExprReturn) {
        node.expr.iter().for_each(|value| self.swallow(value));
        visit::visit_expr_return(self, node);
    }

    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        let name = node.method.to_string();
        for other in self.group(&name) {
            self.found(Operator::Exchange, node.method.span().byte_range(), &other);
        }
        // The successor of a number; of an iterator the compiler refuses it.
        if name == "next" && node.args.is_empty() {
            let end = node.span().byte_range().end;
            self.found(Operator::OffByOne, node.receiver.span().byte_range().end..end, "");
        }
        visit::visit_expr_method_call(self, node);
    }

    fn visit_expr_field(&mut self, node: &'ast ExprField) {
        if let Member::Named(name) = &node.member {
            for other in self.alike.of(&name.to_string()) {
                self.found(Operator::Field, name.span().byte_range(), other);
            }
        }
        visit::visit_expr_field(self, node);
    }

    fn visit_expr_path(&mut self, node: &'ast ExprPath) {
        let Some(name) = node.path.get_ident().map(ToString::to_string) else { return };
        let Some(parameters) = self.parameters.last() else { return };
        let Some(kind) = parameters.get(&name) else { return };
        let alike = parameters.iter().filter(|(other, of)| **other != name && *of == kind);
        let alike: Vec<String> = alike.map(|(other, _)| other.clone()).collect();
        for other in alike {
            self.found(Operator::Variable, node.span().byte_range(), &other);
        }
    }
}

/// Whether something is there for tests alone.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = normal_tokens(attribute.meta.to_token_stream());
        text == "test" || text.replace(' ', "") == "cfg(test)"
    })
}

fn parameter(input: &FnArg) -> Option<(String, String)> {
    let FnArg::Typed(typed) = input else { return None };
    let name = slot_syntax::check::parameter_name(typed)?;
    Some((name.to_string(), normal_tokens(typed.ty.to_token_stream())))
}

/// The type of what a function gives back, if it gives something.
fn returned(signature: &Signature) -> Option<String> {
    match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, kind) => Some(normal_tokens(kind.to_token_stream())),
    }
}

/// Whether a condition takes something apart, so that it cannot be turned round.
fn holds_let(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(both) => holds_let(&both.left) || holds_let(&both.right),
        _ => false,
    }
}

/// A number one more and one less, in the way it is written.
fn neighbours(number: &LitInt) -> Vec<String> {
    let Ok(value) = number.base10_parse::<u128>() else { return Vec::new() };
    let less = value.checked_sub(1);
    let near = value.checked_add(1).into_iter().chain(less);
    near.map(|value| format!("{value}{}", number.suffix())).collect()
}
