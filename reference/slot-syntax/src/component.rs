//! Component slots: whole components of a protocol crate that others may write anew, with a state
//! representation of their own.
//!
//! A component is a slot if its folder has a file `interface.rs`. In it stands what the rest of the
//! crate uses of the component, and nothing else:
//! - `pub use super::{...}`: those of the component's function slots that are called from outside;
//! - `impl State`: constructors, accessors and changes, each with its contract;
//! - `pub fn`: functions that are no slots of their own.
//!
//! Beside it `model.rs` holds the abstract state, in whose terms all contracts speak: data, and what
//! names it. A version of the whole component is one file with all of the interface, a type `State` of
//! its own, and `State::from_abstract` and `State::to_abstract` between the two. Of the component's
//! module the version sees `model` alone.
//!
//! Slots of other components may look at the abstract state. Then `State` stands among what
//! `pub use super::{...}` names: the rest of the crate keeps the component's own state as
//! `interface::State`, and shows the others what `to_abstract` makes of it, which is
//! `<component>::State` for everybody.

use crate::doc::doc_text;
use crate::error::{Error, Errors};
use crate::find::Slot;
use crate::mistake::Mistake;
use crate::path::SlotPath;
use crate::signature::{fingerprint, normal_signature};
use crate::source;
use proc_macro2::Span;
use std::fs;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned as _;
use syn::{
    Attribute, ImplItem, Item, ItemImpl, ReceiverKind, Signature, Type, UseTree, Visibility,
};

/// The file with the interface.
pub const INTERFACE: &str = "interface.rs";

/// The file with the abstract state.
pub const MODEL: &str = "model.rs";

/// The type that a version has of its own, and what stands in `model.rs` under the same name.
pub const STATE: &str = "State";

/// The two functions between a version's state and the abstract one, as a version writes them.
pub const CONVERSIONS: [&str; 2] = [
    "pub fn from_abstract(state: &model::State) -> Self",
    "pub fn to_abstract(&self) -> model::State",
];

/// One component slot, as found in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Its name.
    pub path: SlotPath,
    /// The text of the interface's comment.
    pub contract: String,
    /// The function slots that belong to the interface.
    pub slots: Vec<Slot>,
    /// Functions of `State`, the conversions left out.
    pub methods: Vec<Member>,
    /// Other functions of the interface.
    pub functions: Vec<Member>,
    /// Whether slots of other components look at the abstract state, which then has the name that the
    /// component's own state has otherwise.
    pub is_shown: bool,
    /// SHA-256, in hex, over the interface, the abstract state and all contracts of the component.
    pub fingerprint: String,
    /// Its files below the folder that was searched, sorted; the abstract state is the last.
    pub files: Vec<PathBuf>,
}

/// A function of an interface that is no slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// The signature in the form that is compared; see [`normal_signature`].
    pub signature: String,
    /// The signature as it is written, from `pub` to before the body.
    pub written_signature: String,
    /// The text of the doc comment.
    pub contract: String,
    /// Whether it takes nothing but `&self`.
    pub is_plain: bool,
}

impl Component {
    /// All names that a version has, and that the component's module exports when it takes its place,
    /// sorted; of a state that `is_shown` that of the abstract one.
    #[must_use]
    pub fn exports(&self) -> Vec<&str> {
        let slots = self.slots.iter().map(|slot| slot.path.name.as_str());
        let functions = self.functions.iter().map(|member| member.name.as_str());
        let mut names: Vec<&str> = slots.chain(functions).chain([STATE]).collect();
        names.sort_unstable();
        names
    }
}

/// Finds all component slots below a source folder, in order of their names. `slots` are the function
/// slots found there.
///
/// # Errors
///
/// Everything found wrong: unreadable files, and interfaces that are none.
pub fn find_components(source: &Path, slots: &[Slot]) -> Result<Vec<Component>, Errors> {
    let mut errors = Errors::default();
    let mut found = Vec::new();
    for file in crate::find::rust_files(source)? {
        let below = file.strip_prefix(source).unwrap_or(&file);
        let mut parts = below.iter();
        if let (Some(name), Some(last), None) = (parts.next(), parts.next(), parts.next())
            && last == INTERFACE
        {
            match read(source, &name.to_string_lossy(), slots) {
                Ok(component) => found.push(component),
                Err(Errors(more)) => errors.0.extend(more),
            }
        }
    }
    errors.or(found)
}

fn read_text(file: &Path) -> Result<String, Errors> {
    fs::read_to_string(file)
        .map_err(|error| Error::Read { file: file.to_owned(), reason: error.to_string() }.into())
}

