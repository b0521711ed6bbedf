//! *Bogus view change*: a leader that is silent, so that the view must change, and then lies in every
//! message of the change; and a voter that wants each view to end as it begins.
//!
//! Its Report is another one to each server, or one and the same lie for all, or the truth, told to every
//! second server; entries of its PC-Set prove nothing; it announces many lists, signs what does not follow from them and shows proofs of
//! its own signature alone. Against these stand (report, section 5.3, and design: *View change*)
//! reliable broadcast, by which all are told one thing or nobody anything (without it f of these, who tell
//! different halves, leave no list of Q whose states are complete at Q); validity as a function
//! of the bytes alone, so that bad state is never complete, everywhere alike; the first list of each
//! announcer; Q equal signatures over lists *and* what they amount to; shares of threshold signatures
//! checked one by one, so that a forged one holds up no others; and Q votes for a new
//! leader, so that f impatient servers change nothing.

use super::anything::{Place, constraint, digest, list};
use super::proposals::pre_prepare;
use super::{Adversary, Saying, Turn};
use wire::prime::{
    Body, Certificate, Incoming, NewLeader, Payload, PrePrepare, Prime, RbInit, Report, Resolution,
    ResolutionAnswer, VcList, VcPartialSig,
};
use wire::{Input, List, Point, Proofs, ReplicaId, Seq, Signed, Time, To, View};

/// Time between two votes for a new leader. Unit: microseconds.
const PERIOD: u64 = 40_000;

/// Bogus entries of a PC-Set.
const ENTRIES: u32 = 12;

/// Bogus lists, before the core's own.
const LISTS: usize = 6;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct BogusChange {
    place: Place,
    next: Option<Time>,
    /// The last view of which only every second server is told.
    halved: Option<View>,
    /// Any leader's, to make entries of.
    proposal: Option<Signed<PrePrepare>>,
}

/// `report` with a lie in it.
fn lie(turn: &mut Turn<'_, Prime>, report: &Report) -> Report {
    let executed = match turn.rng.below(3) {
        0 => Seq(report.executed.0 + 1 + turn.rng.below(400)),
        1 => Seq(turn.rng.below(report.executed.0 + 1)),
        _ => report.executed,
    };
    let count = u32::try_from(turn.rng.below(40)).expect("below 40");
    let replay = report.replay.clone().filter(|_| turn.rng.chance(500_000));
    Report { executed, count, replay }
}

/// A share of a threshold signature that verifies nowhere, where there are such signatures.
fn forged(turn: &mut Turn<'_, Prime>) -> Option<Point> {
    let byte = u8::try_from(turn.rng.below(256)).expect("a byte");
    (turn.config.proofs == Proofs::Threshold).then_some(Point([byte; 48]))
}

/// Every second server, this one included.
fn half(turn: &Turn<'_, Prime>) -> Vec<ReplicaId> {
    let side = turn.me.index() % 2;
    turn.receivers(To::All).into_iter().filter(|id| id.index() % 2 == side).collect()
}

impl BogusChange {
    fn report(&mut self, turn: &mut Turn<'_, Prime>, view: View, report: &Report) {
        let init = |report| RbInit { view, seq: 0, payload: Payload::Report(report) };
        if self.halved == Some(view) || turn.rng.chance(300_000) {
            self.halved = Some(view);
            return half(turn).into_iter().for_each(|receiver| {
                turn.say_own(To::One(receiver), init(report.clone()));
            });
        }
        turn.say_own(To::One(turn.me), init(report.clone()));
        let common = turn.rng.chance(500_000).then(|| lie(turn, report));
        for receiver in turn.others() {
            let told = common.clone().unwrap_or_else(|| lie(turn, report));
            turn.say_own(To::One(receiver), init(told));
        }
        let Some(proposal) = self.proposal.clone() else { return };
        for seq in 1..=ENTRIES {
            let entry = match turn.rng.below(2) {
                0 => Certificate::Prepared(proposal.clone(), List::default()),
                _ => Certificate::Committed(proposal.clone(), List::default()),
            };
            turn.say_own(To::Others, RbInit { view, seq, payload: Payload::Entry(entry) });
        }
    }

    /// Says something else in place of `body`, or more. False if it is to be said as it is.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is not of the view change")]
    fn twists(&mut self, turn: &mut Turn<'_, Prime>, body: &Body) -> bool {
        match body {
            Body::RbInit(RbInit { view, payload: Payload::Report(report), .. }) => {
                self.report(turn, *view, report);
                true
            }
            Body::RbInit(entry) if self.halved == Some(entry.view) => {
                half(turn)
                    .into_iter()
                    .for_each(|receiver| turn.say_own(To::One(receiver), entry.clone()));
                true
            }
            Body::VcList(VcList { view, .. }) => {
                for receiver in turn.others() {
                    for _ in 0..LISTS {
                        let ids = list(turn);
                        turn.say_own(To::One(receiver), VcList { view: *view, ids });
                    }
                }
                false
            }
            Body::VcPartialSig(VcPartialSig { constraint, share: None }) => {
                let (mut base, mut twisted) = (constraint.base, constraint.clone());
                base.0 += turn.rng.below(2);
                twisted.start_seq = Seq(base.0 + 1 + turn.rng.below(4));
                (twisted.base, twisted.resolution) = (base, digest(turn));
                turn.say_own(To::Others, VcPartialSig { constraint: twisted, share: None });
                if let Some(share) = forged(turn) {
                    let (constraint, share) = (constraint.clone(), Some(share));
                    turn.say_own(To::Others, VcPartialSig { constraint, share });
                }
                true
            }
            _ => false,
        }
    }
}

impl Adversary<Prime> for BogusChange {
    fn hears(&mut self, turn: &mut Turn<'_, Prime>, input: Input<Prime>) {
        self.next.get_or_insert_with(|| turn.now.after(PERIOD));
        if let Input::Message(Incoming::PrePrepare(proposal)) = &input {
            self.proposal = Some(proposal.signed().clone());
        }
        turn.hear(input);
    }

    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        if let Some(proposal) = pre_prepare(turn.me, &saying) {
            // Some are said, so that there is something to lie about.
            if proposal.seq.0.is_multiple_of(16) {
                return;
            }
        }
        let Saying::Own(body) = &saying else { return turn.say(to, saying) };
        self.place.note(body);
        if !self.twists(turn, body) {
            turn.say(to, saying);
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.next
    }

    fn wakes(&mut self, turn: &mut Turn<'_, Prime>) {
        self.next = Some(turn.now.after(PERIOD));
        let wanted = View(self.place.view.0 + 1 + turn.rng.below(2));
        turn.say_own(To::Others, NewLeader { view: wanted });
        let constraint = constraint(turn, &self.place);
        let share = forged(turn).filter(|_| turn.rng.chance(500_000));
        turn.say_own(To::Others, VcPartialSig { constraint, share });
        let resolution = Resolution { base: self.place.seq, entries: List::default() };
        turn.say_own(To::Others, ResolutionAnswer { resolution });
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(self.clone())
    }
}
