//! *PO-ARU liar*: claims requests that it does not hold, or, in half of its lives, signs vectors
//! that contradict each other, one for each half of the servers.
//!
//! A claim alone makes nothing eligible that f+1 correct servers do not hold, since eligibility
//! takes Q rows (report, section 4.1, Figure 1), and among the servers that are to reconcile at
//! least f+1 hold what they claim. Contradicting rows are worse: no matrix of the leader covers both,
//! so a correct leader would be held for slow. Against that stands the blacklist (4.2,
//! "Blacklisting Servers"): two such rows are proof, and a matrix need not cover their signer's.
//! The conviction ends the second attack. The tests show that it comes, and not what would happen
//! without it: the blacklist cannot be taken from a replica from outside.

use super::{Adversary, Saying, Turn};
use wire::prime::{Body, PoAru, Prime};
use wire::{List, PoSeq, To};

/// Furthest claim beyond the truth. Unit: preorder numbers.
const FAR: u64 = 6;

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

/// `truth` with one more request of the originator at `index`.
fn beyond(truth: &PoAru, index: usize) -> PoAru {
    let mut vec = truth.vec.to_vec();
    vec[index] = vec[index].next();
    PoAru { vec: List::new(vec).expect("N entries") }
}

impl Adversary<Prime> for AruLiar {
    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        let Saying::Own(Body::PoAru(truth)) = saying else { return turn.say(to, saying) };
        let contradicts = *self.contradicts.get_or_insert_with(|| turn.rng.chance(500_000));
        if !contradicts {
            let claim = self.claim(turn, &truth);
            return turn.say_own(to, claim);
        }
        for receiver in turn.receivers(to) {
            let body = match receiver == turn.me {
                true => truth.clone(),
                false => beyond(&truth, receiver.index() % 2),
            };
            turn.say_own(To::One(receiver), body);
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(self.clone())
    }
}
