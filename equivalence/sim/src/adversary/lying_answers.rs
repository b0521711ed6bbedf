//! *Lying answers*: every client is told the same wrong thing.
//!
//! Aimed at clients that believe one server. Against it stands that a client takes f+1 equal
//! replies (report, section 4.1), of which one is a correct server's.

use super::{Adversary, Turn};
use wire::client::Outcome;
use wire::prime::Prime;
use wire::{Blob, Reply};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct LyingAnswers;

impl Adversary<Prime> for LyingAnswers {
    fn answers(&mut self, turn: &mut Turn<'_, Prime>, reply: Reply) {
        let lie = Blob::new(b"a lie".to_vec()).expect("five bytes");
        turn.answer(Reply { result: Outcome::Done(lie), ..reply });
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(*self)
    }
}
