//! A server that lost its log: what it may not do, until when, and why that is enough.
//!
//! Two sets of Q servers share only f+1. So one server that votes again without knowing what it
//! voted before is enough, beside f Byzantine ones, to have two things decided. The host says that
//! the log is lost ([`wire::machine::Memory`]); from then on this server counts among the k that
//! recover, with k = 0 among the f, until [`State::recovering`] says no more.
//!
//! # Its new life
//!
//! A row's entry for its own signer says nothing that others rely on: one entry moves no column.
//! There a server puts its *life*, an even number above [`LIFE`], drawn from the host's nonce, above
//! all of its own that it can find. The row is ordered like every other, as part of some Pre-Prepare's
//! matrix. So the incarnation is replicated state and in every checkpoint (the preceding matrix),
//! nobody votes on it apart, and no message is added.
//!
//! Upon executing number n whose matrix, unlike the one before, has a new life of server i,
//! - everybody counts `windows.preorder` further numbers of i as executed ([`skip`]). So whatever i
//!   ever originated before is executed already or never will be, and i goes on above. Updates that stand
//!   there are not done: who took one from its client, and has not given it a number, keeps it;
//! - if the life is even, everybody takes i's row in that matrix for the beginning of a new chain, and
//!   nothing for a contradiction that goes back to before it ("What others do for it" below).
//!
//! Upon starting without its log, a server a
//! - logs that it did (`State::lose`), asks others how far they are and executes what they show,
//!   and says nothing that `State::may_say` does not let through. Whoever is asked by one who executed
//!   nothing hands it its own last row: its new row must not fall behind;
//! - a while later announces a row with its life, and asks the leader to cover it.
//!
//! Upon executing a number n whose matrix has that life, ordered by a Pre-Prepare of view w: the
//! *witness*,
//! - it waits until it has installed a view V >= w, changes to no other, and, unless V = 0, holds the
//!   Replay certificate of V, whose votes it gets with the install certificate. Then it is *open*:
//!   it logs V, the number e that it has executed, and for each originator o the number
//!   `A[o] = prefix[o] + windows.preorder` after n.
//!
//! From then on
//! - in V and below it never says a Pre-Prepare, Prepare, Commit, Replay, Replay-Prepare,
//!   Replay-Commit, list, partial signature, nor anything of a broadcast, but for Pre-Prepares,
//!   Prepares and Commits of V on numbers above `e + windows.order`; above V it says all of them;
//! - it acknowledges no (o, s) with `s <= A[o]`. Originators with nothing to say begin an (odd)
//!   life of their own, which skips these numbers at once (what it has under way it
//!   originates again); with others they pass, or, where its acknowledgement is needed for one, that is
//!   under way for `timing.renewal`, and then its originator begins a life all the same;
//! - it logs every row as it signs it, and keeps to it after a restart; but of (o, s) with `s <= A[o]`
//!   a row in its log certifies nothing, for it may repeat one of before; what was certified it logs
//!   there besides.
//!
//! It counts as recovering until it has executed `e + windows.order` or installed a later view, and
//! passed A with all originators but f, which may be faulty and keep silent for ever. (Of a correct one
//! of them the next numbers are not acknowledged by a until it begins a life. It may have been down, or have
//! numbers under way; or a saw its life only in numbers above n, as n came with a checkpoint, so that A is
//! higher than others know. One that restarts from a state in which a's life is over begins one again: it does
//! not know how far it came.)
//!
//! # What others do for it, and how often
//!
//! Nobody can tell whether a log was lost, so a faulty server may announce one even life after another.
//! They are all ordered, for what everybody does with them must depend on nothing but the order; that
//! costs their signer's numbers, and nobody else's. What others do of themselves for a server, each does
//! once in `timing.renewal` by its own clock, and after that for the last of the lives that came between:
//! - an idle server begins a life, as above: a client's update that meets that takes up to twice
//!   as long (the simulator's bound of BOUNDED-DELAY says how that adds up). One that is not idle does so
//!   when nothing of its own was executed for so long;
//! - whoever holds a proof that it contradicted itself in its rows forgets it, and from then on takes no
//!   proof in which either row is of an earlier life. Otherwise a faulty leader might leave out the
//!   rows of a server that is back, and nobody would hold that against it.
//!
//! The second takes nothing from the blacklist that it is needed for. A leader need not cover a row
//! that contradicts one that was ordered or is held; with the life a row of the signer is ordered that
//! everybody goes on from, so what came before holds up no matrix, and what contradicts it since is
//! proof again.
//!
//! # Why
//!
//! The row is signed in the new life and nobody could guess it. So the Pre-Prepare of n was made,
//! and a set C of Q servers prepared it in w, after the loss; a is not in C, as it votes nothing.
//! Any Q servers, with or without a, share f+1 with C, so a correct one beside a.
//!
//! - *Votes on Replays*, and whatever needs an installed view, of a view x that a forgot: Q servers
//!   had signed a list in x, so a correct one in C had entered x before it prepared in w: `x <= w`.
//!   By the same with New-Leader votes, a had entered no view above `w + 1`.
//! - *Commits* that a forgot, of (w, m): Q servers had prepared m, and for that accepted all numbers
//!   of w up to m, each with one matrix. Were `m >= n`, a correct one would have accepted two
//!   matrices for (w, n). So `m < n`, and a has executed n. Of a view x < w: m is at or above where
//!   w's own numbers begin, and void, or below, and so below n. The same bounds what a had executed
//!   or ordered.
//! - *Prepares and Pre-Prepares* that a forgot, of V: where V > w there are none, as a had not installed
//!   V. Where V = w they are on numbers at most `windows.order` above what a had ordered, so below
//!   `n + windows.order`, and e is at least n.
//! - *Report and PC-Set* of a view above V therefore leave nothing out that matters: a executed at
//!   least n, and names the Replay of V, at least as high as any for which it sent Replay-Commit. What
//!   it voted for in V since it holds like anybody. Only the change to `w + 1` can meet an older Report of a; both are true.
//!   Two echoes, lists or partial signatures of a there can hold up that change, but bind nothing:
//!   each Q partial signatures are over true states, and one Replay is chosen by Replay-Prepares.
//! - *Prepares* above V: a was in none of these views.
//! - *Acknowledgements* that a forgot were at most `windows.preorder` above what it had executed,
//!   and so at most A. Of two certificates for one (o, s), o faulty, a is thus in one at most, and
//!   they share f+1 as ever.
//! - *PO-Requests* likewise: a had used numbers up to its prefix plus `windows.preorder`, and those
//!   are skipped.
//! - *PO-ARUs*: a row is at least as high as each row of a's that it found, and as each that it signed
//!   in this life, restarts or not. One that was lost on its way and turns up later may contradict it.
//!   Before the life is ordered that convicts a, leaders need not cover it, and its life is ordered
//!   with whatever is proposed next, or when the leader is a correct one: until then a recovers. With
//!   the life that is forgotten, and later no such row is a proof.
//! - *Checkpoints* say what was executed, the same in every life. Parts for reconciliation are checked
//!   by digest. Proofs and certificates are others' words. Pings and votes for a next leader bind
//!   nobody. These are held back before a is open only so that the rule is short.
//!
//! # What it costs
//!
//! An amnesiac votes on ordering `windows.order` numbers later, or from the next view on; if its vote is
//! needed before, nothing is ordered, the leader is suspected, and the next view comes. A leader that
//! lost its log is replaced like one that crashed. Until then, and until the A are passed, its silence
//! counts as one fault. Where the number with its life reached it in a checkpoint it saw no witness and
//! announces another life, for which others pass over numbers only `timing.renewal` after the first: so
//! much longer the A may take with originators that are idle then, and with others as long as they take.
//!
//! # Deviations from the report
//!
//! The report's servers do not forget. The project's design asks for an incarnation in every
//! signature, and for (view, watermark) from Q others; the witness gives both bounds at once.
//!
//! No function here is a slot: the rules must hold whatever the versions of slots beside them say. Whoever
//! writes them anew writes all of them.

