//! The function has a type parameter.
use slots::slot;

/// Gives the value back.
#[slot(count.same)]
pub fn same<T>(value: T) -> T {
    value
}

fn main() {}
