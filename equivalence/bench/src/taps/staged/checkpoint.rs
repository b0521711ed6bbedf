//! Checkpoints on which votes are missing or are others, and states that are fetched.

use super::Stage;
use prime::checkpoint::{Effects, MAX_CHUNKS, MAX_VOTES, State, Transfer, is_due};
use wire::prime::{Checkpoint, CheckpointProof, StateChunk, StateId, StateRequest};
use wire::{Digest, List, Seq, Time, Verified};

/// The same server, if nobody else had said anything about its checkpoints.
pub(in crate::taps) fn unsettled(state: &State) -> State {
    let mut state = state.clone();
    (state.stable, state.offered, state.floor, state.logged) = (Seq(0), Seq(0), Seq(0), Seq(0));
    (state.asked_at, state.due) = (None, false);
    state.votes.iter_mut().for_each(std::collections::BTreeMap::clear);
    state.marks.values_mut().for_each(|mark| mark.proof = None);
    state
}

/// A checkpoint is not stable, and it is time to say it again, or a moment too early.
pub(super) fn make_checkpoint(stage: &mut Stage<'_>) {
    let (state, (now,)) = stage.call::<State, (Time,)>();
    let mut state = unsettled(state);
    for at in [now.0, now.0.saturating_add(1), now.0.saturating_sub(1)] {
        state.retransmit_at = Time(at);
        stage.put("checkpoint.make_checkpoint", state.clone(), (*now,));
    }
}

/// While a state is fetched: more is asked for at once, once requests lapsed, and no more if execution
/// came there first. And the same chunk comes again.
pub(super) fn on_state_chunk(stage: &mut Stage<'_>) {
    let (state, args) = stage.call::<State, (Time, Verified<StateChunk>)>();
    let Some(transfer) = &state.transfer else { return };
    let (now, fetched) = (args.0, transfer.state().seq);
    let before = Seq(fetched.0.saturating_sub(1));
    let later = now.after(stage.hand.config.timing.retransmit);
    for (at, executed) in [(now, before), (later, before), (now, fetched)] {
        stage.put("checkpoint.make_state_requests", state.clone(), (at, executed));
    }
    let mut begun = state.clone();
    if let Some(transfer) = &mut begun.transfer {
        transfer.asked.clear();
        transfer.again.clear();
        (transfer.next, transfer.chunks) = (0, prime::checkpoint::Chunks::default());
    }
    stage.put("checkpoint.make_state_requests", begun, (now, before));
    let mut held = state.clone();
    let effects = &mut Effects::default();
    prime::checkpoint::on_state_chunk(&mut held, stage.hand.config, now, &args.1, effects);
    stage.put("checkpoint.on_state_chunk", held, args.clone());
}

/// Proof of a state while another is fetched, which gets on, or does not any more.
pub(super) fn on_checkpoint_proof(stage: &mut Stage<'_>) {
    let (state, args) = stage.call::<State, (Time, Seq, Verified<CheckpointProof>)>();
    let (now, _, message) = args;
    let Some(vote) = message.body().checkpoints.first() else { return };
    let (config, shown, preceding) =
        (stage.hand.config, vote.body.state, &message.body().preceding);
    if !is_due(config, shown.seq) || preceding.rows.len() != config.size() {
        return;
    }
    let vote = Checkpoint { state: another(shown) };
    let votes = config.replicas().take(config.one_correct());
    let votes: Vec<_> =
        votes.map(|id| stage.hand.sign(id, vote.clone()).signed().clone()).collect();
    let checkpoints = List::take(&mut votes.into_iter());
    let fetched = CheckpointProof { checkpoints, preceding: preceding.clone() };
    let mut before = unsettled(state);
    before.marks.retain(|seq, _| *seq < shown.seq);
    let executed = Seq(shown.seq.0.saturating_sub(1));
    let patience = 4 * config.timing.retransmit;
    for ago in [0, patience.saturating_sub(1), patience] {
        let mut state = before.clone();
        let begun = Time(now.0.saturating_sub(ago));
        state.transfer = Some(Transfer::new(fetched.clone(), begun));
        stage.put("checkpoint.on_checkpoint_proof", state, (*now, executed, message.clone()));
    }
}

/// Another state that could have come of the same number.
pub(in crate::taps) fn another(state: StateId) -> StateId {
    StateId { root: Digest::of("bench", &state.seq.0.to_le_bytes()), ..state }
}

/// Asks for a chunk that is here, by one who got as many as it may.
pub(super) fn on_state_request(stage: &mut Stage<'_>) {
    let (state, args) = stage.call::<State, (Time, Verified<StateRequest>)>();
    let now = args.0;
    let Some(mark) = state.marks.values().find(|mark| mark.snapshot.is_some()) else { return };
    let asker = stage.another(state.me);
    let wanted = stage.hand.sign(asker, StateRequest { state: mark.state, index: 0 });
    for counted in stage.counted(now, MAX_CHUNKS) {
        let mut state = state.clone();
        state.given[asker.index()] = counted;
        stage.put("checkpoint.on_state_request", state, (now, wanted.clone()));
    }
}

/// Q servers agree on another state than this server's, or all but one of them do.
pub(super) fn settle(stage: &mut Stage<'_>) {
    let (state, (now,)) = stage.call::<State, (Time,)>();
    let open = state.marks.keys().any(|seq| *seq > state.stable);
    let state = if open { state.clone() } else { unsettled(state) };
    let Some(mark) = state.marks.range(state.stable.next()..).next_back() else { return };
    let own = mark.1.state;
    let quorum = stage.hand.config.quorum();
    for name in [another(own), own] {
        for voters in [quorum - 1, quorum] {
            let mut state = state.clone();
            for id in stage.hand.config.replicas().take(voters) {
                let vote = stage.hand.sign(id, Checkpoint { state: name });
                let votes = &mut state.votes[id.index()];
                votes.insert(own.seq, vote);
                while votes.len() > MAX_VOTES {
                    votes.pop_first();
                }
            }
            stage.put("checkpoint.settle", state, (*now,));
        }
    }
}
