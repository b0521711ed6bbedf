//! What a version's author must know of the code around a slot.

use crate::lineage::Specification;
use crate::prompt::source::{Definition, Kind, Segments, Source, Sources};
use crate::prompt::{contract, without_targets};
use slot_syntax::Slot;
use slot_syntax::component::{INTERFACE, MODEL, STATE};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::slice;

/// The definitions that some slots' authors need, as Rust text without bodies, by module.
///
/// Reached from the signatures and imports of the slots' files and from the component's state, and
/// from there through the data of types; functions are reached only if a slot's file imports them.
pub(crate) fn scope(
    sources: &Sources,
    protocol: &Path,
    slots: &[&Slot],
    from: Specification,
) -> String {
    let own = slots.first().map_or("", |slot| slot.path.component.as_str());
    let found = reached(sources, protocol, (own, slots), Vec::new());
    print_as(sources, &found, (from, own), &|_| None)
}

/// The definitions that the author of a whole component needs: those that authors of its slots do, but
/// of its own module the abstract state alone, by the only path by which a version may name it.
pub(crate) fn scope_of_whole(
    sources: &Sources,
    protocol: &Path,
    (own, slots): (&str, &[&Slot]),
    from: Specification,
) -> String {
    let folder = protocol.join("src").join(own);
    let (model, interface) = (folder.join(MODEL), folder.join(INTERFACE));
    let mut open: Vec<usize> = Vec::new();
    if let Some(file) = sources.files.iter().position(|source| source.path == interface) {
        let imported = sources.files[file].imports.values();
        open.extend(imported.filter_map(|path| resolve(sources, file, path)));
    }
    let mut found = reached(sources, protocol, (own, slots), open);
    let of = |index: &usize| &sources.files[sources.items[*index].file].path;
    found.extend((0..sources.items.len()).filter(|index| *of(index) == model));
    found.retain(|index| !of(index).starts_with(&folder) || *of(index) == model);
    print_as(sources, &found, (from, own), &|item| {
        let home = &sources.files[item.file];
        let whole = home.path == model;
        let at = || {
            [slice::from_ref(&home.library), &home.module[..], slice::from_ref(&item.name)].concat()
        };
        whole.then(|| at().join("::"))
    })
}

/// What is reached from some slots of the component `own`, and from what is `open` besides.
fn reached(
    sources: &Sources,
    protocol: &Path,
    (own, slots): (&str, &[&Slot]),
    mut open: Vec<usize>,
) -> BTreeSet<usize> {
    let mut found: BTreeSet<usize> = BTreeSet::new();
    for slot in slots {
        let path = protocol.join("src").join(&slot.file);
        let Some(file) = sources.files.iter().position(|source| source.path == path) else {
            continue;
        };
        let own = sources.items.iter().find(|item| item.slot.as_ref() == Some(&slot.path));
        let named = own.into_iter().flat_map(|item| &item.names);
        let imported = sources.files[file].imports.values();
        let mentioned = &sources.files[file].mentions;
        let all = named.chain(imported).chain(mentioned);
        open.extend(all.filter_map(|path| resolve(sources, file, path)));
        open.extend(links(&slot.contract).filter_map(|name| linked(sources, file, name)));
        let state: Segments = vec!["super".to_owned(), "State".to_owned()];
        open.extend(resolve_state(sources, file).or_else(|| resolve(sources, file, &state)));
    }
    let asked = |item: &Definition| slots.iter().any(|slot| item.slot.as_ref() == Some(&slot.path));
    while let Some(index) = open.pop() {
        let item = &sources.items[index];
        if asked(item) || !found.insert(index) {
            continue;
        }
        if item.kind == Kind::Macro {
            // All its calls, without all that they mention.
            let call = format!("{}!", item.names.concat().concat().trim_end_matches('!'));
            let is_call = |index: &usize| sources.items[*index].name == call;
            found.extend((0..sources.items.len()).filter(is_call));
            continue;
        }
        open.extend(item.names.iter().filter_map(|path| resolve(sources, item.file, path)));
        open.extend(constants(sources, own, item));
        // What a macro called for it makes.
        open.extend((0..sources.items.len()).filter(|other| {
            let other = &sources.items[*other];
            item.kind == Kind::Type && other.kind == Kind::Call && other.name == item.name
        }));
        // What a macro of the same file implements for it.
        open.extend((0..sources.items.len()).filter(|other| {
            let other = &sources.items[*other];
            other.kind == Kind::Macro && other.file == item.file && other.name == item.name
        }));
    }
    found
}

