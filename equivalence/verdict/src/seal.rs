//! How whoever starts a judge knows the judge's word from that of a version in the same process.
//!
//! A version may print what it likes, and may end its process before the judge has said anything. So the
//! judge does not speak on standard output. Its standard input is one end of a pair of sockets. From that it
//! reads a key before any version runs, and to it, once, it writes its answer under a seal (HMAC-SHA256 of
//! the answer by that key), and nothing after it. Whoever started it takes nothing that is not sealed as a
//! whole: neither what was said before or after the answer, nor a part of it, nor two.
//!
//! The key is in the judge's memory while versions run. Rules for versions' texts keep out what reads memory
//! (`unsafe`), and a sandbox what reads the process's own files; a version that came past both could say
//! anything in the judge's name.

use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io::{self, Read, Write};

/// The argument with which a program is told to read a key and to seal what it answers.
pub const SEALED: &str = "--sealed";

/// The size of a hash's block. Unit: bytes.
const BLOCK: usize = 64;

/// What an answer is sealed with: random, and for one run of one program.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; Self::BYTES]);

/// Says nothing of the key.
impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(..)")
    }
}

impl Key {
    /// Its length. Unit: bytes.
    pub const BYTES: usize = 32;

    /// A key of random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads the key that a program is given.
    ///
    /// # Errors
    /// What reading says; [`io::ErrorKind::UnexpectedEof`] for too few bytes.
    pub fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut bytes = [0; Self::BYTES];
        from.read_exact(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Gives the key to a program.
    ///
    /// # Errors
    /// What writing says.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.0)
    }

    /// An answer under its seal: the seal in hex, a line break, and the text.
    #[must_use]
    pub fn seal(&self, text: &str) -> String {
        format!("{}\n{text}", self.tag(text))
    }

    /// The answer in all that was said; `None` if it is not exactly one under the seal.
    #[must_use]
    pub fn open<'a>(&self, said: &'a str) -> Option<&'a str> {
        let (tag, text) = said.split_once('\n')?;
        // One try for each key: how long comparing takes tells nobody anything.
        (tag == self.tag(text)).then_some(text)
    }

    /// HMAC-SHA256 (RFC 2104) of a text, in lower-case hex.
    fn tag(&self, text: &str) -> String {
        let padded = |pad: u8| {
            let mut block = [pad; BLOCK];
            block.iter_mut().zip(&self.0).for_each(|(byte, key)| *byte ^= key);
            Sha256::new_with_prefix(block)
        };
        let inner = padded(0x36).chain_update(text).finalize();
        let tag = padded(0x5c).chain_update(inner).finalize();
        tag.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(first: &[u8]) -> Key {
        let mut bytes = [0; Key::BYTES];
        bytes[..first.len()].copy_from_slice(first);
        Key::new(bytes)
    }

    /// Test cases 1 and 2 of RFC 4231, whose keys are shorter than a block.
    #[test]
    fn the_seal_is_the_standard_one() {
        let one = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(key(&[0x0b; 20]).seal("Hi There"), format!("{one}\nHi There"));
        let two = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let text = "what do ya want for nothing?";
        assert_eq!(key(b"Jefe").seal(text), format!("{two}\n{text}"));
    }

    #[test]
    fn nothing_but_one_whole_answer_under_its_own_key_is_taken() {
        let (own, other) = (key(b"own"), key(b"other"));
        let said = own.seal("accepted\n");
        assert_eq!(own.open(&said), Some("accepted\n"));
        let twice = format!("{said}{said}");
        let before = format!("accepted\n{said}");
        let after = format!("{said}accepted\n");
        for forged in ["", "accepted\n", &twice, &before, &after, &said[..said.len() - 1]] {
            assert_eq!(own.open(forged), None, "{forged}");
        }
        assert_eq!(other.open(&said), None);
        assert_eq!(own.open(&said.replace("accepted", "rejected")), None);
    }

    #[test]
    fn a_key_goes_from_one_program_to_the_other_and_is_shown_to_nobody() {
        let mut sent = Vec::new();
        key(b"own").write(&mut sent).unwrap();
        assert_eq!(Key::read(&mut sent.as_slice()).unwrap(), key(b"own"));
        assert!(Key::read(&mut &sent[1..]).is_err());
        assert_eq!(format!("{:?}", key(b"own")), "Key(..)");
    }
}
