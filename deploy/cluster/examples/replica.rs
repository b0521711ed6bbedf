//! A replica that runs the reference: what a composed replica's program looks like.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: node::allocator::Mimalloc = node::allocator::Mimalloc;

fn main() -> ExitCode {
    node::main::<prime::Replica, node::signatures::Zebra>(r#"{"composition":"reference"}"#)
}
