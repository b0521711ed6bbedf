//! What can be wrong with a slot, in one sentence each, with the mend.

use proc_macro2::Span;
use thiserror::Error;

/// One thing that is wrong with a `#[slot]` attribute or the function under it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Mistake {
    /// The attribute's arguments are not two names joined by a dot.
    #[error("a slot is named by its component and its own name: `#[slot(component.name)]`")]
    AttributeForm,
    /// The attribute stands on something else than a function.
    #[error("only a function can be a slot: put `#[slot]` on a free `pub fn`")]
    NotAFunction,
    /// The function's name is not the last part of the slot's path.
    #[error("the function is called `{function}` but the slot `{slot}`: give both one name")]
    NameDiffers {
        /// The name that the attribute gives.
        slot: String,
        /// The name of the function.
        function: String,
    },
    /// The slot's name belongs to a file of the component that is no slot.
    #[error("a slot cannot be called `{0}`: a file of its component is called so")]
    Taken(String),
    /// A component's interface names what is no slot of the component.
    #[error("`{0}` is no slot of this component: write what is none out in this file")]
    NoSlot(String),
    /// A component's interface holds an item that no version could be asked for.
    #[error(
        "an interface is `pub use super::{{...}}` of slots, `impl State` and `pub fn`: move this \
         elsewhere"
    )]
    NotInterface,
    /// A component has an interface and no abstract state.
    #[error(
        "a component slot keeps its abstract state in `model.rs` beside this file: move it there"
    )]
    NoModel,
    /// The function is not `pub`.
    #[error("a slot must be `pub`, so that versions can call it: write `pub fn`")]
    NotPublic,
    /// The function has no doc comment.
    #[error("a slot's doc comment is its contract: write one")]
    NoContract,
    /// The function is `async`.
    #[error("a slot runs to its end in one step: remove `async`")]
    Async,
    /// The function is `unsafe`.
    #[error("a slot must be safe to call: remove `unsafe`")]
    Unsafe,
    /// The function has an ABI or is variadic.
    #[error("a slot is a plain Rust function: remove `extern` and `...`")]
    Foreign,
    /// The function has generic parameters, a where clause or `impl Trait`.
    #[error("a slot has one type for every parameter: remove generics and `impl Trait`")]
    Generic,
    /// The function takes `self` or stands in an `impl` or a `trait`.
    #[error("a slot is a free function, not a method: move it out and pass the state by reference")]
    Method,
    /// A parameter is a pattern, not a name.
    #[error("name the parameter and take it apart in the body")]
    Pattern,
    /// `&mut` without `state: &mut` first.
    #[error(
        "a handler's first parameter is `state: &mut ...` and a pure slot has no `&mut` parameter"
    )]
    Shape,
}

impl Mistake {
    /// The mistake at a place in the source.
    #[must_use]
    pub const fn at(self, span: Span) -> SpannedMistake {
        SpannedMistake { span, mistake: self }
    }
}

/// A [`Mistake`] with the place where the mend goes.
#[derive(Debug, Clone)]
pub struct SpannedMistake {
    /// Where it is.
    pub span: Span,
    /// What it is.
    pub mistake: Mistake,
}

impl From<SpannedMistake> for syn::Error {
    fn from(spanned: SpannedMistake) -> Self {
        Self::new(spanned.span, spanned.mistake)
    }
}
