//! What a runner puts beside a version of a component, so that it can be called function by function
//! upon the abstract state.
//!
//! The text is the same for all versions of a component: `change` and `read` make a state of the
//! version's own out of the abstract one, have something called upon it, and make an abstract one of it
//! again. Two things are seen on the way:
//! - whether the version gives back each abstract state that it was given, and answers the interface's
//!   questions about it as the reference does;
//! - hidden state: what one call leaves is kept, and the next call meets it if it is upon the same
//!   abstract state. In a sequence of calls the version so keeps its own state throughout.
//!
//! What all that costs is the harness's doing and not the version's: the bench's `aside` leaves it out.

use slot_syntax::{Component, Shape, Slot};
use std::fmt::Write as _;

/// The module's name.
pub const ADAPTERS: &str = "adapters";

/// Its file.
pub(crate) const ADAPTERS_FILE: &str = "adapters.rs";

/// The text of that module for a component of the protocol crate `library`.
#[must_use]
pub fn adapters(component: &Component, library: &str) -> String {
    let name = &component.path.component;
    let mut questions = String::new();
    for member in component.methods.iter().filter(|member| member.is_plain) {
        let member = &member.name;
        let _ = writeln!(
            questions,
            "    assert!(own.{member}() == state.{member}(), \"`{member}` says something else\");"
        );
    }
    TEXT.replace("{questions}", &questions).replace("{model}", &format!("{library}::{name}::model"))
}

const TEXT: &str = r#"//! Calls upon the abstract state; see the patcher's `adapters`.

use super::component::State as Own;
use bench::aside;
use std::cell::RefCell;
use {model}::State;

thread_local! {
    static LEFT: RefCell<Option<(State, Own)>> = const { RefCell::new(None) };
}

fn own(state: &State) -> Own {
    if let Some((met, own)) = LEFT.take()
        && met == *state
    {
        return own;
    }
    let own = Own::from_abstract(state);
    let again = own.to_abstract();
    assert!(
        again == *state,
        "from_abstract and to_abstract make another state of this one: {again:?}"
    );
{questions}    own
}

fn leave(own: Own) -> State {
    let state = own.to_abstract();
    LEFT.set(Some((state.clone(), own)));
    state
}

pub fn change<T>(state: &mut State, call: impl FnOnce(&mut Own) -> T) -> T {
    let mut held = aside(|| own(state));
    let result = call(&mut held);
    aside(|| *state = leave(held));
    result
}

pub fn read<T>(state: &State, call: impl FnOnce(&Own) -> T) -> T {
    let held = aside(|| own(state));
    let result = call(&held);
    aside(|| drop(leave(held)));
    result
}
"#;

/// How a version's function, of the path `path`, is called for its slot: an expression that has the
/// type of the slot's function.
#[must_use]
pub fn adapted(slot: &Slot, family: &str) -> String {
    let component = &slot.path.component;
    let own = format!("versions::{family}::{component}");
    let path = format!("{own}::{}::{}", slot_syntax::COMPONENT, slot.path.name);
    let Some((at, parameters)) = state_parameter(slot) else { return path };
    let way = match slot.shape {
        Shape::Handler => "change",
        Shape::Pure => "read",
    };
    let names: Vec<String> = (0..parameters)
        .map(|number| if number == at { "state".to_owned() } else { format!("a{number}") })
        .collect();
    let given = names.join(", ");
    format!("|{given}| {own}::{ADAPTERS}::{way}(state, |state| {path}({given}))")
}

/// The place of the component's state among a slot's parameters, and how many there are.
fn state_parameter(slot: &Slot) -> Option<(usize, usize)> {
    let text = format!("{} {{}}", slot.written_signature);
    let function: syn::ItemFn = syn::parse_str(&text).ok()?;
    let is_state = |input: &syn::FnArg| {
        let syn::FnArg::Typed(typed) = input else { return false };
        matches!(&*typed.ty, syn::Type::Reference(to)
            if matches!(&*to.elem, syn::Type::Path(path) if path.path.is_ident("State")))
    };
    let at = function.sig.inputs.iter().position(is_state)?;
    Some((at, function.sig.inputs.len()))
}
