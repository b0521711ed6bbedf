//! The toy machine as a shared library, for this crate's tests.

#[expect(dead_code, reason = "its wrongs are for the simulator's tests")]
mod machine;

boundary::export!(machine::Toy, "the toy of the boundary's tests");
