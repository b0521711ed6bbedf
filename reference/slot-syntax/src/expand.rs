//! The expansion of `#[slot]`: the function with a tap at its head, or all mistakes at their places.

use crate::check::check_slot;
use crate::mistake::{Mistake, SpannedMistake};
use crate::path::SlotPath;
use crate::tap::tap;
use proc_macro2::{Span, TokenStream};
use quote::ToTokens as _;
use syn::ItemFn;

/// Checks an item under `#[slot(arguments)]` and gives it back: unchanged, but that its calls are
/// shown to a recorder where the crate around it is compiled with its feature `taps`.
///
/// On mistakes the item still follows the errors, so that its callers do not fail too.
#[must_use]
pub fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mistakes = match check(arguments, item.clone()) {
        Ok((path, mut function)) => {
            tap(&path, &mut function);
            return function.into_token_stream();
        }
        Err(mistakes) => mistakes,
    };
    let mut output: TokenStream = mistakes
        .into_iter()
        .map(|mistake| syn::Error::from(mistake).into_compile_error())
        .collect();
    output.extend(item);
    output
}

fn check(
    arguments: TokenStream,
    item: TokenStream,
) -> Result<(SlotPath, ItemFn), Vec<SpannedMistake>> {
    let span = Span::call_site();
    let path = SlotPath::from_attribute(arguments);
    let function: ItemFn = syn::parse2(item).map_err(|_| vec![Mistake::NotAFunction.at(span)])?;
    match path {
        Ok(path) => check_slot(&path, &function).map(|_| (path, function)),
        Err(form) => {
            let named = SlotPath::new("", function.sig.ident.to_string());
            let others = check_slot(&named, &function).err().unwrap_or_default();
            Err(std::iter::once(form).chain(others).collect())
        }
    }
}
