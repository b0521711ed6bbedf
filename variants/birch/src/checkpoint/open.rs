//! `checkpoint.open`: bytes to a state.

use prime::checkpoint::Contents;
use prime::execute;
use wire::prime::PoAru;
use wire::{Config, ReplicaId, Seq, codec};

/// `Ok` if `holds`, else the sentence.
fn require(holds: bool, sentence: &str) -> Result<(), String> {
    holds.then_some(()).ok_or_else(|| sentence.into())
}

/// The contents that `bytes` encode, all of them.
fn decoded(bytes: &[u8]) -> Result<Contents, String> {
    let contents: Contents =
        codec::decode(bytes).map_err(|error| format!("the bytes encode no state: {error}"))?;
    require(codec::encode(&contents) == bytes, "the bytes are not the encoding of their state")?;
    Ok(contents)
}

/// Whether `row` may stand at `place` of a matrix.
fn row_fits(config: &Config, place: usize, row: Option<&(ReplicaId, PoAru)>) -> bool {
    row.is_none_or(|(signer, aru)| {
        usize::from(signer.0) == place + 1 && aru.vec.len() == config.size()
    })
}

/// Decodes the state after `seq`.
pub fn open(config: &Config, seq: Seq, bytes: &[u8]) -> Result<(Contents, execute::State), String> {
    let contents = decoded(bytes)?;
    require(
        contents.cluster == config.cluster
            && contents.epoch == config.epoch
            && contents.membership == (config.n, config.f, config.k),
        "the state is of another cluster, epoch or membership",
    )?;
    require(
        contents.preceding.len() == config.size()
            && contents
                .preceding
                .iter()
                .enumerate()
                .all(|(place, row)| row_fits(config, place, row.as_ref())),
        "the preceding matrix has not the shape of one",
    )?;
    let tables = execute::restore_tables(config, &contents.tables)
        .map_err(|error| format!("the tables are none that execution can have: {error}"))?;
    require(
        tables.executed == seq && contents.seq == seq,
        "the state is not the one after that number",
    )?;
    Ok((contents, tables))
}
