//! *Slow leader*: adapts to the suspicion threshold, and is as slow as it may be (report, section 4.2,
//! Figure 2 B, and the attack of section 7).
//!
//! As leader it ignores PO-ARUs. It answers the Proof-Matrices of k+1 servers, the *favoured*: the
//! first that send it one. Each is answered by a Pre-Prepare with no more than what was asked for, sent
//! to them alone, at the last moment: so late that whoever asked will have measured TAT_acceptable, less
//! [`MARGIN`], when it arrives. How late that is the leader learns from what reaches its replica anyway:
//! the TAT-UBs of all, of which TAT_acceptable is the Q-th lowest, and the RTT-Measures of whoever asks,
//! of which the longest is what matrix and Pre-Prepare may take on the way. All others measure more, and
//! that helps nobody: TAT_leader is the (f+k+1)-th lowest report, and f faulty ones are 0.
//!
//! Robust rules ([`Mode::Robust`]) forgive a few turn-around times in each window, and judge what is still
//! awaited by half its age. So once in each window, Proof-Matrices wait for twice as long: as many as are
//! asked for in that time must be no more than are forgiven.
//!
//! Leader or not, it withholds what could speed up anything: Proof-Matrices, reports, and votes. And it
//! forces reconciliation: its own clients' updates do not go to f of the others.
//!
//! Against it stands Suspect-Leader: whoever is later than that is replaced. With `percent` above
//! 100 it delays by so much of what it may, and shows that.

use super::{Adversary, Saying, Turn};
use std::collections::{BTreeMap, VecDeque};
use wire::monitoring::Mode;
use wire::prime::{Body, Incoming, Matrix, PrePrepare, Prime};
use wire::{Config, Input, List, ReplicaId, Seq, Time, To, View};

/// By how much it stays below what is acceptable. Unit: microseconds.
const MARGIN: u64 = 200;

/// Pre-Prepares of a view after which bounds and round trips no longer change much.
const SETTLED: u64 = 16;

/// What the leader of one view does.
#[derive(Clone, Debug, Default)]
struct Office {
    /// The number that its core proposed first.
    first: Option<Seq>,
    /// How many Pre-Prepares it has sent.
    sent: u64,
    favoured: Vec<ReplicaId>,
    /// All that was asked for, row by row.
    asked: Option<Matrix>,
    /// What is to be proposed, and when at the latest. The times never fall.
    due: VecDeque<(Time, Matrix)>,
    /// Until when nothing is answered, for once in a window; or until when nothing was.
    pause: Option<Time>,
}

impl Office {
    /// Whether `sender` is to be served.
    fn favours(&mut self, config: &Config, sender: ReplicaId) -> bool {
        let room = self.favoured.len() <= usize::from(config.k);
        if room && !self.favoured.contains(&sender) {
            self.favoured.push(sender);
        }
        self.favoured.contains(&sender)
    }

