//! How much a replica remembers of a peer that signs everything it can, kind by kind.
//!
//! ```sh
//! cargo run --release -p prime --example hostile_peer -- 20000
//! ```

#![expect(clippy::print_stdout, reason = "it is for people")]
#![expect(clippy::unwrap_used, reason = "what it signs is made to fit")]

#[path = "../tests/support/hostile.rs"]
mod hostile;

use cap::Cap;
use hostile::{Hostile, KINDS, name};
use std::alloc::System;

#[global_allocator]
static ALLOCATED: Cap<System> = Cap::new(System, usize::MAX);

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(2_000);
    println!("bytes held after {count} messages, and after ten times as many more");
    for (peer, changing) in [(4, false), (1, false), (4, true), (1, true)] {
        for kind in (0..KINDS).map(Some).chain([None]) {
            let mut hostile = Hostile::new(peer, changing, 1);
            hostile.attack(kind, count);
            let early = ALLOCATED.allocated();
            hostile.attack(kind, 10 * count);
            let late = ALLOCATED.allocated();
            let what = kind.map_or("everything", name);
            println!("peer {peer}, view change {changing:<5} {what:<20} {early:>9} {late:>9}");
            if kind.is_none() {
                println!("refused {:?}, unheard {:?}", hostile.rejects, hostile.unheard);
            }
        }
    }
}
