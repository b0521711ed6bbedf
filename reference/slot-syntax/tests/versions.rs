//! A version file fits its slot or is refused in clear sentences, and nothing forbidden gets past.

use slot_syntax::find::slots_of_file;
use slot_syntax::gate::gate;
use slot_syntax::{Slot, check_version};
use std::fs;
use std::path::{Path, PathBuf};

fn slot() -> Slot {
    let text = "/// Adds.\n#[slot(count.add)]\npub fn add(state: &mut State, by: u64) -> bool {\n\
        state.add(by)\n}\n";
    slots_of_file(Path::new("count/add.rs"), text).expect("a slot").remove(0)
}

fn check(text: &str, expect: &[&str]) {
    let found = match check_version(&slot(), Path::new("v.rs"), text) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.0.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(found, expect, "{text}");
}

/// A good version with one more item in front of the entry function, on line 1.
fn with_item(item: &str, expect: &[&str]) {
    check(&format!("{item}\n{GOOD}"), expect);
}

/// A good version with a statement in the body, on line 2.
fn with_statement(statement: &str, expect: &[&str]) {
    let text = format!("pub fn add(state: &mut State, by: u64) -> bool {{\n{statement}\ntrue }}");
    check(&text, expect);
}

const GOOD: &str = "pub fn add(s: &mut prime::count::State, by: u64) -> bool { s.add(by) }";

#[test]
fn a_good_version_is_described() {
    let text = "//! Another way.\n\nuse prime::count::State;\nuse std::collections::BTreeMap;\n\n\
        /// Adds.\npub fn add(mut_state: &mut State, by: u64) -> bool {\n    help(by)\n}\n\n\
        #[derive(Debug, Clone)]\nstruct Own(BTreeMap<u8, u8>);\n\n\
        fn help(by: u64) -> bool {\n    assert!(by > 0);\n    matches!(by, 1..)\n}\n";
    let version = check_version(&slot(), Path::new("v.rs"), text).unwrap();
    assert_eq!(version.lines, (6, 9));
    assert_eq!(version.parameters, ["mut_state", "by"]);
    assert_eq!(&text[version.body], "\n    help(by)\n");
}

#[test]
fn a_missing_entry_function_is_named_with_its_signature() {
    check(
        "pub fn sub() {}",
        &["v.rs: a version of `count.add` must have \
           `pub fn add(state: &mut State, by: u64) -> bool`: add it"],
    );
}

#[test]
fn another_signature_is_refused_with_the_mend() {
    check(
        "\npub fn add(state: &mut State, by: u32) -> bool { true }",
        &["v.rs:2: the signature does not fit the slot `count.add`: change \
           `fn add(&mut State, u32) -> bool` to `fn add(&mut State, u64) -> bool`"],
    );
}

#[test]
fn a_private_entry_function_is_refused() {
    check(
        "fn add(state: &mut State, by: u64) -> bool { true }",
        &["v.rs:1: a slot must be `pub`, so that versions can call it: write `pub fn`"],
    );
}

#[test]
fn invalid_rust_has_its_line() {
    let text = "pub fn add(\n) {\n    let = 3;\n}";
    let error = check_version(&slot(), Path::new("v.rs"), text).unwrap_err().to_string();
    assert!(error.starts_with("v.rs:3: this is not valid Rust: "), "{error}");
}

#[test]
fn unsafe_is_refused_even_within_a_macro() {
    let expect = "v.rs:2: `unsafe` is forbidden in a version: write it in safe Rust";
    with_statement("unsafe { g() };", &[expect]);
    with_statement("assert!(unsafe { g() });", &[expect]);
}

