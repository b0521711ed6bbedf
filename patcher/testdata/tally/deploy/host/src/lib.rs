//! The program around a machine.

use std::process::ExitCode;
use wire::{Effects, Machine, Update};

/// Prints the provenance, or counts the arguments.
pub fn main<M: Machine>(provenance: &str) -> ExitCode {
    let mut machine = M::new();
    for argument in std::env::args().skip(1) {
        if argument == "--provenance" {
            println!("{provenance}");
            continue;
        }
        let mut effects = Effects::default();
        machine.step(&Update { payload: argument.into_bytes() }, &mut effects);
        println!("{:?}", effects.take());
    }
    ExitCode::SUCCESS
}
