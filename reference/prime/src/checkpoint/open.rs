//! A state is looked at before it is believed.

use crate::checkpoint::Contents;
use crate::execute::{self, restore_tables};
use slots::slot;
use wire::{Config, Seq, codec};

/// Decodes the state after `seq`, whose encoding is `bytes`, and what execution remembers in it.
///
/// # Errors
/// A sentence that says which of these failed, the first in this order; the wording is free:
/// - the bytes are the encoding (`wire::codec`) of one [`Contents`], nothing left over, and encoding it
///   again gives the same bytes;
/// - cluster, epoch and membership are those of `config`;
/// - `preceding` has N rows; row i is null or of server i with N entries;
/// - `tables` are such that `execute::restore_tables` takes them, and `executed` of what they are and
///   the `seq` of the [`Contents`] are `seq`.
///
/// Whether the service takes its part is for the caller to see.
/// Paper: none. Deviation: none.
///
/// Invariant: equal bytes give equal answers everywhere; bytes that anybody made up are an error
/// and never a panic.
/// Invariant: the contents that it returns, encoded, are `bytes` again.
#[slot(checkpoint.open)]
pub fn open(config: &Config, seq: Seq, bytes: &[u8]) -> Result<(Contents, execute::State), String> {
    let contents: Contents = codec::decode(bytes).map_err(|error| error.to_string())?;
    if codec::encode(&contents) != bytes {
        return Err("the encoding of the state is not canonical".to_owned());
    }
    let here = (config.cluster, config.epoch, (config.n, config.f, config.k));
    if (contents.cluster, contents.epoch, contents.membership) != here {
        return Err("the state is that of another cluster or membership".to_owned());
    }
    let rows = config.replicas().zip(&contents.preceding);
    let fits = |(id, row): (wire::ReplicaId, &Option<(wire::ReplicaId, wire::prime::PoAru)>)| {
        row.as_ref().is_none_or(|(signer, aru)| *signer == id && aru.vec.len() == config.size())
    };
    if contents.preceding.len() != config.size() || !rows.into_iter().all(fits) {
        return Err("the preceding matrix has not one row for each replica".to_owned());
    }
    let tables = restore_tables(config, &contents.tables)?;
    if contents.seq != seq || tables.executed != seq {
        return Err(format!("the state is that after {}, not {seq}", tables.executed));
    }
    Ok((contents, tables))
}
