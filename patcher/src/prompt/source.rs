//! The items of the crates that a slot can see, as text without bodies.

use crate::error::Result;
use crate::files;
use crate::manifest;
use crate::project::Project;
use crate::prompt::macros;
use slot_syntax::{SlotPath, doc_text, parse_file};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    Attribute, File, ImplItem, Item, ItemImpl, ItemMacro, ItemTrait, ItemUse, Type, UseTree,
    Visibility,
};

/// A path in source, by segments.
pub(crate) type Segments = Vec<String>;

/// One item.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    /// Index of its file.
    pub(crate) file: usize,
    /// Its text without bodies; the doc comment is in `doc`.
    pub(crate) text: String,
    /// The doc comment's text.
    pub(crate) doc: String,
    /// The slot that it is, if it is one.
    pub(crate) slot: Option<SlotPath>,
    /// What its data or its signature names.
    pub(crate) names: Vec<Segments>,
    pub(crate) kind: Kind,
}

/// What an item is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A call of a macro that only mentions the name.
    Mention,
    /// A macro whose text defines the name, or implements something for it.
    Macro,
    /// A call of a macro whose first argument is the name.
    Call,
    /// A function, a constant or an alias.
    Plain,
    /// A type or trait: its `impl` blocks belong to it.
    Type,
}

/// The methods of one `impl` block, without bodies.
#[derive(Debug)]
pub(crate) struct Methods {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// One source file.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file, relative to the project.
    pub(crate) path: PathBuf,
    /// Name of its crate's library.
    pub(crate) library: String,
    /// Its module, by segments from the crate's root.
    pub(crate) module: Segments,
    /// What its imports bind: local name to full path, from the crate's name on.
    pub(crate) imports: BTreeMap<String, Segments>,
    /// Names that it exports from elsewhere: exported name to full path.
    pub(crate) exports: BTreeMap<String, Segments>,
    /// Modules all of whose items it exports.
    pub(crate) glob_exports: Vec<Segments>,
    /// Modules that it declares, and whether they are public.
    pub(crate) modules: BTreeMap<String, bool>,
    /// The text of its `//!` comment.
    pub(crate) doc: String,
    pub(crate) methods: Vec<Methods>,
    /// Paths through imported modules, `module::name`, anywhere in the file.
    pub(crate) mentions: Vec<Segments>,
}

/// All sources of some crates.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) files: Vec<Source>,
    pub(crate) items: Vec<Definition>,
}

impl Sources {
    /// Reads the protocol crate and every library of the project that it names, macros left out.
    pub(crate) fn read(project: &Project) -> Result<Self> {
        let mut sources = Self::default();
        let protocol = project.settings.protocol.clone();
        for folder in manifest::closure(project, &[protocol])? {
            let manifest = manifest::read_manifest(project, &folder)?;
            let library = manifest::library_name(&manifest);
            if !manifest::is_macro(&manifest) && library != "slot_syntax" {
                sources.read_crate(project, &folder, &library)?;
            }
        }
        Ok(sources)
    }

    fn read_crate(&mut self, project: &Project, folder: &Path, library: &str) -> Result<()> {
        let root = project.root.join(folder).join("src");
        for file in slot_syntax::find::rust_files(&root)? {
            let text = files::read_text(&file)?;
            let parsed = parse_file(&file, &text)?;
            let module = module_of(file.strip_prefix(&root).unwrap_or(&file));
            let mut reader = Reader {
                text: &text,
                file: self.files.len(),
                items: &mut self.items,
                source: Source {
                    path: project.shown(&file).to_owned(),
                    library: library.to_owned(),
                    module,
                    imports: BTreeMap::new(),
                    exports: BTreeMap::new(),
                    glob_exports: Vec::new(),
                    modules: BTreeMap::new(),
                    doc: doc_text(&parsed.attrs),
                    methods: Vec::new(),
                    mentions: Vec::new(),
                },
            };
            reader.read(&parsed);
            reader.mention(&parsed);
            let source = reader.source;
            self.files.push(source);
            proc_macro2::extra::invalidate_current_thread_spans();
        }
        Ok(())
    }
}

/// `a/b.rs` and `a/b/mod.rs` are the module `a::b`; `lib.rs` is the root.
fn module_of(file: &Path) -> Segments {
    let mut module: Segments =
        file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

struct Reader<'a> {
    text: &'a str,
    file: usize,
    items: &'a mut Vec<Definition>,
    source: Source,
}

