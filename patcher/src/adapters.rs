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

use quote::ToTokens as _;
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
        "from_abstract and to_abstract make another state of this one: {}",
        difference(state, &again)
    );
{questions}    own
}

/// Where two states differ first: the names on the way there, and what stands there.
fn difference(one: &State, other: &State) -> String {
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let differ = |(one, other): &(&str, &str)| one != other;
    let Some((met, made)) = one.lines().zip(other.lines()).find(differ) else {
        return "one has more in it".to_owned();
    };
    let depth = |line: &str| line.len() - line.trim_start().len();
    let at = one.lines().zip(other.lines()).take_while(|pair| !differ(pair)).count();
    let (mut way, mut least) = (Vec::new(), depth(met));
    for line in one.lines().take(at).collect::<Vec<_>>().into_iter().rev() {
        if depth(line) < least {
            least = depth(line);
            way.push(line.trim());
        }
    }
    way.reverse();
    format!("in {} stands {} and comes out as {}", way.join(" "), met.trim(), made.trim())
}

/// A state that is given back is the abstract one.
pub fn given<E>(result: Result<Own, E>) -> Result<State, E> {
    result.map(|own| own.to_abstract())
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
    let text = format!("{} {{}}", slot.written_signature);
    let Ok(syn::ItemFn { sig: signature, .. }) = syn::parse_str(&text) else { return path };
    let at = state_parameter(&signature);
    let names: Vec<String> = (0..signature.inputs.len())
        .map(|number| if Some(number) == at { "state".to_owned() } else { format!("a{number}") })
        .collect();
    let given = names.join(", ");
    let way = match slot.shape {
        Shape::Handler => "change",
        Shape::Pure => "read",
    };
    match at {
        Some(_) => format!("|{given}| {own}::{ADAPTERS}::{way}(state, |state| {path}({given}))"),
        None if gives_state(&signature) => {
            format!("|{given}| {own}::{ADAPTERS}::given({path}({given}))")
        }
        None => path,
    }
}

/// Whether what comes back is a state of the component's, or an error.
fn gives_state(signature: &syn::Signature) -> bool {
    let syn::ReturnType::Type(_, kind) = &signature.output else { return false };
    let kind = kind.to_token_stream().to_string();
    kind.starts_with("Result < State ,")
}

/// The place of the component's state among a slot's parameters.
fn state_parameter(signature: &syn::Signature) -> Option<usize> {
    let is_state = |input: &syn::FnArg| {
        let syn::FnArg::Typed(typed) = input else { return false };
        matches!(&*typed.ty, syn::Type::Reference(to)
            if matches!(&*to.elem, syn::Type::Path(path) if path.path.is_ident("State")))
    };
    signature.inputs.iter().position(is_state)
}
