//! *Equivocating originator*: different PO-Requests under one number, to the two halves.
//!
//! Executing whatever request one holds under an eligible identifier would split the servers.
//! Against it stands that a preorder certificate names a digest, and that only certified or
//! reconciled content is executed (report, section 4.1; eligibility is not content). The two
//! requests are proof, which is kept and shown (PO-Request-Conflict); it convicts, and costs the
//! originator nothing else, so that it goes on with this.

use super::{Adversary, Saying, Turn};
use wire::prime::{Body, PoRequest, Prime};
use wire::{List, Signed, To, Update};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct EquivocatingOriginator;

/// Another valid request under the same number: the updates backwards, or the only one twice.
fn another(request: &PoRequest) -> PoRequest {
    let mut updates: Vec<Signed<Update>> = request.updates.iter().rev().cloned().collect();
    if let [only] = &updates[..] {
        updates.push(only.clone());
    }
    PoRequest { seq: request.seq, updates: List::new(updates).expect("a few") }
}

impl Adversary<Prime> for EquivocatingOriginator {
    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        let Saying::Own(Body::PoRequest(first)) = saying else { return turn.say(to, saying) };
        let second = another(&first);
        let others = turn.others();
        for receiver in turn.receivers(to) {
            let place =
                others.iter().position(|other| *other == receiver).unwrap_or_default() as u64;
            let body = if receiver == turn.me || (place + first.seq.0).is_multiple_of(2) {
                &first
            } else {
                &second
            };
            turn.say_own(To::One(receiver), body.clone());
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(*self)
    }
}