#[test]
fn what_reaches_outside_is_refused_however_it_is_named() {
    let outside = |line: usize, path: &str| {
        format!("v.rs:{line}: `{path}` is forbidden in a version: use only what the slot is given")
    };
    for path in ["std::fs::read", "std::net::TcpStream", "std::process::exit", "std::env::var"] {
        with_item(&format!("use {path};"), &[&outside(1, path)]);
        with_statement(&format!("let _ = {path}(\"a\");"), &[&outside(2, path)]);
        with_statement(&format!("let _ = vec![{path}(1)];"), &[&outside(2, path)]);
        with_statement(&format!("return ::{path};"), &[&outside(2, path)]);
    }
    with_item("use std::{cmp::max, thread};", &[&outside(1, "std::thread")]);
    with_item("use std::{self as s};", &[&outside(1, "std")]);
    with_item("use std as s;", &[&outside(1, "std")]);
    with_item("use std::*;", &[&outside(1, "std::*")]);
    with_item("use core::time::Duration;", &[&outside(1, "core::time::Duration")]);
    with_item("use std::sync::Mutex;", &[&outside(1, "std::sync::Mutex")]);
    with_item("use std::sync::Arc;", &[]);
}

#[test]
fn hash_order_is_refused() {
    let expect = "`HashMap` differs between runs: use `BTreeMap` or `BTreeSet`";
    with_item("use std::collections::HashMap;", &[&format!("v.rs:1: {expect}")]);
    with_item("use std::collections::{BTreeMap, HashMap as M};", &[&format!("v.rs:1: {expect}")]);
    with_statement("let _ = std::collections::HashMap::new();", &[&format!("v.rs:2: {expect}")]);
}

#[test]
fn macros_that_are_not_on_the_list_are_refused_even_within_others() {
    for name in ["include_str", "env", "println", "dbg", "thread_local", "include", "cfg"] {
        let expect =
            format!("v.rs:2: the macro `{name}!` is forbidden in a version: write its effect out");
        with_statement(&format!("{name}!(\"a\");"), &[&expect]);
        with_statement(&format!("let _ = vec![1, {name}!(\"a\")];"), &[&expect]);
    }
    with_statement("let _ = vec![!(by == 1), by != (2)];", &[]);
}

#[test]
fn attributes_that_are_not_on_the_list_are_refused() {
    let expect = |line: usize, shown: &str| {
        format!("v.rs:{line}: the attribute `{shown}` is forbidden in a version: remove it")
    };
    with_item("#[no_mangle]\nfn a() {}", &[&expect(1, "#[no_mangle]")]);
    with_item("#![allow(warnings)]", &[&expect(1, "#![allow]")]);
    let macro_too =
        "v.rs:1: the macro `include_str!` is forbidden in a version: write its effect out";
    with_item("#![doc = include_str!(\"x\")]", &[macro_too, &expect(1, "#![doc]")]);
    with_item("#[cfg_attr(x, path = \"y\")]\nfn a() {}", &[&expect(1, "#[cfg_attr]")]);
    with_item("#[slot(count.add)]\nfn a() {}", &[&expect(1, "#[slot]")]);
    // What the compiler warns of is refused, so it is not to be told otherwise.
    with_item("#[allow(unused)]\nfn a() {}", &[&expect(1, "#[allow]")]);
    with_item("#[expect(dead_code)]\nfn a() {}", &[&expect(1, "#[expect(dead_code)]")]);
    let both = "#[expect(clippy::all, warnings, reason = \"so\")]\nfn a() {}";
    with_item(both, &[&expect(1, "#[expect(warnings)]")]);
    with_item("#[expect(clippy::all, reason = \"so\")]\nfn a() {}", &[]);
    with_item(
        "#[derive(Debug, borsh::BorshSerialize, evil::Evil)]\nstruct S;",
        &["v.rs:1: `derive(Evil)` is forbidden in a version: write the impl out"],
    );
}

