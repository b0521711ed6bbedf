//! Decodes a state.

use prime::checkpoint::Contents;
use prime::execute::{self, restore_tables};
use wire::codec::decode;
use wire::{Config, Seq};

/// The contents that `bytes` encode, and what execution remembers in them.
pub fn open(config: &Config, seq: Seq, bytes: &[u8]) -> Result<(Contents, execute::State), String> {
    let contents: Contents = decode(bytes).map_err(|error| error.to_string())?;
    let doubts: [(bool, &str); 5] = [
        (contents.cluster != config.cluster, "a state of another cluster"),
        (contents.epoch != config.epoch, "a state of another epoch"),
        (contents.membership != (config.n, config.f, config.k), "a state of other servers"),
        (contents.seq != seq, "a state after another number"),
        (!shaped(config, &contents), "a preceding matrix of the wrong shape"),
    ];
    if let Some((_, doubt)) = doubts.iter().find(|doubt| doubt.0) {
        return Err((*doubt).to_string());
    }
    let tables = restore_tables(config, &contents.tables)?;
    if tables.executed != seq {
        return Err("tables after another number".to_string());
    }
    Ok((contents, tables))
}

/// Whether there are N rows, each null or with N entries and signed by its server.
fn shaped(config: &Config, contents: &Contents) -> bool {
    contents.preceding.len() == config.size()
        && contents.preceding.iter().zip(config.replicas()).all(|(row, server)| {
            row.as_ref().is_none_or(|(signer, po_aru)| {
                *signer == server && po_aru.vec.len() == config.size()
            })
        })
}
