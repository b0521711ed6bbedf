//! Loading, calling and freeing: the only unsafe code.
//!
//! What crosses is a pointer with a length, read before the call returns, and an owned buffer
//! that goes back to the side that reserved it.

use crate::ABI;
use crate::inside::Table;
use libloading::Symbol;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wire::Machine;
use wire::prime::Prime;

/// Bytes that the library reserved and must free.
#[repr(C)]
#[derive(Debug)]
pub struct Buffer {
    data: *mut u8,
    length: usize,
    capacity: usize,
}

type AbiFn = extern "C" fn() -> u32;
type CallFn = unsafe extern "C" fn(*const u8, usize) -> Buffer;
type FreeFn = unsafe extern "C" fn(Buffer);

/// Library's side: answers the request in the given bytes.
///
/// # Safety
/// `data` must point to `length` bytes that nobody changes until this returns.
#[must_use]
pub unsafe fn answer<M: Machine<Protocol = Prime>>(
    table: &Table<M>,
    data: *const u8,
    length: usize,
) -> Buffer {
    let request = if length == 0 {
        &[][..]
    } else {
        // SAFETY: the caller promises `length` readable bytes that stay as they are.
        unsafe { std::slice::from_raw_parts(data, length) }
    };
    let mut answer = ManuallyDrop::new(table.serve(request));
    Buffer { data: answer.as_mut_ptr(), length: answer.len(), capacity: answer.capacity() }
}

/// Library's side: frees what [`answer`] returned.
///
/// # Safety
/// `buffer` must come from [`answer`] in the same library and must not be used again.
pub unsafe fn free(buffer: Buffer) {
    // SAFETY: the parts are those of the vector that `answer` took apart, and by the caller's
    // promise nobody else puts it together again.
    drop(unsafe { Vec::from_raw_parts(buffer.data, buffer.length, buffer.capacity) });
}

/// Why a library cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be loaded, or lacks one of the functions.
    #[error("{path}: {reason}")]
    Load {
        /// The file.
        path: PathBuf,
        /// What the loader says.
        reason: libloading::Error,
    },
    /// It was built for another boundary.
    #[error("{path}: speaks boundary {found} where {ABI} is needed; build it again")]
    Abi {
        /// The file.
        path: PathBuf,
        /// What it speaks.
        found: u32,
    },
}

/// A loaded library. It stays loaded as long as any machine or decoder from it lives.
#[derive(Debug)]
pub struct Library {
    call: CallFn,
    free: FreeFn,
    path: PathBuf,
    /// Keeps the functions above in place. Dropped last, with the last reference to `self`.
    _library: libloading::Library,
}

impl Library {
    /// Loads the library at `path`, which runs its initialisers: open only what a sandboxed
    /// process may run.
    ///
    /// A file that was loaded before must not have been replaced under the same path: the loader
    /// would give the old one again.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(path: &Path) -> Result<Arc<Self>, OpenError> {
        let fail = |reason| OpenError::Load { path: path.to_path_buf(), reason };
        // A path without a slash would be searched for among the system's libraries.
        let full = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        // SAFETY: initialisers of a library made with `export!` are those of Rust's std alone.
        let library = unsafe { libloading::Library::new(&full) }.map_err(fail)?;
        // SAFETY: in every version of the boundary, `patchy_abi` has this type.
        let abi: Symbol<'_, AbiFn> = unsafe { library.get(b"patchy_abi\0") }.map_err(fail)?;
        let found = abi();
        if found != ABI {
            return Err(OpenError::Abi { path: path.to_path_buf(), found });
        }
        // SAFETY: in this version of the boundary, these functions have these types.
        let (call, free): (Symbol<'_, CallFn>, Symbol<'_, FreeFn>) = unsafe {
            (
                library.get(b"patchy_call\0").map_err(fail)?,
                library.get(b"patchy_free\0").map_err(fail)?,
            )
        };
        let (call, free) = (*call, *free);
        Ok(Arc::new(Self { call, free, path: path.to_path_buf(), _library: library }))
    }

    /// Where it was loaded from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands `request` in and copies the answer out.
    pub(crate) fn call(&self, request: &[u8]) -> Vec<u8> {
        // SAFETY: the slice is readable for its length and borrowed during the call; the
        // function is still in place because `self` holds the library.
        let buffer = unsafe { (self.call)(request.as_ptr(), request.len()) };
        let answer = if buffer.length == 0 {
            Vec::new()
        } else {
            // SAFETY: the library vouches for `length` bytes until it gets the buffer back.
            unsafe { std::slice::from_raw_parts(buffer.data, buffer.length) }.to_vec()
        };
        // SAFETY: the buffer came from the call above and is not used after this.
        unsafe { (self.free)(buffer) };
        answer
    }
}
