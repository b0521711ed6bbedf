//! The abstract state of what concerns lost logs, in whose terms the interface speaks.
//!
//! It stays when another version takes the component's place. The reference works on it as it is.

use borsh::BorshSerialize;
use std::collections::BTreeMap;
use wire::prime::ReplayPrepare;
use wire::{PoSeq, ReplicaId, Seq, Time, Verified, View};

/// What an amnesiac that takes part again may still not say.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Open {
    /// Below this view it does not vote.
    pub view: View,
    /// Nor in this view up to here: `windows.order` above what was executed when it opened.
    pub upto: Seq,
    /// By originator (shape `[n]`): up to here it acknowledges nothing.
    pub acks: Vec<PoSeq>,
}

/// A server's own memory of its loss.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Loss {
    /// What nobody could guess before the loss; 0 until it is known.
    pub nonce: u64,
    /// Its life, or, before it begins, the last one in the log: above `LIFE`, even. 0 while a log is
    /// read that was begun without it.
    pub life: PoSeq,
    /// The largest entries of rows of one's own that others still hold. Shape `[n]`.
    pub floor: Vec<PoSeq>,
    /// Whether a row with the life was sent.
    pub announced: bool,
    /// When there is something to announce, or to say again.
    pub speak_at: Time,
    /// The view of the Pre-Prepare whose matrix had the life when it was executed, and up to where
    /// nothing may be acknowledged.
    pub witness: Option<(View, Vec<PoSeq>)>,
    /// Replay-Prepares for the installed view's Replay, by sender.
    pub prepares: BTreeMap<ReplicaId, Verified<ReplayPrepare>>,
    /// Once it takes part again.
    pub open: Option<Open>,
}

/// What concerns lost logs: one's own, and those of others.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// One's own loss, if the log was lost.
    pub loss: Option<Loss>,
    /// The votes behind the Replay certificate held, for others that lost it. At most n.
    pub votes: Vec<Verified<ReplayPrepare>>,
    /// What is known of others' lives.
    pub others: Others,
    /// Numbers of originators that the log has: while it is read, up to where nothing may be
    /// acknowledged; once it says that this server is open, up to where contents were certified since.
    pub noted: BTreeMap<ReplicaId, PoSeq>,
}

/// The lives of one server, as far as they were executed here.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Other {
    /// The last one that it began because it lost its log.
    pub life: PoSeq,
    /// A row below this life proves nothing against it.
    pub pardoned: PoSeq,
    /// When a newer life is heeded in that.
    pub pardon_at: Time,
    /// Until one's own numbers have passed this one it does not acknowledge them all.
    pub until: PoSeq,
    /// When one's own numbers may be passed over for its sake.
    pub renew_at: Time,
}

/// The lives of all servers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Others {
    /// This server.
    pub me: ReplicaId,
    /// By server (shape `[n]`).
    pub list: Vec<Other>,
    /// When a life of one's own that was announced for others is said again.
    pub again_at: Time,
    /// Up to where one's own numbers were executed when some were first seen under way since, and when that
    /// was. None while there are none.
    pub held: Option<(PoSeq, Time)>,
}

/// How one's own numbers stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// Up to here they are executed.
    pub executed: PoSeq,
    /// There is nothing beyond, and nothing waits for a number.
    pub idle: bool,
    /// A life of one's own is announced and not ordered yet.
    pub announced: bool,
}
