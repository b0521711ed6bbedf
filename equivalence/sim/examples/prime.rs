//! What a generated runner looks like: a machine linked in, and the simulator's `main`.
//!
//! `cargo run --release -p sim --example prime -- --seeds 0..1000`

fn main() -> std::process::ExitCode {
    sim::main::<prime::Replica>()
}
