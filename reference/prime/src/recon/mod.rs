//! Reconciliation: servers that hold an eligible PO-Request send erasure-coded parts of it to
//! those that lack it (report, section 4.1, "Reconciliation", Figure 3).
//!
//! Upon first sight of a Pre-Prepare that would make `(old, new]` eligible, wherever it comes from,
//! - for each identifier in there of which this server is among the chosen senders ([`senders`]),
//!   it sends its own part ([`encode`]) to each server that needs it ([`needs`]), once
//!   ([`on_eligible`]).
//!
//! Upon receiving a part,
//! - it keeps one part a sender, and when f+1 servers say the same about an identifier, it rebuilds
//!   the content ([`decode`]), logs the parts and hands the content on ([`on_recon`]).
//!
//! Upon being blocked for want of content,
//! - it asks everybody for it ([`request_missing`]).
//!
//! Upon being asked,
//! - it answers with its part if it holds the content, executed or not ([`on_recon_request`]).
//!
//! Upon executing content,
//! - it moves it to the archive, from which requests are still answered ([`retire`]).
//!
//! Upon a stable checkpoint,
//! - it drops what that covers ([`forget`]).
//!
//! Upon restarting,
//! - it decodes again from the parts in its log ([`recover`]).
//!
//! # The code
//!
//! The canonical encoding of a PO-Request's body, `length` bytes, is padded with zeros to a
//! multiple of f+1 and cut into f+1 *data parts* of equal length; these are parts 0 to f. Part i,
//! for i in 0..N, is computed byte by byte: its byte at a position is p(i), where p is the
//! polynomial of degree at most f over GF(2^8) with p(d) = the byte of data part d at that
//! position, for d in 0..=f. Numbers stand for field elements by their bits; the field is that of
//! the polynomial x^8 + x^4 + x^3 + x^2 + 1. So any f+1 parts give all others. Part i belongs to
//! the server of row i. All N parts are the leaves ([`part_leaf`]), in order, of one Merkle tree.
//!
//! # Deviations from the report
//!
//! - The code is (N, f+1) with the sender's row as index, not (2f+1, f+1) with its place among the
//!   senders, so that whoever holds the content can answer a request too.
//! - What is coded is the PO-Request's body, without the originator's authenticator. Servers may
//!   hold different authenticators of one request, and parts of different encodings would not fit
//!   together. The digest vouches for the body.
//! - A message names digest, Merkle root and length, and f+1 equal ones are needed. The report
//!   would decode from any f+1 parts, among which may be garbage; trying subsets lets a faulty
//!   server burn our processor.
//! - A server that acknowledged the certified request needs no part, even if its PO-ARU has not
//!   caught up.
//! - Recon-Request: the report sends parts once and does not say what happens when they are lost. The
//!   sender does not repeat them; the receiver asks as soon as an ordered number is blocked, and again
//!   each `timing.retransmit`, and every holder answers.
//!
//! # Pace
//!
//! Whoever lost its log before a checkpoint was stable has nothing but requests to rebuild from, all
//! contents since the start. A way to a holder and back gives it [`MAX_WANTED`] contents at most, and
//! `timing.retransmit` gives it [`MAX_ANSWERS`] and [`MAX_ANSWER_BYTES`]: bytes are what a faulty
//! requester costs, so that many contents may come while they are small.

mod decode;
mod encode;
mod forget;
pub mod interface;
pub mod model;
mod needs;
mod on_eligible;
mod on_recon;
mod on_recon_request;
mod recover;
mod request_missing;
mod retire;
mod senders;

pub use decode::decode;
pub use encode::encode;
pub use forget::forget;
pub use model::{
    Effects, Identifier, MAX_ANSWER_BYTES, MAX_ANSWERS, MAX_BODY, MAX_HELD, MAX_HELD_BYTES,
    MAX_UPDATE_OVERHEAD, MAX_WANTED, State,
};
pub use needs::needs;
pub use on_eligible::on_eligible;
pub use on_recon::on_recon;
pub use on_recon_request::on_recon_request;
pub use recover::recover;
pub use request_missing::request_missing;
pub use retire::retire;
pub use senders::senders;

use crate::pre_order::Content;
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use wire::prime::Recon;
use wire::{Blob, Config, Digest, ReplicaId, Verified, merkle};

/// All parts of one content, as [`encode`] makes them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Parts {
    /// Merkle root of all parts.
    pub root: Digest,
    /// Length of the encoded body, without padding. Unit: bytes. 1 to [`MAX_BODY`].
    pub length: u32,
    /// Shape `[n]`, by row: all of one length, [`part_length`] of `length`.
    pub parts: Vec<Vec<u8>>,
    /// Shape `[n]`, by row: from the part to the root.
    pub paths: Vec<merkle::Path>,
}

impl Parts {
    /// The message with which `sender` sends its part of `originator`'s `content`: with the content's own
    /// number (`content.body.seq`) and digest, this root and length, and the part and the path of the
    /// sender's row.
    #[must_use]
    pub fn message(&self, sender: ReplicaId, originator: ReplicaId, content: &Content) -> Recon {
        let part = Blob::new(self.parts[sender.index()].clone());
        Recon {
            originator,
            seq: content.body.seq,
            digest: content.digest,
            root: self.root,
            length: self.length,
            part: part.expect("a part is no longer than MAX_BODY, which fits"),
            path: self.paths[sender.index()].clone(),
        }
    }
}

/// How long each part of an encoding of `length` bytes is: `length / (f+1)`, rounded up.
#[must_use]
pub fn part_length(config: &Config, length: usize) -> usize {
    length.div_ceil(config.one_correct())
}

/// The leaf of a part in the Merkle tree: its digest under the domain `patchy recon part 1`.
#[must_use]
pub fn part_leaf(part: &[u8]) -> Digest {
    Digest::of("patchy recon part 1", part)
}

/// The depth of the tree over N parts, the least d with 2^d at least N: every path has this length.
#[must_use]
pub fn path_length(config: &Config) -> usize {
    config.size().next_power_of_two().ilog2() as usize
}

/// The part bytes in `group`, by sender: what [`decode`] takes.
#[must_use]
pub fn part_bytes(group: &[Verified<Recon>]) -> BTreeMap<ReplicaId, Vec<u8>> {
    group.iter().map(|message| (message.signer(), message.body().part.to_vec())).collect()
}

impl State {
    /// The parts held that say the same as `about`: equal originator, number, digest, root and
    /// length. Ascending by sender, one each.
    #[must_use]
    pub fn group(&self, about: &Recon) -> Vec<Verified<Recon>> {
        let identifier = (about.originator, about.seq);
        let same = |held: &&Verified<Recon>| {
            let held = held.body();
            (held.digest, held.root, held.length) == (about.digest, about.root, about.length)
        };
        let held = self.parts.iter().filter_map(|parts| parts.get(&identifier));
        held.filter(same).cloned().collect()
    }

    /// Drops all parts of `identifier` from `parts`, whoever sent them and of whatever group.
    pub fn drop_parts(&mut self, identifier: Identifier) {
        self.parts.iter_mut().for_each(|parts| drop(parts.remove(&identifier)));
    }
}