impl Reader<'_> {
    fn read(&mut self, file: &File) {
        for item in &file.items {
            match item {
                Item::Use(item) => self.import(item),
                Item::Mod(item) => {
                    let public = matches!(item.vis, Visibility::Public(_));
                    self.source.modules.insert(item.ident.to_string(), public);
                }
                Item::Impl(item) => self.implementation(item),
                Item::Macro(item) => self.by_macro(item),
                other => self.item(other),
            }
        }
    }

    fn mention(&mut self, file: &File) {
        let mut names = Names(Vec::new());
        names.visit_file(file);
        let imports = &self.source.imports;
        let by_module = |path: &Segments| match path.as_slice() {
            [module, _, ..] => {
                imports.contains_key(module) && module.starts_with(char::is_lowercase)
            }
            _ => false,
        };
        let mentions = names.0.into_iter().filter(by_module);
        self.source.mentions = mentions.map(|path| path[..2].to_vec()).collect();
    }

    fn item(&mut self, item: &Item) {
        let (name, attributes, vis) = match item {
            Item::Struct(item) => (&item.ident, &item.attrs, &item.vis),
            Item::Enum(item) => (&item.ident, &item.attrs, &item.vis),
            Item::Type(item) => (&item.ident, &item.attrs, &item.vis),
            Item::Const(item) => (&item.ident, &item.attrs, &item.vis),
            Item::Trait(item) => (&item.ident, &item.attrs, &item.vis),
            Item::Fn(item) => (&item.sig.ident, &item.attrs, &item.vis),
            _ => return,
        };
        if !matches!(vis, Visibility::Public(_)) {
            return;
        }
        let mut names = Names(Vec::new());
        let text = match item {
            Item::Fn(item) => {
                names.visit_signature(&item.sig);
                let end = item.block.span().byte_range().start;
                format!("{} {{ /* ... */ }}", self.without_docs(attributes, item.span(), end))
            }
            Item::Trait(item) => self.interface(item),
            other => {
                names.visit_item(other);
                self.without_docs(attributes, other.span(), other.span().byte_range().end)
            }
        };
        self.items.push(Definition {
            name: name.to_string(),
            file: self.file,
            text,
            doc: doc_text(attributes),
            slot: attributes.iter().find_map(slot_of),
            names: names.0,
            kind: match item {
                Item::Struct(_) | Item::Enum(_) | Item::Trait(_) => Kind::Type,
                _ => Kind::Plain,
            },
        });
    }

    /// A macro, or a call of one: an item for each name that it makes or mentions.
    fn by_macro(&mut self, item: &ItemMacro) {
        let tokens = &item.mac.tokens;
        let range = item.span().byte_range();
        let mut text = self.slice(range.clone()).to_owned();
        let mut bodies = macros::function_bodies(tokens.clone());
        bodies.sort_by_key(|body| std::cmp::Reverse(body.start));
        for body in bodies {
            text.replace_range(body.start - range.start..body.end - range.start, " /* ... */ ");
        }
        let own = item.ident.as_ref().map(ToString::to_string);
        let called = item.mac.path.segments.last().map(|last| last.ident.to_string());
        let arguments = macros::arguments(tokens.clone());
        let mut makes: Vec<(String, Kind)> = Vec::new();
        if let Some(own) = &own {
            makes.push((own.clone(), Kind::Macro));
            makes.extend(macros::subjects(tokens.clone()).into_iter().map(|n| (n, Kind::Macro)));
        } else {
            let kinds = std::iter::once(Kind::Call).chain(std::iter::repeat(Kind::Mention));
            makes.extend(arguments.iter().cloned().zip(kinds));
            makes.extend(called.iter().map(|called| (format!("{called}!"), Kind::Mention)));
        }
        let names: Vec<Segments> = match own {
            Some(own) => vec![vec![format!("{own}!")]],
            None => called.into_iter().chain(arguments).map(|name| vec![name]).collect(),
        };
        for (name, kind) in makes {
            self.items.push(Definition {
                name,
                file: self.file,
                text: text.clone(),
                doc: String::new(),
                slot: None,
                names: names.clone(),
                kind,
            });
        }
    }

    /// An item's text up to `end`, without its own doc comment and `#[slot]`.
    fn without_docs(
        &self,
        attributes: &[Attribute],
        span: proc_macro2::Span,
        end: usize,
    ) -> String {
        let mut text = String::new();
        let mut from = span.byte_range().start;
        for attribute in attributes {
            let Range { start, end } = attribute.span().byte_range();
            text.push_str(self.slice(from..start).trim_start());
            let dropped = attribute.path().is_ident("doc") || slot_of(attribute).is_some();
            if !dropped {
                text.push_str(self.slice(start..end));
                text.push('\n');
            }
            from = end;
        }
        text.push_str(self.slice(from..end).trim());
        text
    }

    /// A trait with its methods' default bodies left out.
    fn interface(&self, item: &ItemTrait) -> String {
        let mut text = String::new();
        let mut from = item
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("doc"))
            .map(|attribute| attribute.span().byte_range().end)
            .max()
            .unwrap_or_else(|| item.span().byte_range().start);
        for member in &item.items {
            if let syn::TraitItem::Fn(method) = member
                && let Some(body) = &method.default
            {
                let Range { start, end } = body.span().byte_range();
                text.push_str(self.slice(from..start));
                text.push_str("{ /* ... */ }");
                from = end;
            }
        }
        text.push_str(self.slice(from..item.span().byte_range().end));
        text.trim().to_owned()
    }

    fn implementation(&mut self, item: &ItemImpl) {
        let Some(name) = subject(item) else { return };
        let header = self.slice(
            item.impl_token.span().byte_range().start
                ..item.brace_token.span.open().byte_range().start,
        );
        let header = header.trim();
        if item.trait_.is_some() {
            let mut given = String::new();
            for member in &item.items {
                if matches!(member, ImplItem::Type(_) | ImplItem::Const(_)) {
                    given.push_str(&format!(" {}", self.slice(member.span().byte_range())));
                }
            }
            let text = format!("{header} {{{given} /* ... */ }}");
            self.source.methods.push(Methods { name, text });
            return;
        }
        let mut members = String::new();
        for member in &item.items {
            let (vis, span, end) = match member {
                ImplItem::Fn(method) => {
                    (&method.vis, method.span(), method.block.span().byte_range().start)
                }
                ImplItem::Const(constant) => {
                    (&constant.vis, constant.span(), constant.span().byte_range().end)
                }
                _ => continue,
            };
            if matches!(vis, Visibility::Public(_)) {
                let start = span.byte_range().start;
                let body = if matches!(member, ImplItem::Fn(_)) { " { /* ... */ }" } else { "" };
                members.push_str(&format!("    {}{body}\n", self.slice(start..end).trim_end()));
            }
        }
        if !members.is_empty() {
            let text = format!("{header} {{\n{members}}}");
            self.source.methods.push(Methods { name, text });
        }
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    fn import(&mut self, item: &ItemUse) {
        let mut found = Vec::new();
        leaves(&item.tree, &mut Vec::new(), &mut found);
        let public = matches!(item.vis, Visibility::Public(_));
        for (local, path) in found {
            let path = self.absolute(path);
            if local == "*" {
                self.source.glob_exports.extend(public.then_some(path));
                continue;
            }
            if public {
                self.source.exports.insert(local.clone(), path.clone());
            }
            self.source.imports.insert(local, path);
        }
    }

    /// A path from its crate's name on.
    fn absolute(&self, path: Segments) -> Segments {
        let root = || vec![self.source.library.clone()];
        let module = |up: usize| {
            let own = &self.source.module;
            [root(), own[..own.len().saturating_sub(up)].to_vec()].concat()
        };
        match path.first().map(String::as_str) {
            Some("crate") => [root(), path[1..].to_vec()].concat(),
            Some("self") => [module(0), path[1..].to_vec()].concat(),
            Some("super") => {
                let up = path.iter().take_while(|part| *part == "super").count();
                [module(up), path[up..].to_vec()].concat()
            }
            Some(first) if self.source.modules.contains_key(first) => [module(0), path].concat(),
            _ => path,
        }
    }
}

