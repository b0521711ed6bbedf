//! How a loss begins, and which words it lets through.

use crate::rejoin::{Loss, Open, SETTLE, State};
use std::collections::BTreeMap;
use wire::machine::Record;
use wire::prime::{Body, CatchUpRequest, LIFE, PoAck, PoAcks, Prime};
use wire::{Config, List, PoSeq, ReplicaId, Seq, Time, View};

/// The bits of the nonce that make a life.
const NONCE: u64 = (1 << 40) - 1;

/// The log is lost, and `life` begins, or is the last one that it had.
pub(super) fn lost(config: &Config, life: PoSeq) -> Loss {
    Loss {
        nonce: 0,
        life,
        floor: vec![PoSeq(0); config.size()],
        announced: false,
        speak_at: Time(0),
        witness: None,
        prepares: BTreeMap::new(),
        open: None,
    }
}

/// Begins a life after `last`, the last one in the log.
pub(super) fn begin_life(loss: &mut Loss, config: &Config, now: Time, last: PoSeq) {
    assert!(last > LIFE, "the record of a loss has a life that nobody could guess");
    loss.nonce = (last.0 - LIFE.0) / 2;
    loss.life = next_life(last, 0);
    loss.speak_at = now.after(SETTLE * config.timing.retransmit);
}

/// Takes part again, with `executed` executed in `view`.
pub(super) fn opened(config: &Config, (view, executed): (View, Seq), acks: Vec<PoSeq>) -> Open {
    let upto = Seq(executed.0.saturating_add(config.windows.order));
    Open { view, upto, acks }
}

/// Leaves the acknowledgements that may be sent; says whether there are any.
pub(super) fn filter(open: &Open, acks: &mut PoAcks) -> bool {
    let may = |ack: &&PoAck| open.acks.get(ack.originator.index()).is_some_and(|a| ack.seq > *a);
    let left = acks.acks.iter().filter(may).copied().collect();
    acks.acks = List::new(left).expect("no more than before");
    !acks.acks.is_empty()
}

/// An even number above `sent`.
pub(super) fn next_life(sent: PoSeq, nonce: u64) -> PoSeq {
    PoSeq((sent.0 & !1).saturating_add(2).saturating_add(2 * (nonce & NONCE)))
}

/// What is noted of an originator, 0 if nothing is.
pub(super) fn noted(state: &State, originator: ReplicaId) -> PoSeq {
    state.noted.get(&originator).copied().unwrap_or_default()
}

/// The record of a loss (nothing installed, nothing executed) or of being open again.
pub(super) fn mark(view: View, ordered: Seq, executed: Seq) -> Record<Prime> {
    let installed = view;
    Record::Promise(CatchUpRequest { view, installed, ordered, executed }.into())
}

/// Whether `body` asks for something and says nothing.
pub(super) fn asks(body: &Body) -> bool {
    matches!(
        body,
        Body::StateRequest(_)
            | Body::ReconRequest(_)
            | Body::ResolutionRequest(_)
            | Body::ProposalRequest(_)
    )
}