fn read(source: &Path, name: &str, slots: &[Slot]) -> Result<Component, Errors> {
    let folder = source.join(name);
    let file = folder.join(INTERFACE);
    let text = read_text(&file)?;
    let own: Vec<&Slot> = slots.iter().filter(|slot| slot.path.component == name).collect();
    let model = folder.join(MODEL);
    if !model.is_file() {
        return Err(Error::Form { file, line: 1, mistake: Mistake::NoModel }.into());
    }
    let mut reader = Reader { file: &file, text: &text, own: &own, ..Reader::new() };
    let parsed = source::parse_file(&file, &text)?;
    reader.items(&parsed.items);
    let contract = doc_text(&parsed.attrs);
    source::forget();
    let Reader { mut used, methods, functions, is_shown, errors, .. } = reader;
    used.sort_by(|left, right| left.path.cmp(&right.path));
    let mut files = crate::find::rust_files(&folder)?;
    files.retain(|file| *file != model);
    files.push(model.clone());
    let below = |file: &PathBuf| file.strip_prefix(source).unwrap_or(file).to_owned();
    let component = Component {
        path: SlotPath::of_component(name),
        fingerprint: fingerprint_of(&contract, &own, &methods, &functions, &read_text(&model)?),
        contract,
        slots: used,
        methods,
        functions,
        is_shown,
        files: files.iter().map(below).collect(),
    };
    errors.or(component)
}

fn fingerprint_of(
    contract: &str,
    own: &[&Slot],
    methods: &[Member],
    functions: &[Member],
    model: &str,
) -> String {
    let members = methods.iter().chain(functions);
    let members = members.map(|member| fingerprint(&member.signature, &member.contract));
    let slots = own.iter().map(|slot| slot.fingerprint.clone());
    let parts: Vec<String> = slots.chain(members).collect();
    fingerprint(&parts.join("\n"), &format!("{contract}\0{model}"))
}

struct Reader<'a> {
    file: &'a Path,
    text: &'a str,
    /// The component's function slots.
    own: &'a [&'a Slot],
    used: Vec<Slot>,
    methods: Vec<Member>,
    functions: Vec<Member>,
    is_shown: bool,
    errors: Errors,
}

impl Reader<'_> {
    fn new() -> Self {
        Self {
            file: Path::new(""),
            text: "",
            own: &[],
            used: Vec::new(),
            methods: Vec::new(),
            functions: Vec::new(),
            is_shown: false,
            errors: Errors::default(),
        }
    }

    fn wrong(&mut self, span: Span, mistake: Mistake) {
        let (file, line) = (self.file.to_owned(), span.start().line);
        self.errors.push(Error::Form { file, line, mistake });
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Use(item) if is_public(&item.vis) => self.slots(&item.tree, false),
                Item::Use(_) => {}
                Item::Impl(item) if of_state(item) => self.state(item),
                Item::Fn(item) if is_public(&item.vis) => {
                    let member = self.member(&item.vis, &item.attrs, &item.sig, item.block.span());
                    self.functions.extend(member);
                }
                other => self.wrong(other.span(), Mistake::NotInterface),
            }
        }
    }

    /// The slots that an import names: of `super`, or of a file there.
    fn slots(&mut self, tree: &UseTree, inside: bool) {
        match tree {
            UseTree::Path(path) => {
                let inside = inside || path.ident == "super";
                self.slots(&path.tree, inside);
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.slots(item, inside));
            }
            UseTree::Name(name) if inside && name.ident == STATE => self.is_shown = true,
            UseTree::Name(name) if inside => {
                let called = name.ident.to_string();
                match self.own.iter().find(|slot| slot.path.name == called) {
                    Some(slot) => self.used.push((*slot).clone()),
                    None => self.wrong(name.ident.span(), Mistake::NoSlot(called)),
                }
            }
            other => self.wrong(other.span(), Mistake::NotInterface),
        }
    }

    fn state(&mut self, item: &ItemImpl) {
        for member in &item.items {
            let ImplItem::Fn(method) = member else {
                self.wrong(member.span(), Mistake::NotInterface);
                continue;
            };
            if is_public(&method.vis) {
                let (sig, body) = (&method.sig, method.block.span());
                let member = self.member(&method.vis, &method.attrs, sig, body);
                let conversion = ["from_abstract", "to_abstract"];
                let kept = member.filter(|member| !conversion.contains(&member.name.as_str()));
                self.methods.extend(kept);
            }
        }
    }

    fn member(
        &mut self,
        vis: &Visibility,
        attributes: &[Attribute],
        signature: &Signature,
        body: Span,
    ) -> Option<Member> {
        let contract = doc_text(attributes);
        if contract.trim().is_empty() {
            self.wrong(signature.ident.span(), Mistake::NoContract);
            return None;
        }
        let written = vis.span().byte_range().start..body.byte_range().start;
        let reads = signature
            .receiver()
            .is_some_and(|it| matches!(it.kind, ReceiverKind::Reference(_, _, None)));
        Some(Member {
            name: signature.ident.to_string(),
            signature: member_signature(signature),
            written_signature: self.text.get(written).unwrap_or_default().trim_end().to_owned(),
            contract,
            is_plain: reads && signature.inputs.len() == 1,
        })
    }
}

/// As [`normal_signature`], with `Self` by its name.
pub(crate) fn member_signature(signature: &Signature) -> String {
    let text = normal_signature(signature);
    let words = text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_');
    words
        .map(|word| {
            word.replacen(
                "Self",
                STATE,
                usize::from(
                    word.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_') == "Self",
                ),
            )
        })
        .collect()
}

const fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

/// Whether an `impl` block holds functions of the state itself.
pub(crate) fn of_state(item: &ItemImpl) -> bool {
    item.trait_.is_none() && matches!(&*item.self_ty, Type::Path(path) if path.path.is_ident(STATE))
}
