//! Allocators: which one a replica has is chosen by its program, as its global allocator.
//!
//! Messages are many small vectors that one thread makes and another drops.

pub use mimalloc::MiMalloc as Mimalloc;
pub use std::alloc::System;
