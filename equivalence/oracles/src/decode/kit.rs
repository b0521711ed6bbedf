//! What the tests of decoding are made of: the corpus of the reference's own tests, and dice.

use std::fs;
use std::path::{Path, PathBuf};
use wire::codec;
use wire::prime::Message;

/// Where the corpus is: with the tests of the one reference crate that has it. That crate is not
/// named here, because these sources name it for nothing but to import its types.
fn folder() -> PathBuf {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference");
    let crates = fs::read_dir(reference).unwrap().map(|entry| entry.unwrap().path());
    let mut found = crates.map(|path| path.join("tests/corpus/decode")).filter(|it| it.is_dir());
    found.next().unwrap()
}

/// One encoding of every message, and a few of none, under their names.
pub(super) fn corpus() -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let named = |file: fs::DirEntry| {
        (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())
    };
    let mut corpus: Vec<_> = files.map(named).collect();
    corpus.sort();
    corpus
}

/// Whether the corpus holds this to be no message.
pub(super) fn hostile(name: &str) -> bool {
    name.starts_with("hostile-")
}

/// The corpus's message of that name.
pub(super) fn message(name: &str) -> Message {
    codec::decode(&fs::read(folder().join(name)).unwrap()).unwrap()
}

/// Equal numbers for equal seeds (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// Any number.
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let once = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let twice = (once ^ (once >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        twice ^ (twice >> 31)
    }

    /// A number below `end`; 0 if there is none.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % (end as u64).max(1)).unwrap()
    }

    /// Any byte.
    pub(super) fn byte(&mut self) -> u8 {
        self.roll().to_le_bytes()[0]
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}
