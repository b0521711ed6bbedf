//! *Garbage parts*: a selective sender that sends those it left out well-formed parts of nothing, at
//! once and again when asked, and spoils the parts that it sends of others' requests.
//!
//! Whoever decodes from the first f+1 parts that come decodes garbage, and whoever tries subsets of
//! them burns its processor. Against it stands that a part names the request's digest and the Merkle
//! root of all parts, and that f+1 equal ones are needed (`prime::recon`; deviation from report,
//! section 4.1): garbage makes a group of its own, which stays alone.

use super::selective_sender::{requested, shown};
use super::{Adversary, Saying, Turn};
use wire::auth::Context;
use wire::prime::{Body, Incoming, PoRequest, Prime, Recon, ReconRequest};
use wire::{Blob, Digest, Input, PoSeq, ReplicaId, To, merkle};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct GarbageParts;

/// A part that fits in everything that can be looked at by itself.
fn garbage(turn: &mut Turn<'_, Prime>, originator: ReplicaId, seq: PoSeq, digest: Digest) -> Recon {
    let length = 100 + turn.rng.below(100);
    let each = usize::try_from(length).expect("small").div_ceil(turn.config.one_correct());
    let parts: Vec<Vec<u8>> = (0..turn.config.size()).map(|_| turn.rng.bytes(each)).collect();
    let leaf = |part: &Vec<u8>| Digest::of("patchy recon part 1", part);
    let tree = merkle::Tree::new(parts.iter().map(leaf).collect());
    let me = turn.me.index();
    Recon {
        originator,
        seq,
        digest,
        root: tree.root(),
        length: u32::try_from(length).expect("small"),
        part: Blob::new(parts[me].clone()).expect("small"),
        path: tree.path(me),
    }
}

impl GarbageParts {
    fn request(turn: &mut Turn<'_, Prime>, to: To, request: &PoRequest) {
        let digest = Context::from(turn.config).leaf(turn.me, request);
        let shown = shown(turn, request.seq);
        for receiver in turn.receivers(to) {
            if receiver == turn.me || shown.contains(&receiver) {
                turn.say_own(To::One(receiver), request.clone());
            } else {
                let part = garbage(turn, turn.me, request.seq, digest);
                turn.say_own(To::One(receiver), part);
            }
        }
    }

    /// Spoils one thing about a part.
    fn spoil(turn: &mut Turn<'_, Prime>, part: Recon) -> Recon {
        let Recon { originator, seq, digest, .. } = part;
        match turn.rng.below(4) {
            0 => Recon { digest: Digest::of("no digest", &turn.rng.bytes(8)), ..part },
            1 => Recon { length: part.length.wrapping_mul(2), ..part },
            2 => {
                let bytes = turn.rng.bytes(part.part.len());
                Recon { part: Blob::new(bytes).expect("as long as before"), ..part }
            }
            _ => garbage(turn, originator, seq, digest),
        }
    }
}

impl Adversary<Prime> for GarbageParts {
    fn hears(&mut self, turn: &mut Turn<'_, Prime>, input: Input<Prime>) {
        if let Input::Message(Incoming::ReconRequest(asked)) = &input {
            let ReconRequest { originator, seq } = *asked.body();
            let digest = Digest::of("no digest", &turn.rng.bytes(8));
            let part = garbage(turn, originator, seq, digest);
            turn.say_own(To::One(asked.signer()), part);
        }
        turn.hear(input);
    }

    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        match saying {
            Saying::Own(Body::PoRequest(request)) => Self::request(turn, to, &request),
            Saying::Own(Body::Recon(part)) => {
                let part = Self::spoil(turn, part);
                turn.say_own(to, part);
            }
            // A request said again.
            Saying::Relayed(_) if requested(turn, &saying).is_some() => {}
            Saying::Own(_) | Saying::Relayed(_) => turn.say(to, saying),
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(*self)
    }
}
