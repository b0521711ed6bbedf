//! What the rest of the crate uses of checkpoints.
//!
//! They are told what was executed and what the log holds, and say what became stable, which state is
//! being fetched and is all here, and with what the log may begin anew.

pub use super::{
    cut, log, make_checkpoint, make_checkpoint_proof, make_state_requests, on_checkpoint,
    on_checkpoint_proof, on_state_chunk, on_state_request, open, recover, settle, take,
};

use super::journal::turns;
use super::model::{Contents, Effects, Journal, Mark, Snapshot};
use super::{State, assemble};
use std::collections::BTreeMap;
use wire::prime::{Body, CheckpointProof, Incoming, Matrix, Prime, RbInit, StateChunk, StateId};
use wire::{Blob, Config, List, PoSeq, Record, Reject, ReplicaId, Seq, Time, View};

impl State {
    /// Nothing known.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        let rows = List::new(vec![None; config.size()]).expect("n is at most MAX_REPLICAS");
        Self {
            me,
            preceding: Matrix { rows },
            marks: BTreeMap::new(),
            stable: Seq(0),
            offered: Seq(0),
            asked_at: None,
            floor: Seq(0),
            votes: vec![BTreeMap::new(); config.size()],
            retransmit_at: Time(0),
            shown: vec![None; config.size()],
            given: vec![(Time(0), 0); config.size()],
            transfer: None,
            journal: Journal::default(),
            due: false,
            logged: Seq(0),
            entered: 0,
        }
    }

    /// Adds a record of the log at the end of `journal`. If it is a promised RbInit numbered 0, a view
    /// was entered: `entered` grows by one (not beyond the highest number).
    pub fn remember(&mut self, record: Record<Prime>) {
        if let Record::Promise(Body::RbInit(RbInit { seq: 0, .. })) = &record {
            self.entered = self.entered.saturating_add(1);
        }
        self.journal.0.push(record);
    }

    /// The abstract state.
    #[must_use]
    pub const fn to_abstract(&self) -> &Self {
        self
    }

    /// `preceding`.
    #[must_use]
    pub const fn preceding(&self) -> &Matrix {
        &self.preceding
    }

    /// `preceding` becomes `matrix`; gives what it was.
    pub fn follow(&mut self, matrix: Matrix) -> Matrix {
        std::mem::replace(&mut self.preceding, matrix)
    }

    /// `stable`.
    #[must_use]
    pub const fn stable(&self) -> Seq {
        self.stable
    }

    /// `floor`.
    #[must_use]
    pub const fn floor(&self) -> Seq {
        self.floor
    }

    /// The `prefix` of the mark under `floor`, if there is one.
    #[must_use]
    pub fn floor_prefix(&self) -> Option<Vec<PoSeq>> {
        self.marks.get(&self.floor).map(|mark| mark.prefix.clone())
    }

    /// When the timer is wanted, if it is: the earliest of the times at which what was asked for (`asked`
    /// of `transfer`) is `timing.retransmit` old, and, if the highest of `marks` is above `stable`, of
    /// `retransmit_at`.
    #[must_use]
    pub fn wake_at(&self, config: &Config) -> Option<Time> {
        let unstable = self.marks.last_key_value().is_some_and(|(seq, _)| *seq > self.stable);
        let asked = self.transfer.iter().flat_map(|transfer| transfer.asked.values());
        let lapses = asked.map(|(_, at)| at.after(config.timing.retransmit));
        lapses.chain(unstable.then_some(self.retransmit_at)).min()
    }

    /// Which state `transfer` is about, if there is one.
    #[must_use]
    pub fn fetching(&self) -> Option<StateId> {
        self.transfer.as_ref().map(|transfer| transfer.state())
    }

    /// The `proof` of `transfer`, if there is one.
    #[must_use]
    pub fn fetching_by(&self) -> Option<CheckpointProof> {
        self.transfer.as_ref().map(|transfer| transfer.proof.clone())
    }

    /// The bytes of `transfer`, put together of its chunks, ascending: if there are as many chunks as its
    /// state has, and they are as long.
    #[must_use]
    pub fn fetched(&self) -> Option<Vec<u8>> {
        self.transfer.as_ref().and_then(assemble)
    }

    /// The first of the `matrices` of `transfer`, ascending by sender, that has the rows which `contents`
    /// names ([`Contents::names`]). Rejects `Invalid`, naming the sender, for each that has not.
    #[must_use]
    pub fn choose(&self, contents: &Contents, effects: &mut Effects) -> Option<Matrix> {
        let mut right = None;
        for (sender, matrix) in self.transfer.iter().flat_map(|transfer| &transfer.matrices) {
            if contents.names(matrix) {
                right = right.or_else(|| Some(matrix.clone()));
            } else {
                effects.reject(*sender, Reject::Invalid);
            }
        }
        right
    }

    /// The `matrices` of `transfer`, if there is one, become empty.
    pub fn drop_matrices(&mut self) {
        if let Some(transfer) = &mut self.transfer {
            transfer.matrices.clear();
        }
    }

    /// `transfer` becomes none.
    pub fn drop_transfer(&mut self) {
        self.transfer = None;
    }

    /// The log was read. If it ends within a state, so that there is a `transfer`: its `next` becomes the
    /// number of its state's chunks, and `again` the indices below that of which it has no chunk.
    pub fn resume_transfer(&mut self) {
        let Some(transfer) = &mut self.transfer else { return };
        transfer.next = u32::try_from(transfer.state().chunks()).expect("at most 2^16 chunks");
        let lacking = (0..transfer.next).filter(|index| !transfer.chunks.0.contains_key(index));
        transfer.again = lacking.collect();
    }

    /// `mark`, with bytes and proof, was adopted: it alone is in `marks`, under its number, which `stable`,
    /// `offered` and `floor` become; `asked_at` becomes none, and `votes` lose those up to that number.
    pub fn adopt(&mut self, mark: Mark) {
        let seq = mark.state.seq;
        self.marks = BTreeMap::from([(seq, mark)]);
        (self.stable, self.offered, self.floor) = (seq, seq, seq);
        self.asked_at = None;
        for votes in &mut self.votes {
            *votes = votes.split_off(&seq.next());
        }
    }

    /// `due` becomes set: the log may begin anew.
    pub const fn set_due(&mut self) {
        self.due = true;
    }

    /// `logged` becomes `seq`: the log began with that state.
    pub const fn set_logged(&mut self, seq: Seq) {
        self.logged = seq;
    }

    /// `journal`. Asked for once, after a restart.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.journal.clone()
    }

    /// `journal` loses what [`forget_repeats`] takes out of its records.
    pub fn shorten_journal(&mut self) {
        forget_repeats(&mut self.journal.0);
    }
}