#[test]
fn items_that_hide_code_or_state_are_refused() {
    let expect = |what: &str| {
        format!(
            "v.rs:1: {what} is forbidden in a version: a version is plain functions, types and \
             constants"
        )
    };
    with_item("mod other;", &[&expect("`mod`")]);
    with_item("extern crate libc;", &[&expect("`extern crate`")]);
    with_item("extern \"C\" { fn f(); }", &[&expect("`extern`"), &expect("an `extern` block")]);
    let mend = "v.rs:1: `static` is forbidden in a version: use `const`, or the state that the \
        slot is given";
    with_item("static mut COUNT: u64 = 0;", &[mend]);
    with_statement("static C: u8 = 0;", &[&mend.replace(":1:", ":2:")]);
}

#[test]
fn paths_that_mean_something_else_in_another_crate_are_refused() {
    let expect = "v.rs:1: `crate::` means another crate wherever the file goes: name the protocol \
        crate instead";
    with_item("use crate::State;", &[expect]);
    with_item("use super::State;", &[&expect.replace("`crate::`", "`super::`")]);
    with_statement("let _ = crate::f();", &[&expect.replace(":1:", ":2:")]);
}

#[test]
fn a_version_that_would_call_itself_once_composed_is_refused() {
    let expect = |line: usize, path: &str| {
        format!(
            "v.rs:{line}: `{path}` is this slot itself once composed, and would call itself: \
             write it out"
        )
    };
    with_statement("prime::count::add(state, by);", &[&expect(2, "prime::count::add")]);
    with_item("use prime::{count::add};", &[&expect(1, "prime::count::add")]);
    with_statement("count::add(state, by);", &[&expect(2, "count::add")]);
    with_statement("reexported::add::add(state, by);", &[&expect(2, "reexported::add::add")]);
    with_statement("let _ = other::add(1, 2); self::add(state, 1);", &[]);
}

#[test]
fn neither_another_name_nor_a_glob_leads_to_the_slot_itself() {
    let renamed = |line: usize, path: &str| {
        format!(
            "v.rs:{line}: `{path}` under another name is forbidden in a version: import it under \
             its own"
        )
    };
    with_item("use prime::count as c;", &[&renamed(1, "prime::count")]);
    with_item("use prime::count::{self as c};", &[&renamed(1, "prime::count")]);
    with_item("use prime::count as State;", &[&renamed(1, "prime::count")]);
    with_statement("use prime::{count as a};", &[&renamed(2, "prime::count")]);
    with_item("use self::r#c as d;", &[&renamed(1, "self::c")]);
    let glob = |line: usize, path: &str| {
        format!(
            "v.rs:{line}: `use {path}` is forbidden in a version: import each name, or all names \
             of an enum"
        )
    };
    with_statement("use prime::count::*; add();", &[&glob(2, "prime::count::*")]);
    with_statement("use prime::*;", &[&glob(2, "prime::*")]);
    with_item("use borsh::io::{*};", &[&glob(1, "borsh::io::*")]);
    with_item("use prime::count::State as Other;\nuse std::fmt as f;", &[]);
    with_item("use std::fmt::Write as _;\nuse std::ops::Bound::{self as B, *};", &[]);
}

#[test]
fn no_macro_attribute_or_derive_goes_by_another_name() {
    let bare = |line: usize, name: &str| {
        format!(
            "v.rs:{line}: `use {name}` without a path is forbidden in a version: remove it, and \
             use the name as it is"
        )
    };
    with_item("use include_str as format;", &[&bare(1, "include_str")]);
    with_item("use ::r#include_str as r#format;", &[&bare(1, "include_str")]);
    with_item("use {option_env as concat};", &[&bare(1, "option_env")]);
    with_statement("use println as writeln;", &[&bare(2, "println")]);
    with_item("use println;", &[&bare(1, "println")]);
    with_item(
        "use prime::{self as p};",
        &[
            &bare(1, "prime"),
            "v.rs:1: `prime` under another name is forbidden in a version: import it under its own",
        ],
    );
    for (path, new) in [
        ("std::fmt::Debug", "format"),
        ("prime::Evil", "Clone"),
        ("prime::Evil", "inline"),
        ("prime::count::Evil", "r#vec"),
    ] {
        let expect = format!(
            "v.rs:1: `{path}` under another name is forbidden in a version: import it under its \
             own"
        );
        with_item(&format!("use {path} as {new};"), &[&expect]);
    }
}

