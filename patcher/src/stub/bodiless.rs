//! A protocol crate's source file with its public items alone, and no body.

use crate::lineage::Specification;
use crate::prompt::{contract, source};
use proc_macro2::{TokenStream, TokenTree};
use slot_syntax::doc_text;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;
use syn::spanned::Spanned as _;
use syn::{
    AttrStyle, Attribute, Block, File, ImplItem, Item, ItemImpl, ItemTrait, ItemUse, ReturnType,
    Signature, TraitItem, Type, TypeParamBound, Visibility,
};

/// What stands in place of a body.
const NO_BODY: &str = "{ unimplemented!() }";

/// A file without bodies.
pub(super) struct Bodiless {
    /// Its text.
    pub(super) text: String,
    /// Modules that it declared only under some condition, and that are left out.
    pub(super) without: Vec<String>,
}

/// Leaves out bodies, private items, comments that are no documentation, and what of the slots'
/// contracts `from` does not show.
///
/// Imports from crates that are `absent` are left out too.
pub(super) fn bodiless(
    text: &str,
    file: &File,
    from: Specification,
    absent: &[String],
) -> Bodiless {
    let reader = Reader { text, from, absent };
    let kept: Vec<&Item> = file.items.iter().filter(|item| !conditional(item)).collect();
    let left_out =
        file.items.iter().filter(|item| conditional(item)).filter_map(|item| match item {
            Item::Mod(module) => Some(module.ident.to_string()),
            _ => None,
        });
    let without = left_out.collect();
    let (imports, items): (Vec<&Item>, Vec<&Item>) =
        kept.into_iter().partition(|item| matches!(item, Item::Use(_)));
    let mut body = String::new();
    let mut shown = vec![false; items.len()];
    // A private type or constant is kept if something that is kept names it.
    loop {
        let used = words(&body);
        let wanted = |item: &Item| match private_name(item) {
            Some(name) => used.contains(&name),
            None => true,
        };
        let fresh: Vec<usize> = (0..items.len())
            .filter(|index| !shown[*index] && wanted(items[*index]))
            .filter(|index| subject_stays(items[*index], &items, &used))
            .collect();
        if fresh.is_empty() {
            break;
        }
        for index in fresh {
            shown[index] = true;
            body.push_str(&reader.item(items[index]));
        }
    }
    let used = words(&body);
    let mut all = reader.head(&file.attrs);
    for item in imports {
        if let Item::Use(import) = item {
            all.push_str(&reader.import(import, &used));
        }
    }
    let _ = write!(all, "\n{body}");
    Bodiless { text: all, without }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn conditional(item: &Item) -> bool {
    attributes(item).iter().any(|attribute| attribute.path().is_ident("cfg"))
}

const fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

/// The name of an item that is private to its file and may be needed all the same; for a function that
/// is not public, and for `const _`, one that nothing names.
fn private_name(item: &Item) -> Option<String> {
    let (vis, name) = match item {
        Item::Const(item) => (&item.vis, item.ident.to_string()),
        Item::Enum(item) => (&item.vis, item.ident.to_string()),
        Item::Struct(item) => (&item.vis, item.ident.to_string()),
        Item::Trait(item) => (&item.vis, item.ident.to_string()),
        Item::Type(item) => (&item.vis, item.ident.to_string()),
        Item::Fn(item) => return (!is_public(&item.vis)).then(String::new),
        _ => return None,
    };
    matches!(vis, Visibility::Inherited).then_some(name)
}

/// Whether what an `impl` block is for is there: public, needed, or from elsewhere.
fn subject_stays(item: &Item, items: &[&Item], used: &BTreeSet<String>) -> bool {
    let Item::Impl(item) = item else { return true };
    let Type::Path(path) = &*item.self_ty else { return true };
    let Some(name) = path.path.segments.last().map(|last| last.ident.to_string()) else {
        return true;
    };
    let private = items.iter().any(|item| private_name(item).as_ref() == Some(&name));
    !private || used.contains(&name)
}

/// All identifiers in a text.
fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect_words(text.parse().unwrap_or_default(), &mut found);
    found
}

fn collect_words(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(found.insert(ident.to_string())),
            TokenTree::Group(group) => collect_words(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// What stands in place of a function's body, of the right type.
fn no_body(signature: &Signature) -> &'static str {
    let ReturnType::Type(_, output) = &signature.output else { return NO_BODY };
    let Type::ImplTrait(output) = &**output else { return NO_BODY };
    let iterates = output.bounds.iter().any(|bound| {
        matches!(bound, TypeParamBound::Trait(bound)
            if bound.path.segments.last().is_some_and(|last| last.ident == "Iterator"))
    });
    // What never returns is no iterator to the compiler.
    if iterates { "{ std::iter::empty() }" } else { "{}" }
}

struct Reader<'a> {
    text: &'a str,
    from: Specification,
    absent: &'a [String],
}

