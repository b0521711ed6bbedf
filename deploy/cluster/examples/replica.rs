//! A replica that runs the reference: what a composed replica's program looks like.

use std::process::ExitCode;

fn main() -> ExitCode {
    node::main::<prime::Replica>(r#"{"composition":"reference"}"#)
}