#[test]
fn what_stands_before_a_leading_colon_hides_no_path() {
    let outside = |path: &str| {
        format!("v.rs:2: `{path}` is forbidden in a version: use only what the slot is given")
    };
    for library in ["std", "core", "alloc", "r#std"] {
        let path = format!("::{library}::fs::f");
        let plain = format!("{}::fs::f", library.replace("r#", ""));
        for statement in [
            format!("'a: loop {{ break 'a {path}(0) }}"),
            format!("let _: <&'static {path} as Un>::T = 1;"),
            format!("fn g<'a>(_: &'a {path}, _: impl 'a + {path}) {{}}"),
            format!("let _ = vec![loop {{ break 'a {path}(0) }}];"),
            format!("let _ = |x: u8| {path}(x);"),
            format!("if by == 1 {{}} {path}(0);"),
            format!("let _ = [1, {path}(0)]; let _ = -{path}(0) .. {path}(0);"),
            format!("match by {{ 1 => {path}(0), _ if {path}(1) => 2 }}"),
            format!("let _ = <T as {path}>::T; let _ = 1 as {path};"),
            format!("return {path};"),
            format!("fn h() -> {path} {{ 1 }}"),
            format!("struct S {{ s: {path} }}"),
        ] {
            with_statement(&statement, &[&outside(&plain)]);
        }
    }
    for path in ["borsh::std::process::exit", "borsh::__x::core::f", "self::alloc::f"] {
        with_statement(&format!("let _ = {path}(1);"), &[&outside(path)]);
        with_statement(&format!("use {path};"), &[&outside(path)]);
    }
    with_statement("'outer: loop { break 'outer }; let _ = f::<'static, u8>(1);", &[]);
}

#[test]
fn no_place_in_memory_is_told() {
    let address = |what: &str| {
        format!(
            "v.rs:2: `{what}` tells where a value lies, which differs between runs: use the value \
             itself"
        )
    };
    with_statement("let _ = state as *const State as usize;", &[&address("*const")]);
    with_statement("let _ = vec![state as *mut State];", &[&address("*mut")]);
    with_statement("let _ = &raw const by;", &[&address("*const")]);
    with_statement("let _ = assert!(&raw mut by);", &[&address("*mut")]);
    for name in ["as_ptr", "strong_count", "weak_count", "ptr_eq", "into_raw"] {
        with_statement(&format!("let _ = Arc::{name}(&a);"), &[&address(name)]);
        with_statement(&format!("let _ = vec![a.{name}()];"), &[&address(name)]);
    }
    with_statement("std::fmt::Pointer::fmt(&by, f);", &[&address("Pointer")]);
    for how in ["{:p}", "{0:#p}", "a {by:>18p } b", "{{{:p}}}", "{:\\u{70}}"] {
        with_statement(&format!("let _ = format!(\"{how}\", by);"), &[&address("{:p}")]);
        with_statement(&format!("assert!(true, \"{how}\");"), &[&address("{:p}")]);
        with_statement(&format!("panic!(r#\"x{{:p}}\"#, \"{how}\");"), &[&address("{:p}")]);
    }
    for how in ["{p}", "{{:p}}", "{:?} p", "{:1$}", "step: {up}"] {
        with_statement(&format!("let _ = format!(\"{how}\", by);"), &[]);
    }
    let put_together = |name: &str| {
        format!("v.rs:2: the macro `{name}!` is forbidden in a version: write its effect out")
    };
    with_statement("let _ = format!(concat!(\"{:\", \"p}\"), &by);", &[&put_together("concat")]);
    with_statement("let _ = format!(stringify!({:p}), &by);", &[&put_together("stringify")]);
    with_statement("let _ = concat!(\"a\", 1); let _ = by * by; let _ = *by;", &[]);
}

