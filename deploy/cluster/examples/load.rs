//! A load process, as [`cluster::Loader`] starts it.

use std::process::ExitCode;

fn main() -> ExitCode {
    client::load::main(std::env::args_os().skip(1))
}
