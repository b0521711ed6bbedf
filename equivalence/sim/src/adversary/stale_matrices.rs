//! *Stale matrices*: the leader proposes without end, and nothing becomes eligible.
//!
//! Each proposal is valid and differs from the one before: the leader takes new rows from one
//! server fewer than eligibility needs and repeats old ones for all others (report, section 4.2:
//! a leader can include out-of-date PO-ARUs). Timers that wait for *some* proposal never fire.
//! Against it stands that a measurement ends only with a Pre-Prepare that *covers* the Proof-Matrix
//! ("Enforcing up-to-date Pre-Prepare messages").

use super::proposals::pre_prepare;
use super::{Adversary, Saying, Turn};
use std::collections::VecDeque;
use wire::prime::{Matrix, PrePrepare, Prime};
use wire::{List, Seq, To, View};

/// Proposals remembered, to let them be said again.
const SAID: usize = 64;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct StaleMatrices {
    view: View,
    /// The core's last number in the view.
    proposed: Seq,
    said: VecDeque<PrePrepare>,
}

/// `new` in the first `rows` rows, `old` in the others.
fn mixed(old: &Matrix, new: &Matrix, rows: usize) -> Matrix {
    let rows = new.rows.iter().take(rows).chain(old.rows.iter().skip(rows));
    Matrix { rows: List::new(rows.cloned().collect()).expect("as many as before") }
}

impl StaleMatrices {
    /// What to say in place of the core's next proposal; the view's first is a correct one.
    fn instead(&mut self, proposal: PrePrepare, few: usize) -> Option<PrePrepare> {
        if proposal.view != self.view {
            (self.view, self.proposed) = (proposal.view, Seq(0));
            self.said.clear();
        }
        if proposal.seq <= self.proposed {
            return None;
        }
        self.proposed = proposal.seq;
        let proposal = match self.said.back() {
            None => proposal,
            Some(last) => {
                let matrix = mixed(&last.matrix, &proposal.matrix, few);
                if matrix.same(&last.matrix) {
                    return None;
                }
                PrePrepare { view: proposal.view, seq: last.seq.next(), matrix }
            }
        };
        self.said.push_back(proposal.clone());
        if self.said.len() > SAID {
            self.said.pop_front();
        }
        Some(proposal)
    }
}

impl Adversary<Prime> for StaleMatrices {
    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        match (pre_prepare(turn.me, &saying), &saying) {
            (Some(proposal), Saying::Own(_)) => {
                let few = turn.config.quorum() - 1;
                if let Some(stale) = self.instead(proposal.clone(), few) {
                    turn.say_own(to, stale);
                }
            }
            (Some(_) | None, _) => turn.say(to, saying),
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(self.clone())
    }
}