/// The methods of a type: those that stand in its file, and of a component's state those in all files
/// of the component. Where other components look at it, the abstract state's alone are there for them:
/// `own` is the component that is asked for.
fn methods<'a>(
    sources: &'a Sources,
    own: &str,
    item: &'a Definition,
) -> impl Iterator<Item = &'a str> {
    let home = &sources.files[item.file];
    let all = home.module.first().filter(|first| {
        item.name == STATE && (*first == own || !is_shown(sources, &home.library, first))
    });
    let near = move |other: &&Source| {
        let beside = all.is_some_and(|first| other.module.first() == Some(first));
        other.library == home.library && (other.module == home.module || beside)
    };
    let held = sources.files.iter().filter(near).flat_map(|source| &source.methods);
    held.filter(|methods| methods.name == item.name).map(|methods| methods.text.as_str())
}

/// Whether other components look at the abstract state of this one: see `slot_syntax::component`.
fn is_shown(sources: &Sources, library: &str, component: &str) -> bool {
    let interface = INTERFACE.trim_end_matches(".rs");
    sources.files.iter().any(|source| {
        source.library == library
            && source.module == [component, interface]
            && source.exports.contains_key(STATE)
    })
}

/// The constants that an item's comments, and those of its methods, speak of.
fn constants(sources: &Sources, own: &str, item: &Definition) -> Vec<usize> {
    let texts = [item.doc.as_str(), &item.text].into_iter().chain(methods(sources, own, item));
    let words = texts.flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    let named = words.filter(|word| {
        word.len() > 2
            && word.starts_with(|c: char| c.is_ascii_uppercase())
            && !word.contains(|c: char| c.is_ascii_lowercase())
    });
    let found = named.filter_map(|word| resolve(sources, item.file, &[word.to_owned()]));
    found.filter(|index| sources.items[*index].kind == Kind::Plain).collect()
}

/// The names that a contract links to, as [`name`].
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("[`").skip(1).filter_map(|rest| rest.split_once("`]")).map(|(name, _)| name)
}

/// What a link in a slot's contract means: something in the file's scope, or beside it.
fn linked(sources: &Sources, file: usize, name: &str) -> Option<usize> {
    let path: Segments =
        name.split("::").map(|part| part.trim_end_matches("()").to_owned()).collect();
    resolve(sources, file, &path).or_else(|| {
        let source = &sources.files[file];
        let (_, above) = source.module.split_last()?;
        sources.items.iter().position(|item| {
            let other = &sources.files[item.file];
            item.name == *path.last().unwrap_or(&item.name)
                && other.library == source.library
                && other.module.starts_with(above)
        })
    })
}

/// The type `State` of the module above a slot's file, or of a file in that.
fn resolve_state(sources: &Sources, file: usize) -> Option<usize> {
    let source = &sources.files[file];
    let (_, above) = source.module.split_last()?;
    sources.items.iter().position(|item| {
        let other = &sources.files[item.file];
        item.name == STATE
            && other.library == source.library
            && !above.is_empty()
            && other.module.starts_with(above)
    })
}

/// The definition that a path in a file means, as far as names tell.
fn resolve(sources: &Sources, file: usize, path: &[String]) -> Option<usize> {
    let source = &sources.files[file];
    let name = path.last()?;
    let full: Segments = match path.first().and_then(|first| source.imports.get(first)) {
        Some(import) => [import.clone(), path[1..].to_vec()].concat(),
        None => path.to_vec(),
    };
    let name = full.last().unwrap_or(name);
    let library = full.first()?;
    let candidates: Vec<usize> = sources
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.name == *name)
        .map(|(index, _)| index)
        .collect();
    // Nearest first: the same file, then the named crate and module, then the same crate.
    let score = |index: &usize| {
        let item = &sources.items[*index];
        let other = &sources.files[item.file];
        let module = full.get(1..full.len() - 1).unwrap_or_default();
        let in_named = other.library == *library && other.module.starts_with(module);
        let exact = other.library == *library && other.module == module;
        let own = other.library == source.library;
        let together = own && item.file == file && path.len() == 1;
        ((together, exact, in_named, own && full.len() == 1, full.len() > 1 && own), item.kind)
    };
    let best = candidates.iter().max_by_key(|index| score(index)).copied()?;
    let known = score(&best).0 != (false, false, false, false, false);
    // A name from another crate of the project, or of the standard library.
    let ours = sources.files.iter().any(|other| other.library == *library);
    (known || (ours && full.len() > 1)).then_some(best)
}

