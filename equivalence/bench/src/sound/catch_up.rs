//! States of catch-up.

use super::{ascending, square};
use prime::catch_up::{ANSWERS, Answered, State};
use wire::Config;

/// Whether catch-up may meet `state`.
pub(crate) fn catch_up(config: &Config, _before: &State, state: &State) -> bool {
    let archive = state.archive.iter().all(|(seq, certificate)| {
        let proposal = &certificate.pre_prepare;
        let body = proposal.body();
        let votes = certificate.commits.iter();
        body.seq == *seq
            && seq.0 > 0
            && proposal.signer() == config.leader_of(body.view)
            && square(config, &body.matrix)
            && ascending(config, config.quorum(), votes.clone().map(|vote| vote.signer()))
            && votes.clone().all(|vote| {
                let vote = vote.body();
                (vote.view, vote.seq, vote.digest) == (body.view, *seq, proposal.digest())
            })
    });
    let answered = |answered: &Answered| {
        answered.count <= ANSWERS && (answered.count > 0 || answered.upto.0 == 0)
    };
    config.is_replica(state.me)
        && archive
        && state.answered.len() == config.size()
        && state.answered.iter().all(answered)
}
