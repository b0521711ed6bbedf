//! Encodings grown from the layout itself: what a corpus of small messages never reaches.

use super::grammar::Layout;
use super::kit::Dice;

/// How an encoding grows.
pub(super) struct Growth<'a> {
    /// What has grown.
    pub(super) bytes: Vec<u8>,
    /// How many counts were written.
    pub(super) counts: usize,
    /// Says how long the count of that position, with that cap, shall be.
    pub(super) length: &'a mut dyn FnMut(usize, usize) -> usize,
    /// Says which of so many alternatives.
    pub(super) choice: &'a mut dyn FnMut(usize) -> usize,
}

impl Growth<'_> {
    fn count(&mut self, cap: usize) -> usize {
        let count = (self.length)(self.counts, cap);
        self.counts += 1;
        self.bytes.extend(u32::try_from(count).unwrap().to_le_bytes());
        count
    }

    fn tag(&mut self, of: usize) -> usize {
        let tag = (self.choice)(of);
        self.bytes.push(u8::try_from(tag).unwrap());
        tag
    }

    /// Adds a value of `layout`.
    pub(super) fn grow(&mut self, layout: &Layout) {
        match layout {
            Layout::Fixed(length) => self.bytes.resize(self.bytes.len() + length, 1),
            Layout::Blob(cap) => {
                let count = self.count(*cap);
                self.bytes.resize(self.bytes.len() + count, 2);
            }
            Layout::List(cap, item) => {
                for _ in 0..self.count(*cap) {
                    self.grow(item);
                }
            }
            Layout::Optional(item) => {
                if self.tag(2) == 1 {
                    self.grow(item);
                }
            }
            Layout::Choice(items) => {
                let tag = self.tag(items.len());
                self.grow(&items[tag]);
            }
            Layout::Row(items) => items.iter().for_each(|item| self.grow(item)),
        }
    }
}

/// A message with the tag and, in turn, the alternatives `choices` (the last for all that follow),
/// with one item in every list but that at position `wide`, which gets what `length` makes of its
/// cap; and whether there is such a list.
pub(super) fn widened(
    message: &Layout,
    choices: &[usize],
    wide: usize,
    length: impl Fn(usize) -> usize,
) -> (Vec<u8>, bool) {
    let mut turn = 0;
    let mut choice = |of: usize| {
        let choice = choices[turn.min(choices.len() - 1)];
        turn += 1;
        choice.min(of - 1)
    };
    let mut length = |position, cap| if position == wide { length(cap) } else { 1 };
    let mut growth =
        Growth { bytes: Vec::new(), counts: 0, length: &mut length, choice: &mut choice };
    growth.grow(message);
    let found = growth.counts > wide;
    (growth.bytes, found)
}

/// Any message, with few items in each list.
pub(super) fn any(message: &Layout, dice: &mut Dice) -> Vec<u8> {
    let mut other = Dice(dice.roll());
    let mut length = |_, cap: usize| dice.below(4).min(cap);
    let mut choice = |of| other.below(of);
    let mut growth =
        Growth { bytes: Vec::new(), counts: 0, length: &mut length, choice: &mut choice };
    growth.grow(message);
    growth.bytes
}
