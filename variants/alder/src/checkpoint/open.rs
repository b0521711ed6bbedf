//! A state is decoded.

use prime::checkpoint::Contents;
use prime::execute;
use wire::codec::{decode, encode};
use wire::prime::PoAru;
use wire::{Config, ReplicaId, Seq};

/// What is wrong with the rows of the preceding matrix, if something is.
fn misshapen(config: &Config, rows: &[Option<(ReplicaId, PoAru)>]) -> Option<String> {
    let n = config.size();
    if rows.len() != n {
        return Some(format!("{} rows of {n} in the preceding matrix", rows.len()));
    }
    let mut place = 0usize;
    for row in rows {
        place += 1;
        if let Some((signer, aru)) = row {
            if usize::from(signer.0) != place {
                return Some(format!("row {place} of the preceding matrix is of {signer}"));
            }
            if aru.vec.len() != n {
                return Some(format!("row {place} of the preceding matrix has not {n} entries"));
            }
        }
    }
    None
}

/// Decodes the state after `seq`, and what execution remembers in it.
pub fn open(config: &Config, seq: Seq, bytes: &[u8]) -> Result<(Contents, execute::State), String> {
    let contents: Contents = match decode(bytes) {
        Ok(contents) => contents,
        Err(malformed) => return Err(format!("no state: {malformed}")),
    };
    if encode(&contents) != bytes {
        return Err("not the encoding of the state that it encodes".to_string());
    }
    if contents.cluster != config.cluster {
        return Err("a state of another cluster".to_string());
    }
    if contents.epoch != config.epoch {
        return Err(format!("a state of epoch {}", contents.epoch));
    }
    if contents.membership != (config.n, config.f, config.k) {
        return Err("a state of another membership".to_string());
    }
    if let Some(what) = misshapen(config, &contents.preceding) {
        return Err(what);
    }
    let tables = match execute::restore_tables(config, &contents.tables) {
        Ok(tables) => tables,
        Err(what) => return Err(what),
    };
    if tables.executed != seq || contents.seq != seq {
        return Err(format!("a state after {} with tables after {}", contents.seq, tables.executed));
    }
    Ok((contents, tables))
}
