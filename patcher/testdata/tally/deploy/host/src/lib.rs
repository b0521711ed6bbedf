//! The program around a machine.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use wire::{Effects, Machine, Update};

/// How the program speaks.
pub trait Voice {
    /// What it says when it is asked to.
    const WORD: &str;
}

/// As usual.
pub struct Plain;

impl Voice for Plain {
    const WORD: &str = "here";
}

/// For everybody to hear.
#[cfg(feature = "loud")]
pub struct Loud;

#[cfg(feature = "loud")]
impl Voice for Loud {
    const WORD: &str = "HERE";
}

/// The system's allocator, counted.
pub struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Prints the provenance, or says what it stands on, or counts the arguments.
pub fn main<M: Machine, V: Voice>(provenance: &str) -> ExitCode {
    let mut machine = M::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--provenance" => println!("{provenance}"),
            "--providers" => {
                let counted = ALLOCATED.load(Ordering::Relaxed) > 0;
                println!("{counted} {}, loud is {}", V::WORD, cfg!(feature = "loud"));
            }
            _ => {
                let mut effects = Effects::default();
                machine.step(&Update { payload: argument.into_bytes() }, &mut effects);
                println!("{:?}", effects.take());
            }
        }
    }
    ExitCode::SUCCESS
}