/// The definitions as text, for authors of the component `own`; `only` says which path an item has, if
/// but one may be used.
fn print_as(
    sources: &Sources,
    found: &BTreeSet<usize>,
    (from, own): (Specification, &str),
    only: &dyn Fn(&Definition) -> Option<String>,
) -> String {
    let mut text = String::new();
    let mut last_file = usize::MAX;
    let mut shown: BTreeSet<&str> = BTreeSet::new();
    for index in found {
        let item = &sources.items[*index];
        // One macro, or call of one, stands for several names.
        if item.kind < Kind::Plain && !shown.insert(&item.text) {
            continue;
        }
        let source = &sources.files[item.file];
        if item.file != last_file {
            let _ = writeln!(text, "// ---- {} ----\n", source.path.display());
            last_file = item.file;
        }
        if item.kind >= Kind::Call {
            let path = only(item).unwrap_or_else(|| public_path(sources, item));
            let _ = writeln!(text, "// {path}{}", alias(item));
        }
        let doc = match &item.slot {
            None => item.doc.clone(),
            Some(_) => contract::shown(&item.doc, from),
        };
        for line in without_targets(&doc).lines() {
            let _ = writeln!(text, "{}", format!("/// {line}").trim_end());
        }
        let _ = writeln!(text, "{}\n", item.text);
        if item.kind == Kind::Type {
            // A version of the whole has a state of its own, and none of these.
            let held =
                methods(sources, own, item).filter(|_| only(item).is_none() || item.name != STATE);
            for methods in held {
                let _ = writeln!(text, "{methods}\n");
            }
        }
    }
    text.trim_end().to_owned()
}

/// What is to be known of another name for a type: signatures are compared as they are written.
fn alias(item: &Definition) -> String {
    let named = item.text.strip_prefix("pub type ").and_then(|rest| rest.split_once('='));
    let Some((_, meant)) = named else { return String::new() };
    let (name, meant) = (&item.name, meant.trim().trim_end_matches(';'));
    format!(
        ", an alias of `{meant}`: where a signature says `{name}`, write `{name}` and not what it stands \
         for"
    )
}

/// The shortest public path of an item: where it stands, or where it is exported from.
fn public_path(sources: &Sources, item: &Definition) -> String {
    let home = &sources.files[item.file];
    let here: Segments = [vec![home.library.clone()], home.module.clone()].concat();
    let full = [here.clone(), vec![item.name.clone()]].concat();
    let mut paths: Vec<Segments> = Vec::new();
    if is_public(sources, &home.library, &home.module) {
        paths.push(full.clone());
    }
    for source in &sources.files {
        let module = [vec![source.library.clone()], source.module.clone()].concat();
        let reachable = is_public(sources, &source.library, &source.module);
        if reachable && source.glob_exports.contains(&here) {
            paths.push([module.clone(), vec![item.name.clone()]].concat());
        }
        for (name, target) in &source.exports {
            let same_place = target.first() == here.first()
                && target.last() == Some(&item.name)
                && full.starts_with(&target[..target.len() - 1]);
            if same_place && reachable {
                paths.push([module.clone(), vec![name.clone()]].concat());
            }
        }
    }
    paths.into_iter().min_by_key(Vec::len).unwrap_or(full).join("::")
}

/// Whether every module on the way is declared `pub`.
fn is_public(sources: &Sources, library: &str, module: &[String]) -> bool {
    (0..module.len()).all(|depth| {
        sources.files.iter().any(|source| {
            source.library == library
                && source.module == module[..depth]
                && source.modules.get(&module[depth]) == Some(&true)
        })
    })
}