    /// Plans to propose `matrix` at `at`, and nothing after it that was planned before it.
    fn plan(&mut self, at: Time, matrix: Matrix) {
        self.due.iter_mut().for_each(|(due, _)| *due = at.min(*due));
        self.due.push_back((at, matrix));
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct SlowLeader {
    /// How much of the delay that is possible. Unit: percent.
    percent: u32,
    view: View,
    /// In this view.
    bounds: BTreeMap<ReplicaId, u64>,
    /// Longest in this view.
    rtts: BTreeMap<ReplicaId, u64>,
    office: Office,
}

impl SlowLeader {
    pub(super) fn new(percent: u32) -> Self {
        Self { percent, ..Self::default() }
    }

    fn enter(&mut self, view: View) {
        if view > self.view {
            *self = Self { view, ..Self::new(self.percent) };
        }
    }

    /// When a Proof-Matrix of `sender` that came at `now` is to be answered.
    fn answers_at(&mut self, config: &Config, now: Time, sender: ReplicaId) -> Time {
        let Some(wait) = self.may_wait(config, sender, 1) else { return now };
        if let Some(Mode::Robust { window, .. }) = config.monitoring.as_ref().map(|it| it.mode)
            && self.office.sent >= SETTLED
            && self.office.pause.is_none_or(|before| now > before.after(window))
        {
            self.office.pause = self.may_wait(config, sender, 2).map(|wait| now.after(wait));
        }
        self.office.pause.unwrap_or_default().max(now.after(wait))
    }

    /// How long a Proof-Matrix of `sender` may wait here until it has waited `times` what is
    /// acceptable; nothing while that is not known.
    fn may_wait(&self, config: &Config, sender: ReplicaId, times: u64) -> Option<u64> {
        let mut bounds: Vec<u64> = self.bounds.values().copied().collect();
        bounds.sort_unstable();
        let acceptable = bounds.get(config.quorum() - 1)?;
        let way = self.rtts.get(&sender)?;
        let most = (acceptable * times).saturating_sub(way + MARGIN);
        Some(most * u64::from(self.percent) / 100)
    }

    /// Answers what a favoured server asks for, as late as may be.
    fn on_proof_matrix(&mut self, turn: &Turn<'_, Prime>, sender: ReplicaId, asked: &Matrix) {
        let leads = turn.config.leader_of(self.view) == turn.me;
        if !leads || !self.office.favours(turn.config, sender) {
            return;
        }
        let matrix = match &self.office.asked {
            Some(before) => joined(turn.config, before, asked),
            None => asked.clone(),
        };
        if self.office.asked.as_ref().is_none_or(|before| !matrix.same(before)) {
            let at = self.answers_at(turn.config, turn.now, sender);
            self.office.asked = Some(matrix.clone());
            self.office.plan(at, matrix);
        }
    }
}

/// Row by row what is more up to date: each is of one correct server's chain, or of a faulty server's
/// that does not contradict itself.
fn joined(config: &Config, before: &Matrix, asked: &Matrix) -> Matrix {
    let rows = config.replicas().zip(before.rows.iter().zip(asked.rows.iter()));
    let rows = rows.map(|(row, (old, new))| {
        let mut columns = config.replicas();
        let grows = columns
            .any(|column| asked.acknowledged(row, column) > before.acknowledged(row, column));
        if grows { new.clone() } else { old.clone() }
    });
    Matrix { rows: List::new(rows.collect()).expect("as many as before") }
}

/// The f lowest ids beside `me`.
fn starved(config: &Config, me: ReplicaId) -> impl Iterator<Item = ReplicaId> {
    config.replicas().filter(move |id| *id != me).take(usize::from(config.f))
}

impl Adversary<Prime> for SlowLeader {
    fn deadline(&self) -> Option<Time> {
        self.office.first?;
        self.office.due.front().map(|(at, _)| *at)
    }

    fn wakes(&mut self, turn: &mut Turn<'_, Prime>) {
        let office = &mut self.office;
        let Some(first) = office.first else { return };
        while let Some((_, matrix)) = office.due.pop_front_if(|(at, _)| *at <= turn.now) {
            let seq = Seq(first.0 + office.sent);
            office.sent += 1;
            let proposal: Body = PrePrepare { view: self.view, seq, matrix }.into();
            // Its own core follows the view like anybody's.
            let me = turn.me;
            for receiver in office.favoured.iter().copied().chain([me]) {
                turn.say(To::One(receiver), Saying::Own(proposal.clone()));
            }
        }
    }

    fn hears(&mut self, turn: &mut Turn<'_, Prime>, input: Input<Prime>) {
        if let Input::Message(message) = &input {
            match message {
                Incoming::TatUb(m) if m.body().view == self.view => {
                    let held = self.bounds.entry(m.signer()).or_insert(u64::MAX);
                    *held = m.body().alpha.min(*held);
                }
                Incoming::RttMeasure(m) if m.body().view == self.view => {
                    let held = self.rtts.entry(m.signer()).or_default();
                    *held = m.body().rtt.max(*held);
                }
                Incoming::ProofMatrix(m) => {
                    return self.on_proof_matrix(turn, m.signer(), &m.body().matrix);
                }
                _ => {}
            }
        }
        turn.hear(input);
    }

    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        match &saying {
            Saying::Own(Body::RttPing(ping)) => self.enter(ping.view),
            Saying::Own(Body::PrePrepare(proposal)) => {
                self.office.first.get_or_insert(proposal.seq);
                return;
            }
            Saying::Own(
                Body::Prepare(_)
                | Body::Commit(_)
                | Body::TatMeasure(_)
                | Body::NewLeader(_)
                | Body::ProofMatrix(_),
            )
            | Saying::Relayed(Incoming::PrePrepare(_)) => return,
            Saying::Own(Body::PoRequest(_)) | Saying::Relayed(Incoming::PoRequest(_)) => {
                let starved: Vec<ReplicaId> = starved(turn.config, turn.me).collect();
                for receiver in turn.receivers(to) {
                    if !starved.contains(&receiver) {
                        turn.say(To::One(receiver), saying.clone());
                    }
                }
                return;
            }
            _ => {}
        }
        turn.say(to, saying);
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(self.clone())
    }
}