pub(crate) fn leaves(tree: &UseTree, prefix: &mut Segments, found: &mut Vec<(String, Segments)>) {
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            leaves(&path.tree, prefix, found);
            prefix.pop();
        }
        UseTree::Group(group) => {
            group.items.iter().for_each(|item| leaves(item, prefix, found));
        }
        UseTree::Name(name) if name.ident == "self" => {
            found.extend(prefix.last().cloned().map(|last| (last, prefix.clone())));
        }
        UseTree::Name(name) => {
            let path = [prefix.as_slice(), &[name.ident.to_string()]].concat();
            found.push((name.ident.to_string(), path));
        }
        UseTree::Rename(rename) => {
            let path = [prefix.as_slice(), &[rename.ident.to_string()]].concat();
            found.push((rename.rename.to_string(), path));
        }
        UseTree::Glob(_) => found.push(("*".to_owned(), prefix.clone())),
    }
}

/// The slot that an attribute makes of a function.
pub(crate) fn slot_of(attribute: &Attribute) -> Option<SlotPath> {
    let syn::Meta::List(list) = &attribute.meta else { return None };
    let named = attribute.path().segments.last().is_some_and(|last| last.ident == "slot");
    named.then(|| SlotPath::from_attribute(list.tokens.clone()).ok()).flatten()
}

/// The type that an `impl` block is shown with: that of `impl Verified<Message>` is `Message`.
fn subject(item: &ItemImpl) -> Option<String> {
    if item.generics.params.is_empty()
        && let Type::Path(path) = &*item.self_ty
        && let Some(syn::PathSegment { arguments, .. }) = path.path.segments.last()
        && let syn::PathArguments::AngleBracketed(arguments) = arguments
        && let Some(syn::GenericArgument::Type(argument)) = arguments.args.first()
    {
        return self_name(argument);
    }
    self_name(&item.self_ty)
}

fn self_name(kind: &Type) -> Option<String> {
    match kind {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        Type::Reference(reference) => self_name(&reference.elem),
        _ => None,
    }
}

/// Collects the paths that an item's data or a signature names.
struct Names(Vec<Segments>);

impl<'ast> Visit<'ast> for Names {
    fn visit_path(&mut self, node: &'ast syn::Path) {
        self.0.push(node.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, node);
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}
