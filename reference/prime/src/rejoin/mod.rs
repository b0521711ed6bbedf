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
//!   ever originated before is executed already or never will be, and i goes on above.
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
//!   it logs V, and for each originator o the number `A[o] = prefix[o] + windows.preorder` after n.
//!
//! From then on
//! - in V and below it never says a Pre-Prepare, Prepare, Commit, Replay, Replay-Prepare,
//!   Replay-Commit, list, partial signature, nor anything of a broadcast; above V it says all of them;
//! - it acknowledges no (o, s) with `s <= A[o]`. Originators with nothing to say begin an (odd)
//!   life of their own, which skips these numbers at once (what it has under way it
//!   originates again); with others they pass.
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
//!   w's own numbers begin, and void, or below, and so below n. The same bounds what a had executed.
//! - *Report and PC-Set* of a view above V therefore leave nothing out that matters: a executed at
//!   least n, and names the Replay of V, at least as high as any for which it sent Replay-Commit. It has voted
//!   for nothing in V since. Only the change to `w + 1` can meet an older Report of a; both are true.
//!   Two echoes, lists or partial signatures of a there can hold up that change, but bind nothing:
//!   each Q partial signatures are over true states, and one Replay is chosen by Replay-Prepares.
//! - *Prepares* above V: a was in none of these views.
//! - *Acknowledgements* that a forgot were at most `windows.preorder` above what it had executed,
//!   and so at most A. Of two certificates for one (o, s), o faulty, a is thus in one at most, and
//!   they share f+1 as ever.
//! - *PO-Requests* likewise: a had used numbers up to its prefix plus `windows.preorder`, and those
//!   are skipped.
//! - *PO-ARUs*: a row is at least as high as each row of a's that it found. One that was lost on its
//!   way and turns up later may contradict it; then leaders need not cover a, and its life is ordered
//!   with whatever is proposed next. From then on a faulty leader may leave a's rows out for good and
//!   is not measured by them: where f others are faulty too, and k recover, eligibility can wait for
//!   ever. So a server that was convicted by its own past counts as faulty until it is given another
//!   identity; `status` shows who holds a proof against whom.
//! - *Checkpoints* say what was executed, the same in every life. Parts for reconciliation are checked
//!   by digest. Proofs and certificates are others' words. Pings and votes for a next leader bind
//!   nobody. These are held back before a is open only so that the rule is short.
//!
//! # What it costs
//!
//! An amnesiac votes on ordering from the next view on; if its vote is needed before, nothing is
//! ordered, the leader is suspected, and the next view comes. A leader that lost its log is replaced
//! like one that crashed. Within V, and until the A are passed, its silence counts as one fault.
//!
//! # Deviations from the report
//!
//! The report's servers do not forget. The project's design asks for an incarnation in every
//! signature, and for (view, watermark) from Q others; the witness gives both bounds at once.
//!
//! These rules are no slots: they must hold whatever the versions of slots beside them say.

mod state;

pub use state::{Open, State};

use wire::prime::{LIFE, Matrix};
use wire::{Config, PoSeq, ReplicaId};

/// Periods of `timing.retransmit` for which one's own old rows are waited for.
const SETTLE: u64 = 4;

/// Periods of `timing.retransmit` between two lives that are begun for the sake of others.
const RENEWAL: u64 = 10;

/// Which servers begin a new life with `matrix`, executed next after `preceding`.
pub fn born(
    config: &Config,
    preceding: &Matrix,
    matrix: &Matrix,
) -> impl Iterator<Item = ReplicaId> {
    let own = |matrix: &Matrix, id| matrix.acknowledged(id, id);
    let lives = config.replicas().map(move |id| (id, own(preceding, id), own(matrix, id)));
    lives.filter(|(_, old, new)| new > old && *new >= LIFE).map(|(id, ..)| id)
}

/// Passes over whatever those who begin a new life with `matrix` had originated: raises their
/// entries of `prefix` (by originator, N of them) by `windows.preorder`.
pub fn skip(config: &Config, preceding: &Matrix, matrix: &Matrix, prefix: &mut [PoSeq]) {
    assert_eq!(prefix.len(), config.size());
    for id in born(config, preceding, matrix) {
        let entry = &mut prefix[id.index()];
        *entry = beyond(config, *entry);
    }
}

/// `windows.preorder` above `seq`: nobody acknowledges or originates further beyond what it executed.
fn beyond(config: &Config, seq: PoSeq) -> PoSeq {
    PoSeq(seq.0.saturating_add(config.windows.preorder))
}
