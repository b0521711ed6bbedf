//! Bodies as normal trees, so that two of them can be compared by their structure.

use crate::normal::Bound;
use crate::source;
use quote::ToTokens as _;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprField, ExprMethodCall, File, Ident, ItemUse, Lifetime, Lit, Macro, Member,
    Path, RangeLimits, Token, Visibility,
};

/// One node of a tree whose nodes stand in postorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeNode {
    /// What it is: the construct, or for a leaf the name, the literal or the operator.
    pub label: String,
    /// How many nodes its subtree has, itself included.
    pub size: usize,
}

/// The syntax tree of a Rust text, normalised as [`crate::normal::normal_tokens`] is: imports,
/// comments, attributes, lifetimes, visibility and parentheses left out, literals and names from outside
/// kept, and every name that the text itself binds replaced by `$`. Marks without a meaning of their own
/// (`mut`, `;`, `move`) are no nodes.
///
/// Nodes are in postorder, the root last. Frees the parser's memory, as [`crate::find_slots`] does. A
/// text that is not Rust has no nodes.
#[must_use]
pub fn normal_tree(text: &str) -> Vec<TreeNode> {
    let Ok(file) = syn::parse_str::<File>(text) else {
        return Vec::new();
    };
    let mut walk = Walk { nodes: Vec::new(), bound: Bound::of(&file) };
    walk.node("text", |walk| visit::visit_file(walk, &file));
    source::forget();
    walk.nodes
}

struct Walk {
    nodes: Vec<TreeNode>,
    bound: Bound,
}

impl Walk {
    fn node(&mut self, label: &str, inside: impl FnOnce(&mut Self)) {
        let before = self.nodes.len();
        inside(self);
        let size = self.nodes.len() - before + 1;
        self.nodes.push(TreeNode { label: label.to_owned(), size });
    }

    fn leaf(&mut self, label: &str) {
        self.node(label, |_| {});
    }

    fn name(&mut self, name: &str) {
        if self.bound.has(name) { self.leaf("$") } else { self.leaf(name) }
    }

    /// A name after a dot: another's, unless the text declares such a member.
    fn after_dot(&mut self, name: &Ident) {
        let name = name.to_string();
        if self.bound.has_member(&name) { self.leaf("$") } else { self.leaf(&name) }
    }
}

/// Visits that make a node of what they visit.
macro_rules! nodes {
    ($($visit:ident $kind:ident $label:literal,)*) => {
        $(
            fn $visit(&mut self, node: &'ast syn::$kind) {
                self.node($label, |walk| visit::$visit(walk, node));
            }
        )*
    };
}

impl<'ast> Visit<'ast> for Walk {
    nodes! {
        visit_angle_bracketed_generic_arguments AngleBracketedGenericArguments "<>",
        visit_arm Arm "arm",
        visit_block Block "block",
        visit_expr_array ExprArray "array",
        visit_expr_assign ExprAssign "=",
        visit_expr_binary ExprBinary "binary",
        visit_expr_break ExprBreak "break",
        visit_expr_call ExprCall "call",
        visit_expr_cast ExprCast "as",
        visit_expr_closure ExprClosure "closure",
        visit_expr_continue ExprContinue "continue",
        visit_expr_for_loop ExprForLoop "for",
        visit_expr_if ExprIf "if",
        visit_expr_index ExprIndex "index",
        visit_expr_let ExprLet "if-let",
        visit_expr_loop ExprLoop "loop",
        visit_expr_match ExprMatch "match",
        visit_expr_range ExprRange "range",
        visit_expr_reference ExprReference "&",
        visit_expr_repeat ExprRepeat "repeat",
        visit_expr_return ExprReturn "return",
        visit_expr_struct ExprStruct "struct",
        visit_expr_try ExprTry "?",
        visit_expr_tuple ExprTuple "tuple",
        visit_expr_unary ExprUnary "unary",
        visit_expr_while ExprWhile "while",
        visit_field Field "member",
        visit_field_value FieldValue "value",
        visit_generics Generics "generics",
        visit_impl_item_fn ImplItemFn "method",
        visit_item_const ItemConst "const",
        visit_item_enum ItemEnum "enum",
        visit_item_fn ItemFn "fn",
        visit_item_impl ItemImpl "impl",
        visit_item_mod ItemMod "mod",
        visit_item_struct ItemStruct "struct",
        visit_item_trait ItemTrait "trait",
        visit_item_type ItemType "type",
        visit_local Local "let",
        visit_pat_or PatOr "or",
        visit_pat_reference PatReference "&",
        visit_pat_slice PatSlice "slice",
        visit_pat_struct PatStruct "struct",
        visit_pat_tuple PatTuple "tuple",
        visit_pat_tuple_struct PatTupleStruct "tuple",
        visit_pat_type PatType "typed",
        visit_signature Signature "signature",
        visit_type_array TypeArray "array",
        visit_type_reference TypeReference "&",
        visit_type_slice TypeSlice "slice",
        visit_type_tuple TypeTuple "tuple",
        visit_variant Variant "variant",
    }

