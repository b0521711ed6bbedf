//! What `checkpoint.open` must answer.

use crate::execute::{encoding, restore_tables};
use crate::{Finding, answer};
use prime::checkpoint::Contents;
use prime::execute::State;
use wire::{Config, ReplicaId, Seq, codec};

/// The state that the bytes encode, if it is this cluster's after `seq`.
///
/// # Errors
/// The first way in which the answer is not what the contract calls for.
pub fn check(
    config: &Config,
    seq: Seq,
    bytes: &[u8],
    got: &Result<(Contents, State), String>,
) -> Result<(), Finding> {
    let refused = |sentence: &str| {
        answer(
            &format!("checkpoint.open: {sentence}"),
            &"an error",
            &match got {
                Ok(_) => "a state",
                Err(_) => "an error",
            },
        )
    };
    let contents = codec::decode::<Contents>(bytes).ok();
    let Some(contents) = contents.filter(|contents| codec::encode(contents) == bytes) else {
        return refused("the bytes are the canonical encoding of one `Contents`");
    };
    let membership = (config.n, config.f, config.k);
    let ours = (contents.cluster, contents.epoch, contents.membership);
    if ours != (config.cluster, config.epoch, membership) {
        return refused("cluster, epoch and membership are those of `config`");
    }
    if !rows_fit(config, &contents) {
        return refused("`preceding` has N rows, row i null or of server i with N entries");
    }
    // Whether execution can be in that state is for the oracle of `restore_tables` to say.
    let tables = &contents.tables;
    match got {
        Ok((opened, state)) => {
            restore_tables::check(config, tables, &Ok(state.clone()))?;
            if (contents.seq, state.executed) != (seq, seq) {
                return refused("tables and state are those of `seq`");
            }
            answer("checkpoint.open: the contents that the bytes encode", &&contents, &opened)
        }
        Err(_) => {
            let executed = encoding::decode(tables).map(|state| state.executed);
            if (contents.seq, executed) != (seq, Some(seq)) {
                return Ok(());
            }
            restore_tables::check(config, tables, &Err(String::new()))
        }
    }
}

fn rows_fit(config: &Config, contents: &Contents) -> bool {
    let fits = |(index, row): (usize, &Option<(ReplicaId, wire::prime::PoAru)>)| {
        row.as_ref().is_none_or(|(signer, aru)| {
            *signer == ReplicaId::from_index(index) && aru.vec.len() == config.size()
        })
    };
    contents.preceding.len() == config.size() && contents.preceding.iter().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::execute::encoding::encode;
    use crate::execute::kit::{config, state, trips};
    use crate::pre_order::kit::aru_body;
    use prime::checkpoint::Contents;
    use prime::execute::State;
    use wire::{Digest, PoSeq, ReplicaId, Seq, codec};

    fn contents() -> Contents {
        Contents {
            cluster: config().cluster,
            epoch: config().epoch,
            membership: (4, 1, 0),
            seq: state().executed,
            preceding: vec![None, Some((ReplicaId(2), aru_body(&[4, 2, 0, 0]))), None, None],
            tables: encode(&state()),
            service: b"any".to_vec(),
        }
    }

    fn err() -> Result<(Contents, State), String> {
        Err(String::from("no"))
    }

    #[test]
    fn a_state_comes_back_as_it_was() {
        let (config, bytes) = (config(), codec::encode(&contents()));
        let run = |got: &_| check(&config, state().executed, &bytes, got);
        assert_eq!(run(&Ok((contents(), state()))), Ok(()));
        trips(run(&err()), "restore_tables");
        let service = b"other".to_vec();
        trips(run(&Ok((Contents { service, ..contents() }, state()))), "contents");
        let prefix = vec![PoSeq(9); 4];
        trips(run(&Ok((contents(), State { prefix, ..state() }))), "restore_tables");
        for bytes in [&bytes[1..], &bytes[..bytes.len() - 1], &[&bytes[..], &[0]].concat(), &[]] {
            let run = |got: &_| check(&config, state().executed, bytes, got);
            assert_eq!(run(&err()), Ok(()));
            trips(run(&Ok((contents(), state()))), "canonical");
        }
    }

    #[test]
    fn another_clusters_another_numbers_and_misshapen_states_are_refused() {
        let config = config();
        let refused = |change: fn(&mut Contents), sentence: &str| {
            let mut wrong = contents();
            change(&mut wrong);
            let bytes = codec::encode(&wrong);
            assert_eq!(check(&config, Seq(5), &bytes, &err()), Ok(()));
            trips(check(&config, Seq(5), &bytes, &Ok((wrong, state()))), sentence);
        };
        refused(|c| c.cluster = Digest([1; 32]), "cluster");
        refused(|c| c.epoch += 1, "epoch");
        refused(|c| c.membership.2 = 1, "membership");
        refused(|c| drop(c.preceding.pop()), "N rows");
        refused(|c| c.preceding.swap(1, 2), "row i");
        refused(|c| c.preceding[1] = Some((ReplicaId(2), aru_body(&[4, 2, 0]))), "N entries");
        refused(|c| c.seq = Seq(6), "those of `seq`");
        refused(|c| c.tables[0] = 3, "restore_tables");
        let bytes = codec::encode(&contents());
        assert_eq!(check(&config, Seq(6), &bytes, &err()), Ok(()));
        trips(check(&config, Seq(6), &bytes, &Ok((contents(), state()))), "those of `seq`");
    }
}
