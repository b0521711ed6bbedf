//! A replica that runs the reference, for tests of clusters.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: node::allocator::Mimalloc = node::allocator::Mimalloc;

fn main() -> ExitCode {
    node::main::<prime::Replica, node::signatures::Zebra>(r#"{"composition":"reference"}"#)
}