    fn visit_path(&mut self, node: &'ast Path) {
        if node.segments.len() == 1 {
            visit::visit_path(self, node);
        } else {
            self.node("path", |walk| visit::visit_path(walk, node));
        }
    }

    fn visit_ident(&mut self, node: &'ast Ident) {
        self.name(&node.to_string());
    }

    fn visit_expr_field(&mut self, node: &'ast ExprField) {
        self.node("field", |walk| {
            walk.visit_expr(&node.base);
            match &node.member {
                Member::Named(name) => walk.after_dot(name),
                Member::Unnamed(number) => walk.visit_index(number),
            }
        });
    }

    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        self.node("method", |walk| {
            walk.visit_expr(&node.receiver);
            walk.after_dot(&node.method);
            node.turbofish.iter().for_each(|it| walk.visit_angle_bracketed_generic_arguments(it));
            node.args.iter().for_each(|it| walk.visit_expr(it));
        });
    }

    fn visit_range_limits(&mut self, node: &'ast RangeLimits) {
        self.leaf(&node.to_token_stream().to_string());
    }

    fn visit_index(&mut self, node: &'ast syn::Index) {
        self.leaf(&node.index.to_string());
    }

    fn visit_lit(&mut self, node: &'ast Lit) {
        self.leaf(&node.to_token_stream().to_string());
    }

    fn visit_bin_op(&mut self, node: &'ast syn::BinOp) {
        self.leaf(&node.to_token_stream().to_string());
    }

    fn visit_un_op(&mut self, node: &'ast syn::UnOp) {
        self.leaf(&node.to_token_stream().to_string());
    }

    fn visit_pat_wild(&mut self, _: &'ast syn::PatWild) {
        self.leaf("_");
    }

    fn visit_pat_rest(&mut self, _: &'ast syn::PatRest) {
        self.leaf("..");
    }

    /// What a macro is given is most often a list of expressions; else its tokens are leaves.
    fn visit_macro(&mut self, node: &'ast Macro) {
        self.node("macro", |walk| {
            walk.visit_path(&node.path);
            match Punctuated::<Expr, Token![,]>::parse_terminated.parse2(node.tokens.clone()) {
                Ok(given) => given.iter().for_each(|one| walk.visit_expr(one)),
                Err(_) => {
                    let mut words = Vec::new();
                    crate::signature::flatten(node.tokens.clone(), &mut words);
                    words.iter().for_each(|word| walk.name(word));
                }
            }
        });
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
    fn visit_item_use(&mut self, _: &'ast ItemUse) {}
    fn visit_lifetime(&mut self, _: &'ast Lifetime) {}
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

#[cfg(test)]
mod tests {
    use super::normal_tree;

    fn shown(text: &str) -> String {
        let nodes = normal_tree(text);
        nodes
            .iter()
            .map(|node| format!("{}/{}", node.label, node.size))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_text_is_a_tree_with_the_root_last() {
        let text = "fn f(a: u32) -> u32 { if a < 7 { a } else { max(a, 1) } }";
        assert_eq!(
            shown(text),
            "$/1 generics/1 $/1 u32/1 typed/3 u32/1 signature/7 $/1 </1 7/1 binary/4 $/1 block/2 \
             max/1 $/1 1/1 call/4 block/5 if/12 block/13 fn/21 text/22"
        );
    }

    #[test]
    fn names_imports_comments_attributes_and_parentheses_do_not_count() {
        let one = "use a::b;\n/// Says.\n#[inline]\npub fn f(x: u8) -> u8 { let y = (x + 1); y }";
        let other = "fn g(left: u8) -> u8 { // other words\n let right = left + 1; right }";
        assert_eq!(normal_tree(one), normal_tree(other));
        let more = "fn g(left: u8) -> u8 { let right = left + 2; right }";
        assert_ne!(normal_tree(one), normal_tree(more));
        // What stands after a dot is another's.
        let own = "fn f(x: &[u8]) -> usize { let len = x.len(); len }";
        let renamed = "fn f(x: &[u8]) -> usize { let n = x.len(); n }";
        assert_eq!(normal_tree(own), normal_tree(renamed));
        assert_ne!(normal_tree("fn f() { 0..3 }"), normal_tree("fn f() { 0..=3 }"));
    }

    #[test]
    fn macros_are_looked_into() {
        assert_eq!(shown("fn f() { assert!(a < 2) }").matches("binary").count(), 1);
        assert!(shown("fn f() { odd!(a => b) }").contains("a/1 =/1 >/1 b/1 macro/"));
        assert_eq!(normal_tree("fn {").len(), 0);
    }
}
