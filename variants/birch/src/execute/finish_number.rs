//! Everything that a number made eligible was executed.

use prime::execute::State;
use std::iter::repeat;
use wire::Config;
use wire::PoSeq;
use wire::Seq;

/// 4.1, "Global Ordering Phase"
pub fn finish_number(state: &mut State, _config: &Config, seq: Seq, new: &[PoSeq]) {
    state.executed = state.executed.max(seq);
    state.prefix = joined(&state.prefix, new);
}

/// By originator, the further of both; as many as there are in `old`.
fn joined(old: &[PoSeq], new: &[PoSeq]) -> Vec<PoSeq> {
    old.iter()
        .zip(new.iter().chain(repeat(&PoSeq(0))))
        .map(|(&before, &after)| before.max(after))
        .collect()
}
