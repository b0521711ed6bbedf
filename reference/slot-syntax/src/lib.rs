//! The language of slots: what `#[slot(component.name)]` means, and what a version of a slot is.
//!
//! A *slot* is a plain free function of a protocol crate that other authors may write anew. Its
//! doc comment is its contract. A *version* is one file with a function of the same name and
//! signature. This library is shared by the `#[slot]` macro and by the patcher, so that both
//! accept exactly the same language:
//!
//! - [`mod@check`]: what the attribute and the function under it must look like;
//! - [`mod@find`]: all slots of a crate's source tree, with byte ranges and fingerprints;
//! - [`mod@component`]: the components that can be replaced as a whole, and what the rest of the crate
//!   uses of each;
//! - [`mod@version`]: whether a version file fits its slot;
//! - [`mod@gate`]: the constructs that no version may contain;
//! - [`mod@signature`], [`mod@normal`] and [`mod@tree`]: the forms, tokens and a tree, in which
//!   signatures and bodies are compared.
//!
//! Source is data here: nothing is compiled and no protocol is linked.

pub mod check;
pub mod component;
mod doc;
mod error;
mod expand;
pub mod find;
pub mod gate;
mod mistake;
pub mod normal;
pub mod path;
pub mod signature;
mod source;
mod tap;
pub mod tree;
pub mod version;

pub use component::{Component, Member, find_components};
pub use doc::doc_text;
pub use error::{Error, Errors};
pub use expand::expand;
pub use find::{Shape, Slot, find_slots};
pub use mistake::{Mistake, SpannedMistake};
pub use path::{COMPONENT, SlotPath};
pub use source::{code_lines, parse_file};
pub use version::{Version, check_component, check_version};
