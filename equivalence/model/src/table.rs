//! The states seen so far: a fingerprint each, in the order of discovery, and where it came from.

/// A 128-bit fingerprint. Two states among a hundred million share one with a chance of 1e-23.
pub(crate) type Fingerprint = [u64; 2];

const FIRST: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03];
const SECOND: [u64; 2] = [0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db];

fn fold(a: u64, b: u64) -> u64 {
    let (low, high) = a.carrying_mul(b, 0);
    low ^ high
}

/// The fingerprint of some bytes.
pub(crate) fn fingerprint(bytes: &[u8]) -> Fingerprint {
    let mut print = FIRST;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        let word = u64::from_le_bytes(word);
        print[0] = fold(print[0] ^ word, SECOND[0]);
        print[1] = fold(print[1].rotate_left(29) ^ word, SECOND[1]);
    }
    [fold(print[0] ^ print[1].rotate_left(17), FIRST[1]), fold(print[1], FIRST[0] ^ print[0])]
}

const EMPTY: u32 = u32::MAX;

/// A set of fingerprints which remembers the order of insertion, 24 to 50 bytes for each.
pub(crate) struct Table {
    slots: Vec<u32>,
    prints: Vec<Fingerprint>,
    parents: Vec<u32>,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self { slots: vec![EMPTY; 1 << 12], prints: Vec::new(), parents: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.prints.len()
    }

    /// The memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.slots.capacity() * 4 + self.prints.capacity() * 16 + self.parents.capacity() * 4
    }

    /// The fingerprint and the parent of the state that was discovered at an index.
    pub(crate) fn entry(&self, index: u32) -> (Fingerprint, u32) {
        (self.prints[index as usize], self.parents[index as usize])
    }

    /// Adds a fingerprint; its index if it is new.
    pub(crate) fn insert(&mut self, print: Fingerprint, parent: u32) -> Option<u32> {
        if self.prints.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let slot = self.slot(&print);
        if self.slots[slot] != EMPTY {
            return None;
        }
        let index = u32::try_from(self.prints.len()).ok().filter(|index| *index != EMPTY)?;
        self.slots[slot] = index;
        self.prints.push(print);
        self.parents.push(parent);
        Some(index)
    }

    /// The slot that holds a fingerprint, or the empty one where it would go.
    fn slot(&self, print: &Fingerprint) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = usize::try_from(print[0] & mask as u64).unwrap_or(0);
        while self.slots[slot] != EMPTY && self.prints[self.slots[slot] as usize] != *print {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let wider = self.slots.len() * 2;
        self.slots = vec![EMPTY; wider];
        for index in 0..self.prints.len() {
            let slot = self.slot(&self.prints[index]);
            self.slots[slot] = u32::try_from(index).unwrap_or(EMPTY);
        }
    }
}