/// Whether a checkpoint is due at `seq`: it is above 0 and a multiple of `windows.checkpoint`.
#[must_use]
pub fn is_due(config: &Config, seq: Seq) -> bool {
    seq > Seq(0) && seq.0.is_multiple_of(config.windows.checkpoint)
}

/// The state of a mark as records: a `Promise` of a State-Chunk for each of its chunks, ascending by
/// index, with the mark's `state`, the bytes of [`Snapshot::chunk`] and the path of its leaf in the
/// snapshot's tree. `snapshot` is the mark's.
pub fn chunk_records<'a>(
    mark: &'a Mark,
    snapshot: &'a Snapshot,
) -> impl Iterator<Item = Record<Prime>> + 'a {
    let count = u32::try_from(mark.state.chunks()).expect("at most 2^16 chunks");
    (0..count).map(move |index| {
        let bytes = Blob::new(snapshot.chunk(index).to_vec()).expect("cut at CHUNK");
        let path = snapshot.tree.path(index as usize);
        Record::Promise(StateChunk { state: mark.state, index, bytes, path }.into())
    })
}

/// Takes out of a log's records each held Pre-Prepare that stands there already, where a restart that
/// reads it again comes to nothing new. So what every change of views rests on anew is there once,
/// however many of them lead nowhere.
///
/// Between the two there is no record at which a restart forgets Pre-Prepares, learns of resolutions
/// that name them, or binds numbers: they stay where they are needed behind one. Nor is there another
/// one of its view and number, whose place the second takes, or of the number below, after which it
/// might come in turn.
pub fn forget_repeats(records: &mut Vec<Record<Prime>>) {
    let mut read: BTreeMap<(View, Seq), &Record<Prime>> = BTreeMap::new();
    let mut repeats = Vec::with_capacity(records.len());
    for record in &*records {
        let mut repeated = false;
        if let Record::Held(Incoming::PrePrepare(held)) = record {
            let (view, seq) = (held.body().view, held.body().seq);
            repeated = read.get(&(view, seq)) == Some(&record);
            if !repeated {
                read.insert((view, seq), record);
                read.remove(&(view, seq.next()));
            }
        } else if turns(record) {
            read.clear();
        }
        repeats.push(repeated);
    }
    let mut repeats = repeats.into_iter();
    records.retain(|_| !repeats.next().expect("one for each"));
}
