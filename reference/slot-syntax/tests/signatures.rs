//! Signatures are compared by what they take and return, not by how they are written.

use slot_syntax::signature::normal_signature;

fn normal(text: &str) -> String {
    let signature: syn::Signature = syn::parse_str(text).expect("a signature");
    normal_signature(&signature)
}

fn check(text: &str, expect: &str) {
    assert_eq!(normal(text), expect, "{text}");
}

#[test]
fn paths_are_cut_to_their_last_segment() {
    check(
        "fn on_ack(state: &mut crate::pre_order::State, ack: &wire::Verified<crate::PoAck>)",
        "fn on_ack(&mut State, &Verified<PoAck>)",
    );
    check("fn a(x: ::std::vec::Vec<::std::string::String>)", "fn a(Vec<String>)");
    check("fn a(x: &mut ::a::B, y: &dyn ::a::C)", "fn a(&mut B, &dyn C)");
    check("fn a(x: <T as a::Trait>::Out)", "fn a(<T as Trait>Out)");
    check("fn a(x: Vec::<u8>)", "fn a(Vec<u8>)");
}

#[test]
fn names_of_parameters_do_not_count() {
    assert_eq!(normal("fn a(left: u8, mut right: u16)"), normal("fn a(l: u8, r: u16)"));
}

#[test]
fn elided_lifetimes_trailing_commas_and_unit_do_not_count() {
    check("fn a(x: Effects<'_>, y: &'_ u8,) -> ()", "fn a(Effects, &u8)");
    check("fn a(x: Both<'_, u8,>)", "fn a(Both<u8>)");
}

#[test]
fn types_do_count() {
    check("fn a(x: [u8; 4]) -> Option<(u8, &[u8])>", "fn a([u8; 4]) -> Option<(u8, &[u8])>");
    assert_ne!(normal("fn a(x: &u8)"), normal("fn a(x: &mut u8)"));
    assert_ne!(normal("fn a(x: u8, y: u16)"), normal("fn a(y: u16, x: u8)"));
    assert_ne!(normal("fn a() -> u8"), normal("fn a()"));
    assert_ne!(normal("fn a(x: fn(u8) -> u8)"), normal("fn a(x: fn(u8))"));
}
