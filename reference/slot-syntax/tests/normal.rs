//! Normal tokens see through renaming and formatting, and through nothing else.

use slot_syntax::code_lines;
use slot_syntax::normal::normal_tokens;

const ONE: &str = "use a::b;\n/// Doc.\npub fn count(items: &[u64]) -> u64 {\n    // Why.\n    \
    let mut total = 0;\n    for item in items { total += item.value(7); }\n    total\n}\n";

#[test]
fn renaming_comments_and_layout_change_nothing() {
    let renamed = ONE
        .replace("total", "sum")
        .replace("item ", "x ")
        .replace("item.", "x.")
        .replace("items", "xs")
        .replace("// Why.", "")
        .replace("/// Doc.", "")
        .replace("use a::b;", "use c::d;")
        .replace("\n    ", " ");
    assert_ne!(ONE, renamed);
    assert_eq!(normal_tokens(ONE), normal_tokens(&renamed));
}

#[test]
fn literals_and_names_from_outside_count() {
    assert_ne!(normal_tokens(ONE), normal_tokens(&ONE.replace('7', "8")));
    assert_ne!(normal_tokens(ONE), normal_tokens(&ONE.replace("value", "other")));
    assert_ne!(normal_tokens(ONE), normal_tokens(&ONE.replace("u64", "u32")));
}

#[test]
fn one_more_variable_at_the_top_changes_little_below() {
    let longer = ONE.replace("let mut total", "let fresh = 1; let mut total");
    let (short, long) = (normal_tokens(ONE), normal_tokens(&longer));
    assert_eq!(long.len(), short.len() + 5);
    let tail = short.len() - 20;
    let changed = short[tail..].iter().zip(&long[tail + 5..]).filter(|(a, b)| a != b).count();
    assert_eq!(changed, 1, "only the name that was bound before the new one");
}

#[test]
fn lines_of_code_leave_out_comments_imports_and_blank_lines() {
    assert_eq!(code_lines(ONE), 5);
    assert_eq!(code_lines("/// Doc.\n\nstruct S; // x\n"), 1);
    assert_eq!(code_lines("const A: &str = \"x\n y\";\n"), 2);
    assert_eq!(code_lines("not rust"), 0);
}
