//! What a generated library looks like: a machine behind the boundary, to be loaded by a runner.
//!
//! `cargo build --release -p sim --examples`, then give the runner `--library PATH` once for each
//! replica.

boundary::export!(prime::Replica, "the reference, unpatched");
