//! What a server remembers of its loss, and which words it lets through.

use crate::checkpoint::Journal;
use crate::rejoin::others::Others;
use crate::rejoin::{SETTLE, beyond};
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use wire::machine::Record;
use wire::prime::{
    Body, CatchUpRequest, InstallCertificate, LIFE, Matrix, PoAck, PoAcks, PoAruConflict, Prime,
    ReconRequest, ReplayCertificate, ReplayPrepare,
};
use wire::{Config, Digest, Effects, List, PoSeq, ReplicaId, Seq, Time, Verified, View};

/// The bits of the nonce that make a life.
const NONCE: u64 = (1 << 40) - 1;

/// What an amnesiac that takes part again may still not say.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Open {
    /// Below this view it does not vote.
    pub view: View,
    /// Nor in this view up to here: `windows.order` above what was executed when it opened.
    pub upto: Seq,
    /// By originator (shape `[n]`): up to here it acknowledges nothing.
    pub acks: Vec<PoSeq>,
}

/// A server's own memory of its loss.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Loss {
    /// What nobody could guess before the loss; 0 until it is known.
    nonce: u64,
    /// Its life, or, before it begins, the last one in the log: above [`LIFE`], even. 0 while a log is
    /// read that was begun without it.
    life: PoSeq,
    /// The largest entries of rows of one's own that others still hold. Shape `[n]`.
    floor: Vec<PoSeq>,
    /// Whether a row with the life was sent.
    announced: bool,
    /// When there is something to announce, or to say again.
    speak_at: Time,
    /// The view of the Pre-Prepare whose matrix had the life when it was executed, and up to where
    /// nothing may be acknowledged.
    witness: Option<(View, Vec<PoSeq>)>,
    /// Replay-Prepares for the installed view's Replay, by sender.
    prepares: BTreeMap<ReplicaId, Verified<ReplayPrepare>>,
    /// Once it takes part again.
    open: Option<Open>,
}

/// What concerns lost logs: one's own, and those of others.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    me: ReplicaId,
    loss: Option<Loss>,
    /// The votes behind the Replay certificate held, for others that lost it. At most n.
    votes: Vec<Verified<ReplayPrepare>>,
    others: Others,
    /// Numbers of originators that the log has: while it is read, up to where nothing may be
    /// acknowledged; once it says that this server is open, up to where contents were certified since.
    noted: BTreeMap<ReplicaId, PoSeq>,
}

