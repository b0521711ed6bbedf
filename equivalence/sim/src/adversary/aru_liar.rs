//! *PO-ARU liar*: claims requests that it does not hold, or, in half of its lives, signs a vector for
//! each server that contradicts those for all others, and says that the leader heeds none of them.
//!
//! A claim alone makes nothing eligible that f+1 correct servers do not hold, since eligibility
//! takes Q rows (report, section 4.1, Figure 1), and among the servers that are to reconcile at
//! least f+1 hold what they claim. Contradicting rows are worse: no matrix of any leader covers what
//! others hold of the liar, and with the liar's own complaint of the leader's turn-around time every
//! leader would be held for slow. Against that stands the blacklist (4.2, "Blacklisting Servers"): two
//! such rows are proof, and a matrix need not cover their signer's.

use super::{Adversary, Saying, Turn};
use wire::prime::{Body, Incoming, PoAru, Prime, TatMeasure};
use wire::{Input, List, PoSeq, To};

/// Furthest claim beyond the truth. Unit: preorder numbers.
const FAR: u64 = 6;

/// A claim that no truth catches up with in a run. Unit: preorder numbers.
const NEVER: u64 = 1 << 20;

/// What it reports of every leader. Unit: microseconds.
const SLOW: u64 = 10_000_000;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct AruLiar {
    contradicts: Option<bool>,
    /// The last vector claimed.
    claimed: Vec<PoSeq>,
}

impl AruLiar {
    /// Raises the claim to `truth` and a random entry beyond it.
    fn claim(&mut self, turn: &mut Turn<'_, Prime>, truth: &PoAru) -> PoAru {
        self.claimed.resize(truth.vec.len(), PoSeq(0));
        for (claim, entry) in self.claimed.iter_mut().zip(truth.vec.iter()) {
            *claim = (*claim).max(*entry);
        }
        let index = turn.rng.index(self.claimed.len());
        let entry = truth.vec[index].0 + turn.rng.below(FAR);
        self.claimed[index] = self.claimed[index].max(PoSeq(entry));
        PoAru { vec: List::new(self.claimed.clone()).expect("N entries") }
    }
}

/// `truth`, with requests of the originator at `index` that there will never be.
fn beyond(truth: &PoAru, index: usize) -> PoAru {
    let mut vec = truth.vec.to_vec();
    vec[index].0 += NEVER;
    PoAru { vec: List::new(vec).expect("N entries") }
}

impl AruLiar {
    fn contradicts(&mut self, turn: &mut Turn<'_, Prime>) -> bool {
        *self.contradicts.get_or_insert_with(|| turn.rng.chance(500_000))
    }
}

impl Adversary<Prime> for AruLiar {
    /// Others' matrices hold what it told them: it does not let its core propose that, should it lead.
    fn hears(&mut self, turn: &mut Turn<'_, Prime>, input: Input<Prime>) {
        let is_matrix = matches!(input, Input::Message(Incoming::ProofMatrix(_)));
        if !(is_matrix && self.contradicts(turn)) {
            turn.hear(input);
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is said as it is")]
    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        let Saying::Own(body) = saying else { return turn.say(to, saying) };
        let contradicts = self.contradicts(turn);
        match body {
            Body::PoAru(truth) if contradicts => {
                for receiver in turn.receivers(to) {
                    let told = match receiver == turn.me {
                        true => truth.clone(),
                        false => beyond(&truth, receiver.index()),
                    };
                    turn.say_own(To::One(receiver), told);
                }
            }
            Body::PoAru(truth) => {
                let claim = self.claim(turn, &truth);
                turn.say_own(to, claim);
            }
            Body::TatMeasure(TatMeasure { view, tat }) if contradicts => {
                turn.say_own(to, TatMeasure { view, tat: tat.max(SLOW) });
            }
            other => turn.say_own(to, other),
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(self.clone())
    }
}