impl Reader<'_> {
    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// The attributes of the file, but for lints: what is left out may be what satisfied them. Its
    /// comment tells of the component, as contracts do.
    fn head(&self, attributes: &[Attribute]) -> String {
        let mut head = String::new();
        for attribute in attributes.iter().filter(|it| matches!(it.style, AttrStyle::Inner(_))) {
            let is = |name: &&str| attribute.path().is_ident(*name);
            let lint = ["allow", "deny", "expect", "forbid", "warn"].iter().any(is);
            let told = self.from == Specification::Contract || !is(&"doc");
            if told && !lint {
                let _ = writeln!(head, "{}", self.slice(attribute.span().byte_range()));
            }
        }
        head.push('\n');
        head
    }

    fn import(&self, import: &ItemUse, used: &BTreeSet<String>) -> String {
        if is_public(&import.vis) {
            return format!("{}\n", self.slice(import.span().byte_range()));
        }
        let mut leaves = Vec::new();
        source::leaves(&import.tree, &mut Vec::new(), &mut leaves);
        let mut text = String::new();
        leaves.retain(|(_, path)| path.first().is_none_or(|first| !self.absent.contains(first)));
        for (local, path) in leaves {
            let whole = path.join("::");
            if local == "*" {
                let _ = writeln!(text, "use {whole}::*;");
            } else if used.contains(&local) {
                let same = path.last() == Some(&local);
                let renamed = if same { String::new() } else { format!(" as {local}") };
                let _ = writeln!(text, "use {whole}{renamed};");
            }
        }
        text
    }

    fn item(&self, item: &Item) -> String {
        let text = match item {
            Item::Fn(item) => {
                let slot = item.attrs.iter().any(|attribute| source::slot_of(attribute).is_some());
                let docs = if slot { self.contract(&item.attrs) } else { String::new() };
                let kept = item.attrs.iter().filter(|attribute| {
                    let doc = attribute.path().is_ident("doc");
                    source::slot_of(attribute).is_none() && !(slot && doc)
                });
                docs + &self.function(kept, "", item.span(), &item.block, &item.sig, &item.attrs)
            }
            Item::Impl(item) => self.implementation(item),
            Item::Trait(item) => self.interface(item),
            other => self.slice(other.span().byte_range()).to_owned(),
        };
        format!("{text}\n\n")
    }

    /// What of a slot's contract is shown, as a doc comment.
    fn contract(&self, attributes: &[Attribute]) -> String {
        let shown = contract::shown(&doc_text(attributes), self.from);
        shown.lines().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{}", format!("/// {line}").trim_end());
            text
        })
    }

    /// A function with these of its attributes, its first lines indented.
    fn function<'a>(
        &self,
        kept: impl Iterator<Item = &'a Attribute>,
        indent: &str,
        span: proc_macro2::Span,
        block: &Block,
        signature: &Signature,
        attributes: &[Attribute],
    ) -> String {
        let mut text = String::new();
        for attribute in kept {
            let _ = writeln!(text, "{indent}{}", self.slice(attribute.span().byte_range()));
        }
        let last = attributes.iter().map(|attribute| attribute.span().byte_range().end).max();
        let start = last.unwrap_or_else(|| span.byte_range().start);
        let end = block.span().byte_range().start;
        let head = self.slice(start..end).trim();
        let _ = write!(text, "{indent}{head} {}", no_body(signature));
        text
    }

    fn implementation(&self, item: &ItemImpl) -> String {
        let end = item.brace_token.span.open().byte_range().start;
        let mut text = self.slice(item.span().byte_range().start..end).trim().to_owned();
        text.push_str(" {\n");
        for member in &item.items {
            let shown = match member {
                ImplItem::Fn(method) if item.trait_.is_some() || is_public(&method.vis) => {
                    let (attrs, span) = (&method.attrs, method.span());
                    self.function(attrs.iter(), "    ", span, &method.block, &method.sig, attrs)
                }
                ImplItem::Const(constant) if item.trait_.is_some() || is_public(&constant.vis) => {
                    format!("    {}", self.slice(constant.span().byte_range()))
                }
                ImplItem::Type(named) => format!("    {}", self.slice(named.span().byte_range())),
                _ => continue,
            };
            let _ = writeln!(text, "{shown}");
        }
        text.push('}');
        text
    }

    fn interface(&self, item: &ItemTrait) -> String {
        let mut text = String::new();
        let mut from = item.span().byte_range().start;
        for member in &item.items {
            if let TraitItem::Fn(method) = member
                && let Some(body) = &method.default
            {
                let Range { start, end } = body.span().byte_range();
                let _ = write!(text, "{}{}", self.slice(from..start), no_body(&method.sig));
                from = end;
            }
        }
        text.push_str(self.slice(from..item.span().byte_range().end));
        text
    }
}
