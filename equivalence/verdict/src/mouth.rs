//! What a program answers with whose versions run in it.

use crate::{Key, SEALED};
use serde::Serialize;
use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::sync::{Mutex, PoisonError};

/// Says one answer, under a seal to whoever started the program or not at all.
pub struct Mouth {
    /// The key and the socket; `None` once the answer was said.
    sealed: Mutex<Option<(Key, File)>>,
}

impl Mouth {
    /// For a person, who is told on standard output, it says nothing. If it is to be `sealed`, for a program,
    /// it takes the key from standard input, to which the answer will go. No version may have run yet.
    ///
    /// # Errors
    /// A sentence, if standard input gives no key.
    pub fn new(sealed: bool) -> Result<Self, String> {
        if !sealed {
            return Ok(Self { sealed: Mutex::new(None) });
        }
        Self::sealed().map_err(|error| format!("{SEALED}: no key: {error}"))
    }

    fn sealed() -> io::Result<Self> {
        // A descriptor of its own, which no program that is started later has. What reads it here keeps
        // no bytes back, as the library's standard input does.
        let mut socket = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let key = Key::read(&mut socket)?;
        Ok(Self { sealed: Mutex::new(Some((key, socket))) })
    }

    /// Says what came of it, or a sentence about why nothing did, if that is to be sealed and nothing was
    /// said yet; and forgets the key.
    ///
    /// # Errors
    /// What writing says.
    pub fn answer<T: Serialize>(&self, answer: &Result<T, String>) -> io::Result<()> {
        let sealed = self.sealed.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((key, mut socket)) = sealed else { return Ok(()) };
        let text = serde_json::to_string(answer)?;
        socket.write_all(key.seal(&text).as_bytes())
    }
}

/// Says nothing of the key.
impl fmt::Debug for Mouth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Mouth(..)")
    }
}
