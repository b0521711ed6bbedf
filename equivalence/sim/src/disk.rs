//! A replica's log at the level *process*: what the kernel was handed survives the replica's
//! death, what waits in the process does not.

use crate::rng::Rng;
use std::collections::VecDeque;
use wire::Protocol;
use wire::machine::Record;

/// What is on its way to the log.
enum Staged<P: Protocol> {
    Append(Record<P>),
    /// Takes the place of all before it, wholly or not at all.
    Rewrite(Vec<Record<P>>),
}

/// The log of one replica and what is on its way there.
pub(crate) struct Disk<P: Protocol> {
    log: Vec<Record<P>>,
    staged: VecDeque<(u64, Staged<P>)>,
    /// Last token handed to the kernel.
    written: u64,
    /// Last token on the disk itself.
    synced: u64,
    writing: bool,
    syncing: bool,
}

impl<P: Protocol> Disk<P> {
    pub(crate) fn new() -> Self {
        Self {
            log: Vec::new(),
            staged: VecDeque::new(),
            written: 0,
            synced: 0,
            writing: false,
            syncing: false,
        }
    }

    pub(crate) fn stage(&mut self, token: u64, record: Record<P>) {
        self.staged.push_back((token, Staged::Append(record)));
    }

    /// The log may be replaced, once everything up to `token` is written.
    pub(crate) fn stage_rewrite(&mut self, token: u64, records: Vec<Record<P>>) {
        self.staged.push_back((token, Staged::Rewrite(records)));
    }

    /// Begins to write all that is staged; gives the last token of it if there is anything.
    pub(crate) fn begin_write(&mut self) -> Option<u64> {
        let (token, _) = self.staged.back()?;
        (!std::mem::replace(&mut self.writing, true)).then_some(*token)
    }

    pub(crate) fn end_write(&mut self, token: u64) {
        while self.staged.front().is_some_and(|(staged, _)| *staged <= token) {
            self.write_one();
        }
        self.written = token;
        self.writing = false;
    }

    fn write_one(&mut self) {
        match self.staged.pop_front() {
            Some((_, Staged::Append(record))) => self.log.push(record),
            Some((_, Staged::Rewrite(records))) => self.log = records,
            None => {}
        }
    }

    /// Begins to sync if that brings `needed` nearer; gives the token that it will reach.
    pub(crate) fn begin_sync(&mut self, needed: u64) -> Option<u64> {
        let useful = needed > self.synced && self.written > self.synced;
        (useful && !std::mem::replace(&mut self.syncing, true)).then_some(self.written)
    }

    pub(crate) fn end_sync(&mut self, token: u64) {
        self.synced = token;
        self.syncing = false;
    }

    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    pub(crate) fn synced(&self) -> u64 {
        self.synced
    }

    pub(crate) fn staged(&self) -> usize {
        self.staged.len()
    }

    pub(crate) fn log(&self) -> &[Record<P>] {
        &self.log
    }

    /// The process dies. The kernel may have taken part of a write under way.
    pub(crate) fn crash(&mut self, rng: &mut Rng) {
        if self.writing {
            let taken = rng.index(self.staged.len() + 1);
            (0..taken).for_each(|_| self.write_one());
        }
        self.staged.clear();
        (self.written, self.synced, self.writing, self.syncing) = (0, 0, false, false);
    }
}