pub mod interface;
mod loss;
pub mod model;
mod others;

pub use interface::{born_of_loss, skip};
pub use model::{Loss, Open, Other, Others, Own, State};

use wire::prime::{LIFE, Matrix};
use wire::{Config, PoSeq, ReplicaId};

/// Periods of `timing.retransmit` for which one's own old rows are waited for.
const SETTLE: u64 = 4;

/// Periods of `timing.retransmit` after which a life begun for the sake of others is said again, and for
/// which at least a number is held up before one is begun for its sake.
const RENEWAL: u64 = 10;

/// Which servers begin a new life with `matrix`, executed next after `preceding`.
fn born(config: &Config, preceding: &Matrix, matrix: &Matrix) -> impl Iterator<Item = ReplicaId> {
    let own = |matrix: &Matrix, id| matrix.acknowledged(id, id);
    let lives = config.replicas().map(move |id| (id, own(preceding, id), own(matrix, id)));
    lives.filter(|(_, old, new)| new > old && *new >= LIFE).map(|(id, ..)| id)
}

/// `windows.preorder` above `seq`: nobody acknowledges or originates further beyond what it executed.
fn beyond(config: &Config, seq: PoSeq) -> PoSeq {
    PoSeq(seq.0.saturating_add(config.windows.preorder))
}