impl State {
    /// Nothing was lost.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        let (votes, noted) = (Vec::new(), BTreeMap::new());
        Self { me, loss: None, votes, others: Others::new(config, me), noted }
    }

    /// The log is lost. Logged before anything else: a Catch-Up-Request that has executed nothing, which
    /// is promised at no other occasion, with the life that `nonce` gives in the place of what was
    /// ordered. One record, so that no log has one without the other; and no row, which the next one
    /// promised would replace in a log that begins anew, life or not.
    pub(crate) fn lose(
        &mut self,
        config: &Config,
        now: Time,
        nonce: u64,
        out: &mut Effects<Prime>,
    ) {
        let life = next_life(LIFE, nonce);
        out.persist(mark(View(0), Seq(life.0), Seq(0)));
        let mut loss = Loss::new(config, life);
        loss.begin(config, now, life);
        self.loss = Some(loss);
    }

    /// Takes one record of the log: see [`State::lose`] and [`State::try_open`].
    pub(crate) fn recover(&mut self, config: &Config, record: &Record<Prime>) {
        match record {
            Record::Promise(Body::CatchUpRequest(mark)) if mark.executed == Seq(0) => {
                let life = PoSeq(mark.ordered.0);
                self.loss.get_or_insert_with(|| Loss::new(config, life)).life = life;
            }
            Record::Promise(Body::ReconRequest(until)) => {
                self.noted.insert(until.originator, until.seq);
            }
            Record::Promise(Body::CatchUpRequest(mark)) => {
                let noted = std::mem::take(&mut self.noted);
                let until = |id| noted.get(&id).copied().unwrap_or_default();
                let acks = config.replicas().map(until).collect();
                let loss = self.loss.as_mut().expect("it opens after it lost");
                loss.open = Some(Open::new(config, (mark.installed, mark.executed), acks));
            }
            Record::Held(wire::prime::Incoming::ReplayPrepare(vote)) => {
                if let Some(loss) = &mut self.loss {
                    loss.prepares.insert(vote.signer(), vote.clone());
                }
            }
            Record::Promise(_) | Record::Held(_) => {}
        }
    }

    /// At the start; `sent` is the own entry of the last row promised, `log` what else the log has. What
    /// is not open yet needs another life: a witness of the last one may have been executed without being
    /// noticed.
    ///
    /// Once a loss was logged without its life, which only a row had: it may be gone. What begins then is
    /// a loss like any other, and logged as one, whose nonce is the digest of `log` and of the moment.
    /// Nobody can aim that at a life of before: he would have to know the log to the last record, and the
    /// microsecond of the start.
    pub(crate) fn resume(
        &mut self,
        config: &Config,
        now: Time,
        (sent, log): (PoSeq, &Journal),
        out: &mut Effects<Prime>,
    ) {
        let Some(loss) = self.loss.as_mut().filter(|loss| loss.open.is_none()) else { return };
        if loss.life <= LIFE {
            let [a, b, c, d, e, ..] = Digest::of_value("patchy prime life 1", &(now, log)).0;
            let nonce = u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]);
            loss.life = next_life(sent.max(LIFE), nonce);
            out.persist(mark(View(0), Seq(loss.life.0), Seq(0)));
        }
        // Rows that were promised before any life was announced have none.
        let last = sent.max(loss.life);
        loss.begin(config, now, last);
    }

    /// Whether the log was lost and this server is not open again.
    #[must_use]
    pub fn silent(&self) -> bool {
        self.loss.as_ref().is_some_and(|loss| loss.open.is_none())
    }

    /// What may still not be said, once the server is open again; `None` also if nothing was lost.
    #[must_use]
    pub fn open(&self) -> Option<&Open> {
        self.loss.as_ref()?.open.as_ref()
    }

    /// Whether this server still counts among those that recover, having installed and executed
    /// `reached`, and of each originator `prefix`. Up to f originators that keep silent are faulty, or
    /// need no acknowledgement.
    #[must_use]
    pub fn recovering(&self, config: &Config, reached: (View, Seq), prefix: &[PoSeq]) -> bool {
        let Some(open) = self.open() else { return self.silent() };
        let mute = reached.0 == open.view && reached.1 < open.upto;
        let others = open.acks.iter().zip(prefix).enumerate();
        let behind = others.filter(|(index, (until, at))| *index != self.me.index() && at < until);
        mute || behind.count() > usize::from(config.f)
    }

    /// How much of `promised`, the entry for `originator` in the last row of one's own in the log, says
    /// that what is held here was certified here, if `executed` is. Up to what was forgotten the row may
    /// repeat one of before: there it is true as far as was logged besides (see [`State::vouch`]).
    pub(crate) fn believed(
        &self,
        originator: ReplicaId,
        executed: PoSeq,
        promised: PoSeq,
    ) -> PoSeq {
        let Some(loss) = self.loss.as_ref().filter(|_| originator != self.me) else {
            return promised;
        };
        match &loss.open {
            None => PoSeq(0),
            Some(open) if executed >= open.acks[originator.index()] => promised,
            Some(_) => promised.min(self.noted(originator)),
        }
    }

    /// Once it is open: logs what is certified here, `aru`, until that is beyond what was forgotten.
    pub(crate) fn vouch(&mut self, config: &Config, aru: &[PoSeq], out: &mut Effects<Prime>) {
        let Some(open) = self.loss.as_ref().and_then(|loss| loss.open.as_ref()) else { return };
        let acks = open.acks.clone();
        let entries = config.replicas().zip(acks.iter().zip(aru));
        for (originator, (until, &seq)) in entries.filter(|(id, _)| *id != self.me) {
            let noted = self.noted(originator);
            if noted < *until && noted < seq {
                out.persist(Record::Promise(ReconRequest { originator, seq }.into()));
                self.noted.insert(originator, seq);
            }
        }
    }

    fn noted(&self, originator: ReplicaId) -> PoSeq {
        self.noted.get(&originator).copied().unwrap_or_default()
    }

    /// See [`Others::restored`].
    pub(crate) fn restored(&mut self, config: &Config, preceding: &Matrix, prefix: &[PoSeq]) {
        self.others.restored(config, preceding, prefix);
    }

    /// See [`Others::pardons`].
    pub(crate) fn pardons(&mut self, config: &Config, now: Time) -> Vec<ReplicaId> {
        self.others.pardons(config, now)
    }

    /// Whether `proof` holds a row of a life that is over against its signer.
    #[must_use]
    pub fn void(&self, proof: &PoAruConflict) -> bool {
        self.others.void(proof)
    }

    /// Rows of one's own that turn up.
    pub(crate) fn found(&mut self, row: &[PoSeq]) {
        let Some(loss) = &mut self.loss else { return };
        for (floor, entry) in loss.floor.iter_mut().zip(row) {
            *floor = (*floor).max(*entry);
        }
    }

    /// Rows of one's own that somebody holds against it.
    pub(crate) fn found_in(&mut self, me: ReplicaId, proof: &PoAruConflict) {
        for row in [&proof.first, &proof.second].into_iter().filter(|row| row.signer == me) {
            self.found(&row.body.vec);
        }
    }

    /// The row to announce, if it is time: at least `sent`, the last one, and all that were found, with
    /// the life of this server. `ordered` is the own entry in the last matrix executed.
    pub(crate) fn announce(
        &mut self,
        config: &Config,
        now: Time,
        (sent, ordered): (&[PoSeq], PoSeq),
    ) -> Option<Vec<PoSeq>> {
        let me = self.me.index();
        let loss = self.loss.as_mut().filter(|loss| loss.open.is_none())?;
        if loss.witness.is_some() || now < loss.speak_at {
            return None;
        }
        loss.speak_at = now.after(config.timing.retransmit);
        let taken = loss.floor[me].max(ordered);
        // A life that came with a checkpoint has no witness, and one of before is none.
        if (loss.announced && ordered >= loss.life) || (!loss.announced && taken >= loss.life) {
            loss.life = next_life(taken.max(loss.life), loss.nonce);
        }
        loss.announced = true;
        let row = sent.iter().zip(&loss.floor).map(|(sent, floor)| *sent.max(floor));
        let mut row: Vec<PoSeq> = row.collect();
        row[me] = loss.life;
        Some(row)
    }

    /// A number was executed by a Pre-Prepare of `view` with `matrix`, which left `prefix`.
    pub(crate) fn executed(
        &mut self,
        config: &Config,
        view: View,
        (preceding, matrix): (&Matrix, &Matrix),
        prefix: &[PoSeq],
    ) {
        let me = self.me;
        self.others.executed(config, (preceding, matrix), prefix);
        let Some(loss) = self.loss.as_mut().filter(|loss| loss.announced) else { return };
        if loss.witness.is_none() && matrix.acknowledged(me, me) == loss.life {
            let acks = prefix.iter().map(|upto| beyond(config, *upto)).collect();
            loss.witness = Some((view, acks));
        }
    }

    /// Takes a Replay-Prepare for the Replay of `install`, the installed view's, and gives back the
    /// Replay certificate once there are enough votes for it.
    pub(crate) fn collect(
        &mut self,
        config: &Config,
        install: &InstallCertificate,
        vote: Option<&Verified<ReplayPrepare>>,
    ) -> Option<ReplayCertificate> {
        let loss = self.loss.as_mut()?;
        if let Some(vote) = vote {
            loss.prepares.insert(vote.signer(), vote.clone());
        }
        let (view, leader) = (install.replay.body.constraint.view, install.replay.signer);
        let digest = wire::auth::Context::from(config).leaf(leader, &install.replay.body);
        loss.prepares.retain(|signer, vote| {
            *signer != leader && (vote.body().view, vote.body().digest) == (view, digest)
        });
        if loss.prepares.len() < config.votes_beside_proposer() {
            return None;
        }
        self.votes = std::mem::take(&mut loss.prepares).into_values().collect();
        let prepares = self.votes.iter().map(|vote| vote.signed().clone()).collect();
        let prepares = List::new(prepares).expect("at most one for each replica");
        Some(ReplayCertificate { replay: install.replay.clone(), prepares })
    }

    /// Keeps the votes behind the Replay certificate just made.
    pub(crate) fn keep(&mut self, votes: Vec<Verified<ReplayPrepare>>) {
        self.votes = votes;
    }

    /// The votes behind the Replay certificate of `view`, if it is the one held.
    pub(crate) fn votes(&self, view: View) -> &[Verified<ReplayPrepare>] {
        let right = self.votes.first().is_some_and(|vote| vote.body().view == view);
        if right { &self.votes } else { &[] }
    }

    /// Takes part again if it may: a witness was executed, by a Pre-Prepare of `view` or below, and
    /// what was executed reaches up to `executed`. `view` is installed, no other one is under way,
    /// and `certified` says that the Report of the next would name its Replay.
    pub(crate) fn try_open(
        &mut self,
        config: &Config,
        (view, executed): (View, Seq),
        certified: bool,
        effects: &mut Effects<Prime>,
    ) {
        let Some(loss) = self.loss.as_mut().filter(|loss| loss.open.is_none()) else { return };
        let Some((_, acks)) = loss.witness.as_ref().filter(|(seen, _)| *seen <= view && certified)
        else {
            return;
        };
        for (originator, seq) in config.replicas().zip(acks.iter().copied()) {
            effects.persist(Record::Promise(ReconRequest { originator, seq }.into()));
        }
        effects.persist(mark(view, executed, executed));
        loss.open = Some(Open::new(config, (view, executed), acks.clone()));
    }

    /// Whether one's own numbers, executed up to `executed`, should be passed over for the sake of
    /// one that does not acknowledge them yet; `announced` says that this was said already and is not
    /// ordered yet. Once in `timing.renewal` for each server, or a faulty one could have it done for
    /// nothing all the time.
    ///
    /// The new life is odd, so that it is no reason for others to begin one.
    pub(crate) fn renews(
        &mut self,
        config: &Config,
        now: Time,
        executed: PoSeq,
        announced: bool,
    ) -> bool {
        !self.silent() && self.others.renews(config, now, executed, announced)
    }

    /// When the timer is wanted.
    pub(crate) fn wake_at(&self, executed: PoSeq, announced: bool) -> Option<Time> {
        let waits = |loss: &&Loss| loss.open.is_none() && loss.witness.is_none();
        let announces = self.loss.as_ref().filter(waits).map(|loss| loss.speak_at);
        announces.or_else(|| self.others.renew_at(executed, announced))
    }

    /// Whether `body` may be sent. Of acknowledgements those that may not are taken out; of a
    /// Catch-Up-Request the installed view, as long as the certificate of `lacking` is wanted.
    pub(crate) fn may_say(&self, body: &mut Body, lacking: bool) -> bool {
        let Some(loss) = &self.loss else { return true };
        match (&loss.open, body) {
            (None, Body::CatchUpRequest(request)) => {
                if lacking {
                    request.installed = View(0);
                }
                true
            }
            // One of before the announcement may fall behind what was forgotten, also in the same step.
            (None, Body::PoAru(row)) => {
                let own = row.vec.get(self.me.index()).copied().unwrap_or_default();
                loss.announced && own >= loss.life
            }
            (None, Body::ProofMatrix(_)) => loss.announced,
            (None, body) => asks(body),
            (Some(open), Body::PoAcks(acks)) => open.filter(acks),
            (Some(open), body) => voted_in(body).is_none_or(|(view, seq)| {
                view > open.view || (view == open.view && seq > Some(open.upto))
            }),
        }
    }
}

