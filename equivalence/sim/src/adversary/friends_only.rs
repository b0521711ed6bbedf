//! *Friends only*: acknowledges, claims and reconciles the PO-Requests of f+1 servers and of no
//! others.
//!
//! A server cannot be made to acknowledge (report, section 4.1). Against it stands the size of
//! quorums alone: preorder certificates, eligibility and reconciliation take no more servers than
//! are correct. To those who are no friends it is as if one more server were down. That turned out
//! to harm nobody even when another server really is: clients that wait ask f+k+1 others.

use super::{Adversary, Saying, Turn};
use wire::prime::{Body, PoAcks, PoAru, Prime};
use wire::{List, PoSeq, ReplicaId, To};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct FriendsOnly;

fn is_friend(turn: &Turn<'_, Prime>, id: ReplicaId) -> bool {
    id == turn.me || turn.others().iter().take(turn.config.one_correct()).any(|it| *it == id)
}

impl Adversary<Prime> for FriendsOnly {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is nobody's in particular")]
    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        let Saying::Own(body) = saying else { return turn.say(to, saying) };
        let body = match body {
            Body::PoAcks(PoAcks { acks }) => {
                let acks = acks.iter().filter(|ack| is_friend(turn, ack.originator));
                let acks: Vec<_> = acks.copied().collect();
                if acks.is_empty() {
                    return;
                }
                PoAcks { acks: List::new(acks).expect("no more than before") }.into()
            }
            Body::PoAru(PoAru { vec }) => {
                let entry = |(index, seq): (usize, &PoSeq)| {
                    if is_friend(turn, ReplicaId::from_index(index)) { *seq } else { PoSeq(0) }
                };
                let vec = vec.iter().enumerate().map(entry).collect();
                PoAru { vec: List::new(vec).expect("as many as before") }.into()
            }
            Body::Recon(part) if !is_friend(turn, part.originator) => return,
            other => other,
        };
        turn.say(to, Saying::Own(body));
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(*self)
    }
}
