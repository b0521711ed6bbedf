//! What `execute.snapshot` must answer.

use super::encoding::encode;
use crate::Finding;
use prime::execute::State;

/// The whole state has one encoding.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(state: &State, got: &[u8]) -> Result<(), Finding> {
    let rule = "execute.snapshot: prefix, executed, index, and each client's low, replies and held";
    crate::answer(rule, &&encode(state)[..], &got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::execute::encoding::encode;
    use crate::execute::kit::{state, trips};
    use prime::execute::{ClientTable, State};
    use wire::client::Outcome;
    use wire::{Blob, ClientId, ClientSeq, PoSeq, Seq, Update};

    #[test]
    fn every_field_stands_in_its_place() {
        let payload = |bytes: &[u8]| Blob::new(bytes.to_vec()).unwrap();
        let done = Outcome::Done(payload(b"ab"));
        let held = Update { seq: ClientSeq(5), payload: payload(b"c") };
        let table = ClientTable {
            low: ClientSeq(3),
            replies: [(ClientSeq(2), done), (ClientSeq(3), Outcome::Forgotten)].into(),
            held: [(ClientSeq(5), held)].into(),
        };
        let state = State {
            prefix: vec![PoSeq(9)],
            executed: Seq(8),
            index: 3,
            clients: [(ClientId(6), table)].into(),
        };
        let word = |n: u8| [n, 0, 0, 0];
        let long = |n: u8| [n, 0, 0, 0, 0, 0, 0, 0];
        let parts: [&[u8]; 19] = [
            &word(1),
            &long(9),
            &long(8),
            &long(3),
            &word(1),
            &word(6),
            &long(3),
            &word(2),
            &long(2),
            &[0],
            &word(2),
            b"ab",
            &long(3),
            &[2],
            &word(1),
            &long(5),
            &long(5),
            &word(1),
            b"c",
        ];
        let right = parts.concat();
        assert_eq!(check(&state, &right), Ok(()));
        trips(check(&state, &parts[1..].concat()), "execute.snapshot");
        let mut wrong = right;
        wrong[4] = 8;
        trips(check(&state, &wrong), "execute.snapshot");
    }

    #[test]
    fn nothing_is_left_out() {
        let state = state();
        let bytes = encode(&state);
        assert_eq!(check(&state, &bytes), Ok(()));
        trips(check(&state, &bytes[..bytes.len() - 1]), "execute.snapshot");
    }
}
