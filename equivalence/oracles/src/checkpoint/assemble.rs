//! What `checkpoint.assemble` must answer.

use super::definitions::{chunks, named};
use crate::Finding;
use prime::checkpoint::Transfer;

/// The chunks in order, if they are all here and as long as the state's name says.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(transfer: &Transfer, got: &Option<Vec<u8>>) -> Result<(), Finding> {
    let held = &transfer.chunks.0;
    let expected = named(&transfer.proof).and_then(|state| {
        // From chunk 0 on, up to the first that is missing.
        let bytes: Vec<&[u8]> =
            (0..).map_while(|index| held.get(&index)).map(|chunk| &chunk[..]).collect();
        let count = usize::try_from(chunks(&state)).ok()?;
        let whole = bytes.get(..count)?.concat();
        (u64::try_from(whole.len()) == Ok(state.length)).then_some(whole)
    });
    if expected == *got {
        return Ok(());
    }
    let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(Vec::len);
    Err(Finding {
        rule: String::from("checkpoint.assemble: all chunks in order, once every one is here"),
        expected: format!("{:?} bytes", length(&expected)),
        got: format!("{:?} bytes, or others", length(got)),
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::checkpoint::kit::{BYTES, bytes, here, transfer, trips};

    #[test]
    fn only_a_whole_state_is_handed_on() {
        let (whole, mut held) = (bytes(1), transfer(1));
        assert_eq!(whole.len(), BYTES);
        let right = Some(whole.clone());
        held.chunks = here(1, &[0, 1, 2]);
        assert_eq!(check(&held, &right), Ok(()));
        trips(check(&held, &None), "all chunks");
        trips(check(&held, &Some(whole[1..].to_vec())), "all chunks");
        for some in [&[0, 1][..], &[0, 2], &[1, 2], &[]] {
            held.chunks = here(1, some);
            assert_eq!(check(&held, &None), Ok(()));
            trips(check(&held, &right), "all chunks");
        }
        // All there, but shorter than the name says.
        held.chunks = here(1, &[0, 1, 2]);
        held.chunks.0.entry(2).or_default().pop();
        assert_eq!(check(&held, &None), Ok(()));
        trips(check(&held, &Some(whole[..BYTES - 1].to_vec())), "all chunks");
    }
}
