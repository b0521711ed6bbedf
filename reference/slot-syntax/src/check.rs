//! What the function under `#[slot(...)]` must look like.

use crate::doc::doc_text;
use crate::find::Shape;
use crate::mistake::{Mistake, SpannedMistake};
use crate::path::{SlotPath, TAKEN};
use syn::spanned::Spanned as _;
use syn::visit::Visit;
use syn::{FnArg, Ident, ItemFn, Pat, PatType, Safety, Signature, Type, TypeImplTrait, Visibility};

/// Checks the function of a slot and tells its shape.
///
/// # Errors
///
/// Every mistake found, in source order by kind, so that an author mends them in one go.
pub fn check_slot(path: &SlotPath, function: &ItemFn) -> Result<Shape, Vec<SpannedMistake>> {
    let mut mistakes = check_plain(&function.vis, &function.sig);
    let name = &function.sig.ident;
    if *name != path.name {
        let (slot, function) = (path.name.clone(), name.to_string());
        mistakes.push(Mistake::NameDiffers { slot, function }.at(name.span()));
    }
    if TAKEN.contains(&path.name.as_str()) {
        mistakes.push(Mistake::Taken(path.name.clone()).at(name.span()));
    }
    let typed = function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    // A version may leave a parameter without a name, a slot may not.
    let unnamed = typed.filter(|typed| is_unnamed(typed));
    mistakes.extend(unnamed.map(|typed| Mistake::Pattern.at(typed.pat.span())));
    if doc_text(&function.attrs).trim().is_empty() {
        mistakes.push(Mistake::NoContract.at(name.span()));
    }
    let shape = shape(&function.sig);
    match shape {
        Ok(shape) if mistakes.is_empty() => Ok(shape),
        Ok(_) => Err(mistakes),
        Err(mistake) => {
            mistakes.push(mistake);
            Err(mistakes)
        }
    }
}

/// The checks that hold for slots and for the entry functions of versions alike.
#[must_use]
pub fn check_plain(visibility: &Visibility, signature: &Signature) -> Vec<SpannedMistake> {
    let mut mistakes = Vec::new();
    let name = signature.ident.span();
    if !matches!(visibility, Visibility::Public(_)) {
        mistakes.push(Mistake::NotPublic.at(name));
    }
    if let Some(token) = &signature.asyncness {
        mistakes.push(Mistake::Async.at(token.span()));
    }
    if !matches!(signature.safety, Safety::Default) {
        mistakes.push(Mistake::Unsafe.at(name));
    }
    if let Some(abi) = &signature.abi {
        mistakes.push(Mistake::Foreign.at(abi.span()));
    }
    if let Some(variadic) = &signature.variadic {
        mistakes.push(Mistake::Foreign.at(variadic.span()));
    }
    if signature.generics.lt_token.is_some() || signature.generics.where_clause.is_some() {
        mistakes.push(Mistake::Generic.at(signature.generics.span()));
    }
    mistakes.extend(impl_traits(signature));
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                mistakes.push(Mistake::Method.at(receiver.self_token.span()));
            }
            FnArg::Typed(typed) => {
                let plain = parameter_name(typed).is_some() || is_unnamed(typed);
                mistakes.extend((!plain).then(|| Mistake::Pattern.at(typed.pat.span())));
            }
        }
    }
    mistakes
}

/// The name of a parameter, unless it is a pattern.
#[must_use]
pub fn parameter_name(parameter: &PatType) -> Option<&Ident> {
    match &*parameter.pat {
        Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => {
            Some(&pattern.ident)
        }
        _ => None,
    }
}

fn is_unnamed(parameter: &PatType) -> bool {
    matches!(*parameter.pat, Pat::Wild(_))
}

fn shape(signature: &Signature) -> Result<Shape, SpannedMistake> {
    let typed: Vec<&PatType> = signature
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let Some(mutable) = typed.iter().find(|parameter| is_mutable_borrow(&parameter.ty)) else {
        return Ok(Shape::Pure);
    };
    let first = typed.first().filter(|first| {
        is_mutable_borrow(&first.ty)
            && parameter_name(first).is_some_and(|name| name == "state" || name == "_state")
    });
    first.map(|_| Shape::Handler).ok_or_else(|| Mistake::Shape.at(mutable.span()))
}

fn is_mutable_borrow(kind: &Type) -> bool {
    matches!(kind, Type::Reference(reference) if reference.mutability.is_some())
}

fn impl_traits(signature: &Signature) -> Vec<SpannedMistake> {
    struct Finder(Vec<SpannedMistake>);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_impl_trait(&mut self, node: &'ast TypeImplTrait) {
            self.0.push(Mistake::Generic.at(node.impl_token.span()));
        }
    }
    let mut finder = Finder(Vec::new());
    finder.visit_signature(signature);
    finder.0
}