#[test]
fn a_name_marked_as_raw_is_the_same_name() {
    let outside =
        "v.rs:1: `std::fs::read` is forbidden in a version: use only what the slot is given";
    with_item("use r#std::r#fs::read;", &[outside]);
    with_statement("r#std::fs::read(\"a\");", &[&outside.replace(":1:", ":2:")]);
    let order = "v.rs:2: `HashMap` differs between runs: use `BTreeMap` or `BTreeSet`";
    with_statement("let _ = r#HashMap::new();", &[order]);
    let itself = "v.rs:2: `count::add` is this slot itself once composed, and would call itself: \
        write it out";
    with_statement("r#count::r#add(state, by);", &[itself]);
}

#[test]
fn what_libraries_re_export_does_not_open_a_door() {
    let outside = |line: usize, path: &str| {
        format!("v.rs:{line}: `{path}` is forbidden in a version: use only what the slot is given")
    };
    with_statement("borsh::io::stderr();", &[&outside(2, "borsh::io::stderr")]);
    with_item("use borsh::io::{Read, stdin};", &[&outside(1, "borsh::io::stdin")]);
    with_item("use borsh::__private::p;", &[&outside(1, "borsh::__private::p")]);
    let renamed =
        "v.rs:1: `borsh::io` under another name is forbidden in a version: import it under its own";
    with_item("use borsh::io as i;", &[renamed]);
    with_statement("i::stdout();", &[&outside(2, "i::stdout")]);
}

#[test]
fn nothing_hides_in_the_arguments_of_a_macro() {
    let within = |what: &str| {
        format!(
            "v.rs:2: `{what}` in a macro's arguments is forbidden in a version: write it outside \
             of the macro"
        )
    };
    with_statement("let _ = vec![{ use std::{fs}; fs::read(\"a\") }];", &[&within("use")]);
    with_statement("assert!({ static C: u8 = 0; true });", &[&within("static")]);
    with_statement("assert!({ mod m {} true });", &[&within("mod")]);
    with_statement("assert!({ extern crate libc; true });", &[&within("extern")]);
    with_statement("assert!({ #[no_mangle] fn f() {} true });", &[&within("#[...]")]);
    with_statement("assert!({ macro_rules! r { () => {} } true });", &[&within("macro_rules")]);
    with_statement("let _: Vec<&'static str> = vec![f::<&'static str>(1 << 2, a[0])];", &[]);
}

/// The versions that there are and the drafts that were kept came through, and still do.
#[test]
fn every_kept_version_and_draft_passes() {
    let variants = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../variants");
    let mut passed = 0;
    for family in folders(&variants) {
        for component in folders(&family.join("src")) {
            for file in entries(&component).into_iter().filter(|file| !file.ends_with("mod.rs")) {
                let (component, name) = (component.file_name(), file.file_stem());
                let path = [component, name].map(|part| part.unwrap().to_str().unwrap().to_owned());
                passed += usize::from(passes(&path.join("."), &file));
            }
        }
        for record in folders(&family.join("ledger")) {
            let slot = record.file_name().unwrap().to_str().unwrap();
            passed += usize::from(passes(slot, &record.join("1.rs")));
        }
    }
    assert!(passed > 900, "only {passed} files were there to look at");
}

fn passes(slot: &str, file: &Path) -> bool {
    let Ok(text) = fs::read_to_string(file) else { return false };
    let found = gate(&slot.parse().expect("a slot"), file, &text).expect("Rust");
    assert!(found.is_empty(), "{}: {found:?}", file.display());
    true
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    entries(parent).into_iter().filter(|path| path.is_dir()).collect()
}

fn entries(parent: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(parent).expect("a folder");
    found.map(|entry| entry.expect("an entry").path()).collect()
}
