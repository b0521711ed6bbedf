//! A replica that runs the reference, for tests of clusters.

use std::process::ExitCode;

fn main() -> ExitCode {
    node::main::<prime::Replica>(r#"{"composition":"reference"}"#)
}
