//! Planting a fault that a trigger sets off, to show what a mixed cluster survives.

use crate::as_version::reference_as_version;
use crate::error::{Error, Result};
use crate::inventory::Inventory;
use crate::project::Project;
use quote::ToTokens as _;
use slot_syntax::signature::normal_tokens;
use slot_syntax::{Slot, check_version, parse_file};
use std::path::Path;
use syn::{FnArg, Item, ItemFn, Type};

/// The text of a version that does what `base` does, but panics when an update with the trigger's
/// bytes passes through it. Without a base, it does what the reference does.
///
/// How a trigger is read from a parameter is in the project's table `plant`.
///
/// # Errors
///
/// [`Error::NotPlantable`] with the slots that can be planted, and a base that does not fit.
pub fn plant(
    project: &Project,
    inventory: &Inventory,
    slot: &Slot,
    base: Option<&str>,
    trigger: &[u8],
) -> Result<String> {
    let text = match base {
        Some(text) => text.to_owned(),
        None => reference_as_version(project, inventory, slot)?,
    };
    let file = Path::new("the version to plant in");
    let version = check_version(slot, file, &text)?;
    let Some(condition) = condition(project, &text, &slot.path.name, trigger) else {
        return Err(Error::NotPlantable {
            slot: slot.path.to_string(),
            plantable: plantable(project, inventory),
        });
    };
    let start = version.body.start;
    let planted = format!("\n    if {condition} {{\n        panic!(\"planted\");\n    }}");
    let mut text = text;
    text.insert_str(start, &planted);
    Ok(text)
}

/// The slots in which a fault can be planted.
#[must_use]
pub fn plantable(project: &Project, inventory: &Inventory) -> Vec<String> {
    let can = |slot: &&Slot| {
        let text = &inventory.texts[&slot.path];
        condition(project, text, &slot.path.name, b"").is_some()
    };
    inventory.slots.values().filter(can).map(|slot| slot.path.to_string()).collect()
}

/// The expression that is true when the trigger passes, from the first parameter that carries one.
fn condition(project: &Project, text: &str, name: &str, trigger: &[u8]) -> Option<String> {
    let parsed = parse_file(Path::new(""), text).ok()?;
    let entry = parsed.items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == name => Some(function),
        _ => None,
    })?;
    let (parameter, template) = carrier(project, entry)?;
    let bytes: String =
        trigger.iter().flat_map(|byte| std::ascii::escape_default(*byte)).map(char::from).collect();
    let condition =
        template.replace("{value}", &parameter).replace("{trigger}", &format!("b\"{bytes}\""));
    Some(condition)
}

fn carrier<'a>(project: &'a Project, entry: &ItemFn) -> Option<(String, &'a String)> {
    entry.sig.inputs.iter().find_map(|input| {
        let FnArg::Typed(typed) = input else { return None };
        let name = slot_syntax::check::parameter_name(typed)?;
        let template = project.settings.plant.get(&carried(&typed.ty))?;
        Some((name.to_string(), template))
    })
}

/// A parameter's type as the table names it: without references, paths cut to their last segment.
fn carried(kind: &Type) -> String {
    match kind {
        Type::Reference(reference) => carried(&reference.elem),
        Type::Paren(inner) => carried(&inner.elem),
        Type::Group(inner) => carried(&inner.elem),
        other => normal_tokens(other.to_token_stream()),
    }
}
