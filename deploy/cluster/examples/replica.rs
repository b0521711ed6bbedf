//! A replica that runs the reference: what a composed replica's program looks like.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: node::allocator::Mimalloc = node::allocator::Mimalloc;

fn main() -> ExitCode {
    use node::{signatures::Zebra, threshold::Absent};
    node::main::<prime::Replica, Zebra, Absent>(r#"{"composition":"reference"}"#)
}
