//! *Equivocating leader*: one Pre-Prepare to one half of the servers, another to the other half,
//! both valid and fresh; two different proven Replays likewise; and no Commit from itself.
//!
//! Neither half can order its own (report, section 4.1), so safety holds, and both halves stop their
//! timers, so that taken to the letter the report waits for ever. Against it stand flooding, which
//! brings the two together, the proof that they make (Pre-Prepare-Conflict, Replay-Conflict), and
//! the vote for a new leader at once that follows.
//!
//! A leader that was convicted is voted out of every later view as soon as it leads: proof mutes
//! this adversary. So in half of its lives it proposes nothing, and waits for a Replay of its own.

use super::proposals::{pre_prepare, replay};
use super::{Adversary, Saying, Turn};
use std::collections::BTreeMap;
use wire::prime::{
    Body, Constraint, Incoming, Matrix, PrePrepare, Prime, Proof, Replay, VcList, VcPartialSig,
};
use wire::{Input, List, ReplicaId, Seq, Signed, Time, To, View};

/// How long a Replay is held back in the hope of another that could be proven too. Microseconds.
const PATIENCE: u64 = 50_000;

/// Constraints whose signatures are gathered, at most.
const CONSTRAINTS: usize = 64;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct EquivocatingLeader {
    /// Whether it spares its Pre-Prepares.
    waits: Option<bool>,
    view: View,
    /// The last proposal to the second half, with its number.
    second: Option<(Seq, Matrix)>,
    partials: BTreeMap<Constraint, BTreeMap<ReplicaId, Signed<VcPartialSig>>>,
    /// A Replay that waits for its opposite, and until when.
    held: Option<(Time, Replay)>,
}

/// `new`, but for one row as it was in `old`: another matrix that may follow `old`, if there is one.
fn another(old: &Matrix, new: &Matrix) -> Option<Matrix> {
    let fresh = |index: &usize| {
        let vector = |matrix: &Matrix| matrix.rows[*index].as_ref().map(|row| row.body.clone());
        vector(old) != vector(new)
    };
    let mut fresh = (0..new.rows.len()).filter(fresh);
    // If nothing but this row is new, the rest would be the old matrix again.
    let (first, _) = (fresh.next()?, fresh.next()?);
    let mut rows = new.rows.to_vec();
    rows[first] = old.rows[first].clone();
    Some(Matrix { rows: List::new(rows).expect("as many as before") })
}

/// A list that others hardly announce, where they announce `list`: everybody signs the first one
/// of each, and two that are proven make two Replays.
fn another_list(turn: &Turn<'_, Prime>, list: &VcList) -> VcList {
    let stranger = turn.config.replicas().find(|id| !list.ids.contains(id));
    let mut ids: Vec<ReplicaId> = list.ids.iter().skip(1).copied().chain(stranger).collect();
    ids.sort_unstable();
    VcList { view: list.view, ids: List::new(ids).expect("no more than before") }
}

impl EquivocatingLeader {
    fn propose(&mut self, turn: &mut Turn<'_, Prime>, to: To, first: PrePrepare) {
        if first.view != self.view {
            (self.view, self.second) = (first.view, None);
            self.partials.clear();
        }
        let nothing = || Matrix { rows: List::new(vec![None; turn.config.size()]).expect("N") };
        let old = match &self.second {
            Some((_, matrix)) => Some(matrix.clone()),
            None => (first.seq == Seq(1)).then(nothing),
        };
        let matrix = old.and_then(|old| another(&old, &first.matrix));
        let matrix = matrix.unwrap_or_else(|| first.matrix.clone());
        self.second = Some((first.seq, matrix.clone()));
        let second = PrePrepare { view: first.view, seq: first.seq, matrix };
        split(turn, to, &first.into(), &second.into());
    }

    /// Another constraint of the view that Q servers have signed.
    fn opposite(&self, quorum: usize, chosen: &Constraint) -> Option<Replay> {
        let other = |(constraint, signed): &(&Constraint, &BTreeMap<_, _>)| {
            constraint.view == chosen.view && *constraint != chosen && signed.len() >= quorum
        };
        let (constraint, signed) = self.partials.iter().find(other)?;
        let partials = List::new(signed.values().cloned().collect()).ok()?;
        Some(Replay { constraint: constraint.clone(), proof: Proof::Certificate(partials) })
    }

    fn choose(&mut self, turn: &mut Turn<'_, Prime>) {
        let Some((until, replay)) = self.held.take() else { return };
        match self.opposite(turn.config.quorum(), &replay.constraint) {
            Some(other) => split(turn, To::All, &replay.into(), &other.into()),
            None if turn.now >= until => turn.say_own(To::All, replay),
            None => self.held = Some((until, replay)),
        }
    }
}

/// Says `first` to every other receiver and to itself, `second` to the rest.
fn split(turn: &mut Turn<'_, Prime>, to: To, first: &Body, second: &Body) {
    let others = turn.others();
    for receiver in turn.receivers(to) {
        let place = others.iter().position(|other| *other == receiver);
        let body = if place.is_some_and(|place| place % 2 == 1) { second } else { first };
        turn.say_own(To::One(receiver), body.clone());
    }
}

impl Adversary<Prime> for EquivocatingLeader {
    fn hears(&mut self, turn: &mut Turn<'_, Prime>, input: Input<Prime>) {
        if let Input::Message(Incoming::VcPartialSig(partial)) = &input {
            let constraint = &partial.body().constraint;
            if self.partials.len() < CONSTRAINTS || self.partials.contains_key(constraint) {
                let signed = self.partials.entry(constraint.clone()).or_default();
                signed.insert(partial.signer(), partial.signed().clone());
            }
            self.choose(turn);
        }
        turn.hear(input);
    }

    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        let own = matches!(saying, Saying::Own(_));
        if let Some(proposal) = pre_prepare(turn.me, &saying) {
            let waits = *self.waits.get_or_insert_with(|| turn.rng.chance(500_000));
            // What is said again would bring the halves together.
            if own && !waits {
                self.propose(turn, to, proposal.clone());
            }
        } else if let Some(replay) = replay(turn.me, &saying) {
            if own {
                self.held = Some((turn.now.after(PATIENCE), replay.clone()));
                self.choose(turn);
            }
        } else if let Saying::Own(Body::VcList(list)) = saying {
            let list = another_list(turn, &list);
            turn.say_own(to, list);
        } else if !matches!(&saying, Saying::Own(Body::Commit(vote)) if vote.view == self.view && self.second.is_some())
        {
            turn.say(to, saying);
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.held.as_ref().map(|(until, _)| *until)
    }

    fn wakes(&mut self, turn: &mut Turn<'_, Prime>) {
        self.choose(turn);
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(self.clone())
    }
}
