//! The expansion of `#[slot]`: the function as it was, or all mistakes at their places.

use crate::check::check_slot;
use crate::mistake::{Mistake, SpannedMistake};
use crate::path::SlotPath;
use proc_macro2::{Span, TokenStream};
use syn::ItemFn;

/// Checks an item under `#[slot(arguments)]` and gives it back unchanged.
///
/// On mistakes the item still follows the errors, so that its callers do not fail too.
#[must_use]
pub fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mistakes = match check(arguments, item.clone()) {
        Ok(()) => return item,
        Err(mistakes) => mistakes,
    };
    let mut output: TokenStream = mistakes
        .into_iter()
        .map(|mistake| syn::Error::from(mistake).into_compile_error())
        .collect();
    output.extend(item);
    output
}

fn check(arguments: TokenStream, item: TokenStream) -> Result<(), Vec<SpannedMistake>> {
    let span = Span::call_site();
    let path = SlotPath::from_attribute(arguments);
    let function: ItemFn = syn::parse2(item).map_err(|_| vec![Mistake::NotAFunction.at(span)])?;
    match path {
        Ok(path) => check_slot(&path, &function).map(|_| ()),
        Err(form) => {
            let named = SlotPath::new("", function.sig.ident.to_string());
            let others = check_slot(&named, &function).err().unwrap_or_default();
            Err(std::iter::once(form).chain(others).collect())
        }
    }
}
