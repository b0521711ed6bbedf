//! A replica that runs the reference with threshold signatures.

use std::process::ExitCode;

fn main() -> ExitCode {
    use node::{signatures::Zebra, threshold::Blst};
    node::main::<prime::Replica, Zebra, Blst>(r#"{"composition":"threshold"}"#)
}
