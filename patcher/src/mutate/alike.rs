//! Fields that can be mistaken for each other: of one type, in one structure.

use quote::ToTokens as _;
use slot_syntax::signature::normal_tokens;
use std::collections::BTreeMap;
use syn::visit::{self, Visit};
use syn::{Fields, File, ItemStruct};

/// How many fields one is mistaken for, at most, of each structure.
const MOST: usize = 2;

/// Names of fields, with those of others. A name may stand in several structures: which is meant
/// nobody knows without types, so all count, and the compiler sorts them out.
#[derive(Debug, Clone, Default)]
pub(super) struct Alike(BTreeMap<String, Vec<String>>);

impl Alike {
    /// Adds the structures of a file.
    pub(super) fn read(&mut self, file: &File) {
        self.visit_file(file);
    }

    /// What a field may be mistaken for.
    pub(super) fn of(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

impl<'ast> Visit<'ast> for Alike {
    fn visit_item_struct(&mut self, node: &'ast ItemStruct) {
        if let Fields::Named(fields) = &node.fields {
            let named = fields.named.iter().filter_map(|field| {
                let kind = normal_tokens(field.ty.to_token_stream());
                Some((field.ident.as_ref()?.to_string(), kind))
            });
            let named: Vec<(String, String)> = named.collect();
            for (at, (name, kind)) in named.iter().enumerate() {
                // Those declared behind it first: neighbours are what a hand slips to.
                let others = named.iter().cycle().skip(at + 1).take(named.len() - 1);
                let others = others.filter(|(_, other)| other == kind).map(|(other, _)| other);
                let known = self.0.entry(name.clone()).or_default();
                for other in others.take(MOST) {
                    if !known.contains(other) {
                        known.push(other.clone());
                    }
                }
            }
        }
        visit::visit_item_struct(self, node);
    }
}
