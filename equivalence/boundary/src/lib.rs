//! A machine in a shared library, for mixed clusters in one process.
//!
//! Inside, [`export!`] gives a generated crate three `extern "C"` functions: the number of this
//! boundary ([`ABI`]), one that takes a request and gives an answer, and one that frees the
//! answer. Outside, [`Library::open`] loads such a library and [`Loaded`] is a
//! [`wire::Machine`] that lives in it.
//!
//! Only canonical bytes cross. What was [`wire::Verified`] on one side crosses as the signed
//! message and is admitted again on the other, so neither side takes the other's word. A panic
//! inside comes out as a value, [`Died`], and is raised again outside with that as its payload.
//! Memory is freed by the side that reserved it, so the two may have different allocators.
//!
//! One module has unsafe code, `raw`: it loads, calls and frees, and knows nothing else.

mod crossing;
mod died;
mod inside;
mod loaded;
#[expect(unsafe_code, reason = "loads libraries and lets byte strings cross to and from them")]
mod raw;

pub use crossing::{SchemeKind, ServiceKind};
pub use died::{Died, catch};
pub use inside::Table;
pub use loaded::Loaded;
pub use raw::{Buffer, Library, OpenError, answer, free};

/// Number of this boundary. A library with another is refused before anything else is asked.
pub const ABI: u32 = 4;

/// Makes the crate, a `cdylib`, a library that [`Library::open`] loads.
///
/// Takes the type of the machine and an expression of type `&'static str`: the provenance that
/// [`Library::provenance`] returns. Needs `panic = "unwind"`.
#[macro_export]
macro_rules! export {
    ($machine:ty, $provenance:expr) => {
        #[cfg(panic = "abort")]
        compile_error!("the boundary turns panics into values, which needs panic = \"unwind\"");

        static PATCHY_MACHINES: $crate::Table<$machine> = $crate::Table::new($provenance);

        /// The number of the boundary.
        #[allow(unsafe_code, reason = "a symbol for the host to find")]
        #[unsafe(no_mangle)]
        pub extern "C" fn patchy_abi() -> u32 {
            $crate::ABI
        }

        /// Answers one request.
        ///
        /// # Safety
        /// `data` must point to `length` bytes that nobody changes meanwhile.
        #[allow(unsafe_code, reason = "a symbol for the host to find, and its argument's bytes")]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn patchy_call(data: *const u8, length: usize) -> $crate::Buffer {
            // SAFETY: the caller keeps the same promise to us.
            unsafe { $crate::answer(&PATCHY_MACHINES, data, length) }
        }

        /// Frees an answer.
        ///
        /// # Safety
        /// `buffer` must come from `patchy_call` of this library, and be freed once.
        #[allow(unsafe_code, reason = "a symbol for the host to find, and its argument's bytes")]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn patchy_free(buffer: $crate::Buffer) {
            // SAFETY: the caller keeps the same promise to us.
            unsafe { $crate::free(buffer) }
        }
    };
}
