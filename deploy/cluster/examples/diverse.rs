//! A replica that runs the reference and stands on other providers than `replica.rs`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: node::allocator::System = node::allocator::System;

fn main() -> ExitCode {
    use node::{signatures::Ring, threshold::Absent};
    node::main::<prime::Replica, Ring, Absent>(r#"{"composition":"diverse"}"#)
}
