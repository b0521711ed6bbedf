//! Text that fits on a screen, whatever is in it.

use std::fmt::{Debug, Error, Result, Write};

/// Takes what fits and refuses the rest, so that nothing large is ever written out.
struct Clip {
    text: String,
    room: usize,
}

impl Write for Clip {
    fn write_str(&mut self, piece: &str) -> Result {
        let mut end = piece.len().min(self.room);
        while !piece.is_char_boundary(end) {
            end -= 1;
        }
        self.text.push_str(&piece[..end]);
        self.room -= end;
        if end < piece.len() { Err(Error) } else { Ok(()) }
    }
}

/// The first `room` bytes of what `value` looks like.
pub(crate) fn clipped(value: &dyn Debug, room: usize) -> String {
    let mut clip = Clip { text: String::new(), room };
    if write!(clip, "{value:?}").is_err() {
        clip.text.push_str(" ...");
    }
    clip.text
}

/// The first `room` bytes of `text`.
pub(crate) fn clip(text: &str, room: usize) -> String {
    let mut clip = Clip { text: String::new(), room };
    if clip.write_str(text).is_err() {
        clip.text.push_str(" ...");
    }
    clip.text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_at_a_letter() {
        assert_eq!(clip("short", 9), "short");
        assert_eq!(clip("naïve", 3), "na ...");
        assert_eq!(clipped(&vec![0u8; 1 << 20], 7), "[0, 0,  ...");
    }
}