impl Loss {
    fn new(config: &Config, life: PoSeq) -> Self {
        Self {
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
    fn begin(&mut self, config: &Config, now: Time, last: PoSeq) {
        assert!(last > LIFE, "the record of a loss has a life that nobody could guess");
        self.nonce = (last.0 - LIFE.0) / 2;
        self.life = next_life(last, 0);
        self.speak_at = now.after(SETTLE * config.timing.retransmit);
    }
}

impl Open {
    fn new(config: &Config, (view, executed): (View, Seq), acks: Vec<PoSeq>) -> Self {
        let upto = Seq(executed.0.saturating_add(config.windows.order));
        Self { view, upto, acks }
    }

    /// Leaves the acknowledgements that may be sent; says whether there are any.
    fn filter(&self, acks: &mut PoAcks) -> bool {
        let may =
            |ack: &&PoAck| self.acks.get(ack.originator.index()).is_some_and(|a| ack.seq > *a);
        let left = acks.acks.iter().filter(may).copied().collect();
        acks.acks = List::new(left).expect("no more than before");
        !acks.acks.is_empty()
    }
}

/// An even number above `sent`.
fn next_life(sent: PoSeq, nonce: u64) -> PoSeq {
    PoSeq((sent.0 & !1).saturating_add(2).saturating_add(2 * (nonce & NONCE)))
}

/// The record of a loss (nothing installed, nothing executed) or of being open again.
fn mark(view: View, ordered: Seq, executed: Seq) -> Record<Prime> {
    let installed = view;
    Record::Promise(CatchUpRequest { view, installed, ordered, executed }.into())
}

/// Whether `body` asks for something and says nothing.
fn asks(body: &Body) -> bool {
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
fn voted_in(body: &Body) -> Option<(View, Option<Seq>)> {
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
    use wire::Effect;
    use wire::prime::{PoAru, ProofMatrix};

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
