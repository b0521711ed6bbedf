//! What structures and methods say of writing: which fields hold a `&mut`, and which methods need
//! one.

use quote::ToTokens as _;
use slot_syntax::signature::normal_tokens;
use std::collections::BTreeSet;
use syn::visit::{self, Visit};
use syn::{ExprUnsafe, Fields, File, FnArg, Ident, ItemStruct, Receiver, Signature};

/// What a protocol's files and a version declare, by name alone: one declaration anywhere counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Declared {
    /// Fields that may be a `&mut`, or hold one.
    fields: BTreeSet<String>,
    /// Methods that take `&mut self`.
    methods: BTreeSet<String>,
    /// Whether what is shared may be written to all the same.
    cells: bool,
}

impl Declared {
    /// Adds what a file of the protocol declares.
    pub(super) fn read(&mut self, file: &File) {
        self.visit_file(file);
    }

    /// Adds what the text declares whose statements are looked at.
    pub(super) fn read_version(&mut self, file: &File) {
        self.read(file);
        let mut cells = Cells(false);
        cells.visit_file(file);
        self.cells |= cells.0;
    }

    /// Whether a value of this field may be written through without being moved.
    pub(super) fn is_mutable(&self, field: &str) -> bool {
        self.fields.contains(field)
    }

    /// Whether some type's method of this name writes to its receiver.
    pub(super) fn writes(&self, method: &str) -> bool {
        self.methods.contains(method)
    }

    /// Whether cells or unsafe code are about, of which the places written tell nothing.
    pub(super) fn has_cells(&self) -> bool {
        self.cells
    }
}

impl<'ast> Visit<'ast> for Declared {
    fn visit_item_struct(&mut self, node: &'ast ItemStruct) {
        if let Fields::Named(fields) = &node.fields {
            let types: Vec<String> =
                node.generics.type_params().map(|one| one.ident.to_string()).collect();
            for field in &fields.named {
                let kind = normal_tokens(field.ty.to_token_stream());
                let word = |word: &str| {
                    word.to_lowercase().contains("mut") || types.iter().any(|one| one == word)
                };
                let words = kind.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
                if words.into_iter().any(word) {
                    self.fields.extend(field.ident.as_ref().map(ToString::to_string));
                }
            }
        }
        visit::visit_item_struct(self, node);
    }

    fn visit_signature(&mut self, node: &'ast Signature) {
        if node.inputs.first().is_some_and(takes_itself_to_write) {
            self.methods.insert(node.ident.to_string());
        }
        visit::visit_signature(self, node);
    }
}

/// Whether cells or unsafe code are named.
struct Cells(bool);

impl<'ast> Visit<'ast> for Cells {
    fn visit_ident(&mut self, node: &'ast Ident) {
        let name = node.to_string();
        let cell = ["Cell", "Lock", "Mutex"].iter().any(|kind| name.ends_with(kind));
        self.0 |= cell || name.starts_with("Atomic");
    }

    fn visit_expr_unsafe(&mut self, _: &'ast ExprUnsafe) {
        self.0 = true;
    }
}

/// Whether it is a receiver, and other than `&self`.
fn takes_itself_to_write(input: &FnArg) -> bool {
    let FnArg::Receiver(receiver) = input else { return false };
    !is_shared(receiver)
}

/// Whether it is `&self`.
pub(super) fn is_shared(receiver: &Receiver) -> bool {
    normal_tokens(receiver.to_token_stream()).replace(' ', "") == "&self"
}
