//! What the log holds, once more in memory.

use borsh::BorshSerialize;
use std::io::{Result, Write};
use wire::machine::{Protocol, Record};
use wire::prime::Prime;

/// The records of the log that no stable checkpoint covers yet, in the order written.
///
/// Kept so that the log can be begun anew with exactly what was promised, whoever promised it.
/// Messages share their bytes with the other components. What is kept grows with what is ordered and
/// with the views that are installed between two stable checkpoints; of view changes that lead nowhere
/// and of PO-ARUs only the last is kept for long (see [`log`](super::log)).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal(pub Vec<Record<Prime>>);

impl Eq for Journal {}

impl BorshSerialize for Journal {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        (self.0.len() as u64).serialize(writer)?;
        self.0.iter().try_for_each(|record| match record {
            Record::Promise(body) => (0u8, body).serialize(writer),
            Record::Held(message) => (1u8, Prime::digest(message)).serialize(writer),
        })
    }
}
