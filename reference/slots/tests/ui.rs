//! Every mistake has its error at its place, and a good slot compiles.

#[test]
fn every_mistake_is_reported_where_it_is() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/pass/*.rs");
}