/// In which view `body` is a vote or a proposal, and on which number, if it is one.
#[expect(clippy::wildcard_enum_match_arm, reason = "everything else binds in no view")]
pub(super) fn voted_in(body: &Body) -> Option<(View, Option<Seq>)> {
    Some(match body {
        Body::PrePrepare(m) => (m.view, Some(m.seq)),
        Body::Prepare(m) => (m.view, Some(m.seq)),
        Body::Commit(m) => (m.view, Some(m.seq)),
        Body::RbInit(m) => (m.view, None),
        Body::RbEcho(m) => (m.view, None),
        Body::RbReady(m) => (m.view, None),
        Body::VcList(m) => (m.view, None),
        Body::VcPartialSig(m) => (m.constraint.view, None),
        Body::Replay(m) => (m.constraint.view, None),
        Body::ReplayPrepare(m) => (m.view, None),
        Body::ReplayCommit(m) => (m.view, None),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Journal;
    use wire::prime::{Matrix, PoAru, ProofMatrix};
    use wire::{Digest, Effect, Effects};

    /// While it is silent a server promises rows that it does not send, and of the rows in a log that
    /// begins anew only the last is left: none of them has a life yet.
    #[test]
    fn a_life_outlasts_the_rows_that_are_logged_before_it_is_announced() {
        let (config, me) = (Config::new(Digest::default(), 4, 1, 0), ReplicaId(2));
        let mut logged = Effects::default();
        State::new(&config, me).lose(&config, Time(0), 7, &mut logged);
        let mut logged = logged.drain().into_iter();
        let Some(Effect::Persist { record, .. }) = logged.next() else { panic!("logs its loss") };
        assert_eq!(logged.next(), None);

        let row = [PoSeq(80), PoSeq(76), PoSeq(118), PoSeq(0)];
        let mut state = State::new(&config, me);
        state.recover(&config, &record);
        let log = Journal(vec![record]);
        state.resume(&config, Time(0), (row[me.index()], &log), &mut Effects::default());
        let now = Time(0).after(SETTLE * config.timing.retransmit);
        let announced = state.announce(&config, now, (&row, PoSeq(0))).unwrap();
        let life = announced[me.index()];
        assert!(life > next_life(LIFE, 7) && life.0.is_multiple_of(2), "{life:?}");
        let vec = List::new(row.to_vec()).unwrap();
        assert!(!state.may_say(&mut PoAru { vec }.into(), false));
    }

    /// A log of which a row had the life, and has it no more. Each start goes on with what it found, and the
    /// first one writes down what the next go on from.
    #[test]
    fn a_loss_without_its_life_begins_one_that_nobody_could_guess() {
        let (config, me) = (Config::new(Digest::default(), 4, 1, 0), ReplicaId(2));
        let start = |log: &mut Journal, now| {
            let (mut state, mut out) = (State::new(&config, me), Effects::default());
            log.0.iter().for_each(|record| state.recover(&config, record));
            state.resume(&config, Time(now), (PoSeq(0), log), &mut out);
            let logged: Vec<_> = out.drain().into_iter().collect();
            for effect in &logged {
                let Effect::Persist { record, .. } = effect else { panic!("{effect:?}") };
                log.0.push(record.clone());
            }
            assert!(state.silent());
            let loss = state.loss.unwrap();
            assert!(loss.life > LIFE && loss.life.0.is_multiple_of(2) && loss.nonce > 0);
            (loss.life, logged.len())
        };
        let old = || Journal(vec![mark(View(0), Seq(0), Seq(0))]);
        let mut log = old();
        let (first, logged) = start(&mut log, 5);
        assert_eq!(logged, 1);
        assert_eq!(log.0[1], mark(View(0), Seq(first.0 - 2), Seq(0)));
        // Like every life that was logged and not announced.
        assert_eq!(start(&mut log, 9), (first, 0));
        // The same log at another time, or another one at the same.
        let mut other = old();
        other.0.push(Record::Promise(PoAru { vec: List::empty() }.into()));
        let lives = [start(&mut old(), 6).0, start(&mut other, 5).0];
        assert!(lives[0] != lives[1] && !lives.contains(&first), "{lives:?} {first:?}");
    }

    /// Rows are said again in the very step that announces a life, and then the last one of before.
    #[test]
    fn a_row_without_its_life_is_not_said_though_the_life_is_announced() {
        let (config, me) = (Config::new(Digest::default(), 4, 1, 0), ReplicaId(2));
        let mut state = State::new(&config, me);
        state.lose(&config, Time(0), 7, &mut Effects::default());
        let row = |own| [PoSeq(3), own, PoSeq(4), PoSeq(0)];
        let said = |state: &State, own| {
            let vec = List::new(row(own).to_vec()).unwrap();
            state.may_say(&mut PoAru { vec }.into(), false)
        };
        let mut asked: Body = ProofMatrix { matrix: Matrix { rows: List::empty() } }.into();
        assert!(!said(&state, PoSeq(5)) && !state.may_say(&mut asked, false));
        let now = Time(0).after(SETTLE * config.timing.retransmit);
        let told = (&row(PoSeq(5))[..], PoSeq(0));
        let announced = state.announce(&config, now, told).unwrap();
        let life = announced[me.index()];
        assert!(life > LIFE && said(&state, life) && state.may_say(&mut asked, false));
        assert!(!said(&state, PoSeq(5)) && !said(&state, PoSeq(life.0 - 1)));
    }
}
