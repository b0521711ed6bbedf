//! The `#[slot]` attribute: marks a function that other authors may write anew.
//!
//! All rules are in `slot-syntax`, which the patcher uses too; this crate only hands the tokens
//! over.

use proc_macro::TokenStream;

/// Marks a plain free function as the slot `component.name` and leaves it as it is, but that a crate
/// with a feature `taps` shows its calls to whoever records them.
///
/// ```
/// /// The larger of two heights. Guarantees: no less than either.
/// #[slots::slot(order.larger)]
/// pub fn larger(left: u64, right: u64) -> u64 {
///     left.max(right)
/// }
/// # fn main() { assert_eq!(larger(1, 2), 2); }
/// ```
///
/// The doc comment is the contract. A *handler* takes `state: &mut ...` first; a *pure* slot takes
/// nothing by `&mut`. Errors: everything that [`slot_syntax::Mistake`] names, each at its place.
#[proc_macro_attribute]
pub fn slot(arguments: TokenStream, item: TokenStream) -> TokenStream {
    slot_syntax::expand(arguments.into(), item.into()).into()
}
