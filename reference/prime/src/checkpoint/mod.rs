//! Checkpoints: servers agree on what their state was after every so many numbers, forget what
//! that covers, and hand it to those who need it.
//!
//! Upon executing a number that is a multiple of `windows.checkpoint`, a server
//! - encodes its replicated state ([`Contents`]), cuts it into chunks under a Merkle root
//!   ([`cut`]), keeps it, and vouches for its name in a Checkpoint ([`take`], [`make_checkpoint`]).
//!
//! Upon a Checkpoint of each of Q servers for its own state ([`on_checkpoint`], [`settle`]),
//! - the state is *stable*: whoever asks for what came before can be given the state itself, with
//!   the votes as proof ([`make_checkpoint_proof`]), and the log may begin with it ([`log`]).
//!
//! Upon such a proof, with f+1 votes or more, of a state beyond what it executed, a server
//! - asks several servers in turn for the chunks ([`on_checkpoint_proof`],
//!   [`make_state_requests`], [`on_state_request`], [`on_state_chunk`]) and hands the whole, once
//!   it is there, to whoever joins the components ([`assemble`], [`open`]), unless its own execution
//!   has reached that number by then: a state at or below what was executed is never adopted, or
//!   replies and votes given would be taken back.
//!
//! Upon adopting a state,
//! - the caller hands it over with its proof, as stable and on offer ([`State::adopt`]), logs proof and chunks
//!   (`Persist` as `Promise`, before anything that rests on the state is said: own rows, votes,
//!   Reports and replies do) and lets the log begin anew ([`State::set_due`]).
//!
//! Upon restarting,
//! - it reads the state back from the first records of its log ([`recover`]).
//!
//! # The state
//!
//! [`Contents`] has what is equal at all correct servers that executed equally far, and nothing
//! else: no signature (servers may hold different authenticators of one row), nothing of views or
//! certificates, no time. The signed rows of the preceding matrix travel with the proof and are
//! held against the vectors in the state.
//!
//! # What is kept
//!
//! The bytes of two states at most: the one that others may be fetching, and a newer one. The
//! first is given up when nobody has asked for a while, or when it lags too far; until then it
//! stays, or a server that fetches slowly would chase a state that is always gone. (One that asks for
//! a chunk now and then, and means nothing by it, makes everybody keep [`MAX_LAG`] intervals.)
//! What is shown of single numbers lasts up to `floor`, whatever shows them: certificates
//! (`catch_up`), install certificates (`view_change`), contents (`recon`). Whoever has executed less
//! is shown the state on offer.
//!
//! # What it costs
//!
//! All of it runs where the core runs, at each checkpoint. For a key-value store of 100,000 keys of
//! 16 bytes with values of 100, a state of 12.6 MB in 193 chunks, on a shared machine of two cores:
//! the service's snapshot 19 ms, encoding 13 ms, cutting and hashing 23 ms, so 55 ms in 256 numbers;
//! at a restart, decoding 23 ms and the service's restoring 147 ms. Each is linear in the state's
//! length. Measured by `cargo run --release -p prime --example checkpoint_cost -- 100000`.
//!
//! # Deviations from the report
//!
//! The report has no checkpoints; its servers keep everything.

mod assemble;
mod covers;
mod cut;
pub mod interface;
mod journal;
mod log;
mod make_checkpoint;
mod make_checkpoint_proof;
mod make_state_requests;
pub mod model;
mod on_checkpoint;
mod on_checkpoint_proof;
mod on_state_chunk;
mod on_state_request;
mod open;
mod outdated;
mod recover;
mod settle;
mod take;

pub use assemble::assemble;
pub use covers::covers;
pub use cut::cut;
pub use interface::{chunk_records, forget_repeats, is_due};
pub use log::log;
pub use make_checkpoint::make_checkpoint;
pub use make_checkpoint_proof::make_checkpoint_proof;
pub use make_state_requests::make_state_requests;
pub use model::{
    Chunks, Contents, Effects, Journal, MAX_CHUNKS, MAX_ENTERED, MAX_LAG, MAX_OUTSTANDING,
    MAX_SNAPSHOTS, MAX_VOTES, Mark, PATIENCE, Snapshot, State, Transfer, vectors,
};
pub use on_checkpoint::on_checkpoint;
pub use on_checkpoint_proof::on_checkpoint_proof;
pub use on_state_chunk::on_state_chunk;
pub use on_state_request::on_state_request;
pub use open::open;
pub use outdated::outdated;
pub use recover::recover;
pub use settle::settle;
pub use take::take;

use wire::Digest;
use wire::prime::StateId;

/// The leaf of a chunk in the Merkle tree: its digest under the domain `patchy state chunk 1`.
#[must_use]
pub fn chunk_leaf(chunk: &[u8]) -> Digest {
    Digest::of("patchy state chunk 1", chunk)
}

/// How many nodes the path of each chunk of `state` has: the least d with 2^d at least
/// `StateId::chunks`.
#[must_use]
pub fn path_length(state: &StateId) -> usize {
    state.chunks().next_power_of_two().ilog2() as usize
}

impl State {
    /// How many marks hold the bytes of their states.
    #[must_use]
    pub fn snapshots(&self) -> usize {
        self.marks.values().filter(|mark| mark.snapshot.is_some()).count()
    }
}
