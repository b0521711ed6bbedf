//! What the rest of the crate uses of lost logs.
//!
//! They are told what the log had, what was executed and which rows turn up, and say what is to be
//! announced, what may be said, and against whom nothing is held any more. There are no slots for single
//! functions: whether the rule holds is a matter of all of them together.

use super::loss::{asks, begin_life, filter, lost, mark, next_life, noted, opened, voted_in};
use super::others;
use super::{Loss, Open, Own, State, beyond, born};
use crate::checkpoint::Journal;
use std::collections::BTreeMap;
use wire::machine::Record;
use wire::prime::{
    Body, InstallCertificate, LIFE, Matrix, PoAruConflict, Prime, ReconRequest, ReplayCertificate,
    ReplayPrepare,
};
use wire::{Config, Digest, Effects, List, PoSeq, ReplicaId, Seq, Time, Verified, View};

impl State {
    /// Nothing was lost: no `loss`, no `votes`, nothing `noted`, and of N `others` no life; all
    /// times are 0.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        let (votes, noted) = (Vec::new(), BTreeMap::new());
        Self { me, loss: None, votes, others: others::nothing(config, me), noted }
    }

    /// The abstract state.
    #[must_use]
    pub const fn to_abstract(&self) -> &Self {
        self
    }

    /// The log is lost; `nonce` is what nobody could guess. One record is promised, and it is all
    /// that is emitted: a Catch-Up-Request with views and `executed` 0, and with L for `ordered`,
    /// where L is the life next after [`LIFE`] by `nonce`. `loss` becomes a new one with `life`
    /// L, and begins.
    ///
    /// *The life next after* a number s by a nonce x is the least even number above s, plus twice
    /// the low 40 bits of x (at most the highest number). *A new loss* has nonce 0, a `floor` of
    /// N zeros, nothing `announced`, `speak_at` 0, no witness, no `prepares`, and is not open.
    /// *It begins* after a number l above LIFE: `nonce` becomes half of what l is above LIFE,
    /// `life` the life next after l by 0, and `speak_at` becomes `now` and four times
    /// `timing.retransmit`; here l is L.
    ///
    /// A Catch-Up-Request that has executed nothing is promised at no other occasion. One record,
    /// so that no log has one without the other; and no row, which the next one promised would
    /// replace in a log that begins anew, life or not.
    pub fn lose(&mut self, config: &Config, now: Time, nonce: u64, out: &mut Effects<Prime>) {
        let life = next_life(LIFE, nonce);
        out.persist(mark(View(0), Seq(life.0), Seq(0)));
        let mut loss = lost(config, life);
        begin_life(&mut loss, config, now, life);
        self.loss = Some(loss);
    }

    /// Takes one record of the log. A promised Catch-Up-Request with `executed` 0: its `ordered`
    /// becomes the `life` of `loss`, a new one (see [`State::lose`]) if there is none. A promised
    /// Recon-Request: its number becomes what is `noted` of its originator. A promised
    /// Catch-Up-Request with another `executed`: `loss` becomes open, with the request's
    /// `installed` for its view, `executed` and `windows.order` for `upto`, and for `acks` what
    /// is noted of each originator, 0 where nothing is; then nothing is noted. A held
    /// Replay-Prepare: it is put into the `prepares` of `loss`, if there is one, in the place of
    /// one of the same signer. Any other record changes nothing.
    ///
    /// Requires: a Catch-Up-Request that has executed something comes after one that has not.
    pub fn recover(&mut self, config: &Config, record: &Record<Prime>) {
        match record {
            Record::Promise(Body::CatchUpRequest(mark)) if mark.executed == Seq(0) => {
                let life = PoSeq(mark.ordered.0);
                self.loss.get_or_insert_with(|| lost(config, life)).life = life;
            }
            Record::Promise(Body::ReconRequest(until)) => {
                self.noted.insert(until.originator, until.seq);
            }
            Record::Promise(Body::CatchUpRequest(mark)) => {
                let noted = std::mem::take(&mut self.noted);
                let until = |id| noted.get(&id).copied().unwrap_or_default();
                let acks = config.replicas().map(until).collect();
                let loss = self.loss.as_mut().expect("it opens after it lost");
                loss.open = Some(opened(config, (mark.installed, mark.executed), acks));
            }
            Record::Held(wire::prime::Incoming::ReplayPrepare(vote)) => {
                if let Some(loss) = &mut self.loss {
                    loss.prepares.insert(vote.signer(), vote.clone());
                }
            }
            Record::Promise(_) | Record::Held(_) => {}
        }
    }

    /// The log was read: `sent` is the own entry of the last row promised, `log` what else the
    /// log has. Nothing happens without a `loss`, or if that is open. Otherwise it needs another
    /// life, since a witness of the last one may have been executed without being noticed.
    ///
    /// If its `life` is not above [`LIFE`], it becomes the life next after the higher of `sent`
    /// and LIFE (see [`State::lose`]) by the first five bytes, little-endian, of the digest of
    /// `(now, log)` under the name "patchy prime life 1", and is promised like that of a loss.
    /// Then the loss begins after the higher of `sent` and its `life`.
    ///
    /// Once a loss was logged without its life, which only a row had: it may be gone. Nobody can
    /// aim the digest at a life of before: he would have to know the log to the last record, and
    /// the microsecond of the start.
    pub fn resume(
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
        begin_life(loss, config, now, last);
    }

    /// Whether there is a `loss` that is not open.
    #[must_use]
    pub fn silent(&self) -> bool {
        self.loss.as_ref().is_some_and(|loss| loss.open.is_none())
    }

    /// What may still not be said, once the server is open again: `open` of `loss`; none also if
    /// nothing was lost.
    #[must_use]
    pub fn open(&self) -> Option<&Open> {
        self.loss.as_ref()?.open.as_ref()
    }

    /// Whether this server still counts among those that recover, having installed and executed
    /// `reached`, and of each originator `prefix`. If it is not open: whether it is
    /// [`State::silent`]. If it is: whether the view reached is that in which it opened and the
    /// number is below `upto`; or if more than f originators other than itself have an entry in
    /// `prefix` below theirs in `acks`. Up to f that keep silent are faulty, or need no
    /// acknowledgement.
    #[must_use]
    pub fn recovering(&self, config: &Config, reached: (View, Seq), prefix: &[PoSeq]) -> bool {
        let Some(open) = self.open() else { return self.silent() };
        let mute = reached.0 == open.view && reached.1 < open.upto;
        let others = open.acks.iter().zip(prefix).enumerate();
        let behind = others.filter(|(index, (until, at))| *index != self.me.index() && at < until);
        mute || behind.count() > usize::from(config.f)
    }

    /// How much of `promised`, the entry for `originator` in the last row of one's own in the
    /// log, says that what is held here was certified here, if `executed` is. All of it if
    /// nothing was lost or the originator is this server. Nothing, 0, while it is not open. Else
    /// all of it if `executed` is at least the originator's entry in `acks`; else the lower of it
    /// and what is `noted` of the originator (0 if nothing is). Up to what was forgotten the row
    /// may repeat one of before: there it is true as far as was logged besides, by
    /// [`State::vouch`].
    pub fn believed(&self, originator: ReplicaId, executed: PoSeq, promised: PoSeq) -> PoSeq {
        let Some(loss) = self.loss.as_ref().filter(|_| originator != self.me) else {
            return promised;
        };
        match &loss.open {
            None => PoSeq(0),
            Some(open) if executed >= open.acks[originator.index()] => promised,
            Some(_) => promised.min(noted(self, originator)),
        }
    }

    /// Logs what is certified here, `aru`, until that is beyond what was forgotten; nothing if
    /// this server is not open. For each originator but itself, ascending: if what is `noted` of
    /// it is below its entry in `acks` and below its entry in `aru`, a Recon-Request for that
    /// entry of `aru` is persisted as promised, and the entry is noted.
    pub fn vouch(&mut self, config: &Config, aru: &[PoSeq], out: &mut Effects<Prime>) {
        let Some(open) = self.loss.as_ref().and_then(|loss| loss.open.as_ref()) else { return };
        let acks = open.acks.clone();
        let entries = config.replicas().zip(acks.iter().zip(aru));
        for (originator, (until, &seq)) in entries.filter(|(id, _)| *id != self.me) {
            let noted = noted(self, originator);
            if noted < *until && noted < seq {
                out.persist(Record::Promise(ReconRequest { originator, seq }.into()));
                self.noted.insert(originator, seq);
            }
        }
    }

    /// A state was taken over, from others or from the log, in which `prefix` was executed.
    ///
    /// For each server whose own entry in `preceding` is at least [`LIFE`] and above its `life` in
    /// `others`: that becomes the entry; if the entry is even and the server is another one, its `until`
    /// becomes at least this server's entry of `prefix` plus `windows.preorder` (at most the highest
    /// number). A life that `preceding` shows may be younger than the one that it hides; both are over at
    /// once then. What is still owed to whoever began it is not known: its life may have begun just before.
    pub fn restored(&mut self, config: &Config, preceding: &Matrix, prefix: &[PoSeq]) {
        others::restored(&mut self.others, config, preceding, prefix);
    }

    /// Against whom nothing is held any more at `now`, ascending: those whose `life` in `others`
    /// is above what is `pardoned`, and whose `pardon_at` has come. Of each of them `pardoned`
    /// becomes the life, and `pardon_at` becomes `now + timing.renewal`.
    pub fn pardons(&mut self, config: &Config, now: Time) -> Vec<ReplicaId> {
        others::pardons(&mut self.others, config, now)
    }

    /// Whether `proof` holds a row of a life that is over against its signer, that of `first`:
    /// whether in one of its two rows the signer's own entry (0 if it is not there) is below what
    /// is `pardoned` of it in `others`. Not if the signer is none of the servers.
    #[must_use]
    pub fn void(&self, proof: &PoAruConflict) -> bool {
        others::void(&self.others, proof)
    }

    /// A row of one's own turned up: each entry of `floor` of `loss`, if there is one, becomes at
    /// least that of `row`.
    pub fn found(&mut self, row: &[PoSeq]) {
        let Some(loss) = &mut self.loss else { return };
        for (floor, entry) in loss.floor.iter_mut().zip(row) {
            *floor = (*floor).max(*entry);
        }
    }

    /// What [`State::found`] does, with each of the two rows of `proof` that `me` signed.
    pub fn found_in(&mut self, me: ReplicaId, proof: &PoAruConflict) {
        for row in [&proof.first, &proof.second].into_iter().filter(|row| row.signer == me) {
            self.found(&row.body.vec);
        }
    }

    /// The row to announce, if it is time. It is not if nothing was lost, if this server is open,
    /// if there is a `witness`, or before `speak_at`. `sent` is the last row sent, `ordered` the
    /// own entry in the last matrix executed.
    ///
    /// If it is time, `speak_at` becomes `now + timing.retransmit`. If the life was `announced`
    /// and `ordered` is at least `life`, or if it was not and the higher of the own entry of
    /// `floor` and `ordered` is: `life` becomes the life next after the highest of these three by
    /// `nonce` (see [`State::lose`]). A life that came with a checkpoint has no witness, and one
    /// of before is none. Then it is announced; the row has for each entry the higher of `sent`
    /// and `floor`, and `life` for this server's own.
    pub fn announce(
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

    /// A number was executed by a Pre-Prepare of `view` with `matrix`, which followed `preceding`
    /// and left `prefix`. For each server that [`born_of_loss`] names, its `life` in `others`
    /// becomes its own entry in `matrix`, and, if it is another one, its `until` becomes at least
    /// this server's entry of `prefix` plus `windows.preorder`.
    ///
    /// If there is a `loss`, announced, without a `witness`, and this server's own entry in
    /// `matrix` is its `life`: the witness becomes `view`, with each entry of `prefix` plus
    /// `windows.preorder` (at most the highest number).
    pub fn executed(
        &mut self,
        config: &Config,
        view: View,
        (preceding, matrix): (&Matrix, &Matrix),
        prefix: &[PoSeq],
    ) {
        let me = self.me;
        others::executed(&mut self.others, config, (preceding, matrix), prefix);
        let Some(loss) = self.loss.as_mut().filter(|loss| loss.announced) else { return };
        if loss.witness.is_none() && matrix.acknowledged(me, me) == loss.life {
            let acks = prefix.iter().map(|upto| beyond(config, *upto)).collect();
            loss.witness = Some((view, acks));
        }
    }

    /// Gives back the Replay certificate for the Replay of `install`, the installed view's, once
    /// there are enough votes for it; nothing if nothing was lost. `vote`, if given, is put into
    /// `prepares` of `loss` in the place of one of the same signer. Of these those stay that are
    /// of the Replay's view and name its digest, the leaf of its signer, and are not by its
    /// signer. If they are fewer than Q - 1, there is no certificate. Otherwise they become the
    /// `votes`, ascending by signer, `prepares` becomes empty, and the certificate is the Replay
    /// with them.
    pub fn collect(
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

    /// `votes` becomes that.
    pub fn keep(&mut self, votes: Vec<Verified<ReplayPrepare>>) {
        self.votes = votes;
    }

    /// `votes`, if there are any and the first is of `view`; else none.
    pub fn votes(&self, view: View) -> &[Verified<ReplayPrepare>] {
        let right = self.votes.first().is_some_and(|vote| vote.body().view == view);
        if right { &self.votes } else { &[] }
    }

    /// Takes part again if it may. It may if there is a `loss` that is not open and has a
    /// `witness` of `view` or below, and `certified` says that the next Report would name the
    /// Replay of `view`. `view` is installed, no other one is under way, and what was executed
    /// reaches up to `executed`.
    ///
    /// For each originator, ascending, a Recon-Request for the witness's number of it is
    /// persisted as promised; then a Catch-Up-Request with `view` for both views and `executed`
    /// for both numbers. The loss becomes open with `view`, with `executed` and `windows.order`
    /// for `upto`, and with the witness's numbers for `acks`.
    pub fn try_open(
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
        loss.open = Some(opened(config, (view, executed), acks.clone()));
    }

    /// Whether one's own numbers should be passed over for the sake of one that does not acknowledge
    /// them. Not while this server is [`State::silent`]; then nothing changes.
    ///
    /// `held` of `others` becomes none if `own` is idle; otherwise it becomes `own.executed` with `now`,
    /// unless it is of that number already.
    ///
    /// *When*: if `own` is idle, of `others` that have an `until` above `own.executed` there must be
    /// one, and it is the least of their `renew_at`. If it is not idle, `held` must be of `own.executed` and
    /// one of `others` have a `life` (above 0), and it is `timing.renewal` after the time in `held`, but at
    /// least ten times `timing.retransmit`: what is owed to whoever loses its log may be more than is known
    /// here. In both cases it is `again_at` instead if `own` is announced.
    ///
    /// If that has come, `again_at` becomes `now` and ten times `timing.retransmit`, and, if `own` was not
    /// announced, the `renew_at` of all that have an `until` above `own.executed` becomes
    /// `now + timing.renewal`, and the time in `held`, if there is one, `now`. So a faulty server cannot have
    /// it done for nothing all the time. The new life is odd, so that it is no reason for others to begin one.
    pub fn renews(&mut self, config: &Config, now: Time, own: Own) -> bool {
        !self.silent() && others::renews(&mut self.others, config, now, own)
    }

    /// When the timer is wanted, if it is: if there is a `loss` that is not open and has no
    /// `witness`, at its `speak_at`; else at the time that [`State::renews`] waits for with the `held`
    /// there is, if it waits for one.
    pub fn wake_at(&self, config: &Config, own: Own) -> Option<Time> {
        let waits = |loss: &&Loss| loss.open.is_none() && loss.witness.is_none();
        let announces = self.loss.as_ref().filter(waits).map(|loss| loss.speak_at);
        announces.or_else(|| others::renew_at(&self.others, config, own))
    }

    /// Whether `body` may be sent. Everything, if nothing was lost.
    ///
    /// While this server is not open: a Catch-Up-Request, with view 0 for `installed` as long as
    /// the certificate of that is `lacking`; a PO-ARU, if the life was `announced` and the own
    /// entry is at least `life` (one of before the announcement may fall behind what was
    /// forgotten, also in the same step); a Proof-Matrix, if the life was announced; State-,
    /// Recon-, Resolution- and Proposal-Requests. Nothing else.
    ///
    /// Once it is open: of PO-Acks those stay that are for numbers above the originator's entry
    /// in `acks` (none that is not there), and the message may go if any are left. What is a vote
    /// or a proposal (Pre-Prepare, Prepare, Commit, RbInit, RbEcho, RbReady, VC-List,
    /// VC-Partial-Sig, Replay, Replay-Prepare, Replay-Commit) may go if its view is above that in
    /// which it opened; or if it is that view and it is a Pre-Prepare, Prepare or Commit of a
    /// number above `upto`. Everything else may go.
    pub fn may_say(&self, body: &mut Body, lacking: bool) -> bool {
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
            (Some(open), Body::PoAcks(acks)) => filter(open, acks),
            (Some(open), body) => voted_in(body).is_none_or(|(view, seq)| {
                view > open.view || (view == open.view && seq > Some(open.upto))
            }),
        }
    }
}

/// Which servers begin a new life with `matrix`, executed next after `preceding`, because they lost
/// their logs, ascending: those whose own entry in it is at least [`LIFE`], above
/// their own entry in `preceding`, and even.
#[must_use]
pub fn born_of_loss(config: &Config, preceding: &Matrix, matrix: &Matrix) -> Vec<ReplicaId> {
    let lost = |id: &ReplicaId| matrix.acknowledged(*id, *id).0.is_multiple_of(2);
    born(config, preceding, matrix).filter(lost).collect()
}

/// Passes over whatever those who begin a new life with `matrix`, executed next after `preceding`, had
/// originated: raises their entries of `prefix` (by originator, N of them) by `windows.preorder` (to the
/// highest number at most). A server begins one if its own entry in `matrix` is at least [`LIFE`] and above
/// its own entry in `preceding`.
pub fn skip(config: &Config, preceding: &Matrix, matrix: &Matrix, prefix: &mut [PoSeq]) {
    assert_eq!(prefix.len(), config.size());
    for id in born(config, preceding, matrix) {
        let entry = &mut prefix[id.index()];
        *entry = beyond(config, *entry);
    }
}
