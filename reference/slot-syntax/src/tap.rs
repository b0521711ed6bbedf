//! What a slot's call meets, copied for whoever records it.

use crate::path::SlotPath;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{FnArg, GenericArgument, Ident, ItemFn, PathArguments, Stmt, Type, parse_quote};

/// Puts the tap at the head of a slot's function, which has been checked. It is compiled where the
/// crate around the slot has the feature `taps`, and that crate has a module of that name.
pub(crate) fn tap(path: &SlotPath, function: &mut ItemFn) {
    let name = path.to_string();
    let mut state = quote!(&());
    let mut arguments = Vec::new();
    for (name, kind) in function.sig.inputs.iter().filter_map(named) {
        match role(kind) {
            Role::State => state = quote!(&*#name),
            Role::Argument => arguments.push(owned(name, kind)),
            Role::Other => {}
        }
    }
    let statement: Stmt = parse_quote! {
        #[cfg(feature = "taps")]
        crate::taps::call(#name, #state, || (#(#arguments,)*));
    };
    function.block.stmts.insert(0, statement);
}

enum Role {
    State,
    Argument,
    /// Configuration, effects, a service.
    Other,
}

fn named(input: &FnArg) -> Option<(&Ident, &Type)> {
    match input {
        FnArg::Typed(typed) => Some((crate::check::parameter_name(typed)?, &typed.ty)),
        FnArg::Receiver(_) => None,
    }
}

/// Whether a type is a path of this one name.
fn is(kind: &Type, name: &str) -> bool {
    matches!(kind, Type::Path(path) if path.path.is_ident(name))
}

fn role(kind: &Type) -> Role {
    let Type::Reference(reference) = kind else { return Role::Argument };
    if is(&reference.elem, "State") {
        Role::State
    } else if reference.mutability.is_some() || is(&reference.elem, "Config") {
        Role::Other
    } else {
        Role::Argument
    }
}

/// An owned copy of a parameter.
fn owned(name: &Ident, kind: &Type) -> TokenStream {
    match kind {
        Type::Reference(reference) => match &*reference.elem {
            Type::Slice(slice) if matches!(*slice.elem, Type::Reference(_)) => {
                quote!(#name.iter().map(|item| ::std::clone::Clone::clone(*item)).collect::<::std::vec::Vec<_>>())
            }
            Type::Slice(_) => quote!(#name.to_vec()),
            _ => quote!(::std::clone::Clone::clone(#name)),
        },
        _ if is_option_of_reference(kind) => quote!(#name.cloned()),
        _ => quote!(::std::clone::Clone::clone(&#name)),
    }
}

fn is_option_of_reference(kind: &Type) -> bool {
    let Type::Path(path) = kind else { return false };
    let last = path.path.segments.last().filter(|last| last.ident == "Option");
    matches!(last.map(|last| &last.arguments), Some(PathArguments::AngleBracketed(of))
        if matches!(of.args.first(), Some(GenericArgument::Type(Type::Reference(_)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens as _;

    #[test]
    fn every_kind_of_parameter_is_copied_or_left_out() {
        let mut function: ItemFn = parse_quote! {
            pub fn f(
                state: &mut State, _config: &Config, now: Time, message: &Verified<M>, prefix: &[PoSeq],
                members: &[&Statement], elsewhere: Option<&M>, other: &pre_order::State,
                service: &mut dyn Service, effects: &mut Effects,
            ) {}
        };
        tap(&SlotPath::new("a", "f"), &mut function);
        let copied: TokenStream = quote! {
            #[cfg(feature = "taps")]
            crate::taps::call("a.f", &*state, || (
                ::std::clone::Clone::clone(&now),
                ::std::clone::Clone::clone(message),
                prefix.to_vec(),
                members.iter().map(|item| ::std::clone::Clone::clone(*item))
                    .collect::<::std::vec::Vec<_>>(),
                elsewhere.cloned(),
                ::std::clone::Clone::clone(other),
            ));
        };
        assert_eq!(function.block.stmts.len(), 1);
        // How tokens are spaced is no matter.
        let text = |tokens: TokenStream| tokens.to_string().replace(' ', "");
        assert_eq!(text(function.block.stmts[0].to_token_stream()), text(copied));
    }
}
