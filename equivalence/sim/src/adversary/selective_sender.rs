//! *Selective sender*: an originator that sends each PO-Request to just enough servers to have it
//! certified, to others each time, and never to the rest.
//!
//! The attack that report, section 7 measures: every request becomes eligible, and f correct
//! servers, which must execute it, never saw it. Against it stands reconciliation (4.1, Figure 3),
//! begun by those who have it; without it the f would stop, or depend on the originator.

use super::{Adversary, Saying, Turn};
use wire::prime::{Body, Incoming, Prime};
use wire::{PoSeq, ReplicaId, To};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct SelectiveSender;

/// Who is shown the request with this number.
pub(super) fn shown(turn: &Turn<'_, Prime>, seq: PoSeq) -> Vec<ReplicaId> {
    let mut others = turn.others();
    let first = usize::try_from(seq.0).unwrap_or_default() % others.len();
    others.rotate_left(first);
    others.truncate(turn.config.votes_beside_proposer());
    others
}

/// The number of the own PO-Request that is being said, for the first time or again.
pub(super) fn requested(turn: &Turn<'_, Prime>, saying: &Saying<Prime>) -> Option<PoSeq> {
    match saying {
        Saying::Own(Body::PoRequest(request)) => Some(request.seq),
        Saying::Relayed(Incoming::PoRequest(held)) if held.signer() == turn.me => {
            Some(held.body().seq)
        }
        Saying::Own(_) | Saying::Relayed(_) => None,
    }
}

impl Adversary<Prime> for SelectiveSender {
    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        let Some(seq) = requested(turn, &saying) else { return turn.say(to, saying) };
        let shown = shown(turn, seq);
        for receiver in turn.receivers(to) {
            if receiver == turn.me || shown.contains(&receiver) {
                turn.say(To::One(receiver), saying.clone());
            }
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(*self)
    }
}
