//! The names of slots: `component.name` of a function slot, `component` of a component slot.

use crate::mistake::{Mistake, SpannedMistake};
use proc_macro2::TokenStream;
use std::fmt;
use std::str::FromStr;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Ident, Token};

/// The own name of every component slot, and of the file in which a version of it stands.
pub const COMPONENT: &str = "component";

/// Files of a component that are no slot's: no function slot is called so.
pub(crate) const TAKEN: [&str; 3] = [COMPONENT, "interface", "model"];

/// The name of a slot: its component and its own name, written `component.name`; of a component slot
/// the component alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotPath {
    /// The component: the folder in which the slot's file stands.
    pub component: String,
    /// The slot's own name: the function and the file.
    pub name: String,
}

impl SlotPath {
    /// A path from its two parts.
    #[must_use]
    pub fn new(component: impl Into<String>, name: impl Into<String>) -> Self {
        Self { component: component.into(), name: name.into() }
    }

    /// The path of a component slot.
    #[must_use]
    pub fn of_component(component: impl Into<String>) -> Self {
        Self::new(component, COMPONENT)
    }

    /// Whether it is a component slot's.
    #[must_use]
    pub fn is_component(&self) -> bool {
        self.name == COMPONENT
    }

    /// Reads the arguments of a `#[slot(...)]` attribute.
    ///
    /// # Errors
    ///
    /// [`Mistake::AttributeForm`] if they are not two identifiers joined by a dot.
    pub fn from_attribute(arguments: TokenStream) -> Result<Self, SpannedMistake> {
        Self::parse.parse2(arguments).map_err(|error| Mistake::AttributeForm.at(error.span()))
    }

    /// The file of this slot, or of a version of it, below a crate's `src` folder.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}/{}.rs", self.component, self.name)
    }
}

impl Parse for SlotPath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let component: Ident = input.parse()?;
        input.parse::<Token![.]>()?;
        let name: Ident = input.parse()?;
        if !input.is_empty() {
            return Err(input.error("unexpected token"));
        }
        Ok(Self::new(component.to_string(), name.to_string()))
    }
}

impl fmt::Display for SlotPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_component() {
            return formatter.write_str(&self.component);
        }
        write!(formatter, "{}.{}", self.component, self.name)
    }
}

impl FromStr for SlotPath {
    type Err = Mistake;

    fn from_str(text: &str) -> Result<Self, Mistake> {
        if let Ok(component) = syn::parse_str::<Ident>(text) {
            return Ok(Self::of_component(component.to_string()));
        }
        syn::parse_str(text).map_err(|_| Mistake::AttributeForm)
    }
}
