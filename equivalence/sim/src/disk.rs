//! A replica's log: what the kernel was handed survives the replica's death, what the disk has
//! survives a power cut, what waits in the process survives neither.
//!
//! Whatever is lost is lost from some record on: the host cuts a torn end off.

use crate::rng::Rng;
use std::collections::VecDeque;
use wire::Protocol;
use wire::machine::Record;

/// What is on its way to the log.
enum Staged<P: Protocol> {
    Append(Box<Record<P>>),
    /// Takes the place of all before it, wholly or not at all.
    Rewrite(Vec<Record<P>>),
}

/// The log of one replica and what is on its way there.
pub(crate) struct Disk<P: Protocol> {
    /// Records are large: a log that grows would move them again and again.
    log: Vec<Box<Record<P>>>,
    /// How often it began anew.
    rewrites: u64,
    /// The tokens of the records at the end of `log` that are not on the disk itself.
    unsynced: VecDeque<u64>,
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
            rewrites: 0,
            unsynced: VecDeque::new(),
            staged: VecDeque::new(),
            written: 0,
            synced: 0,
            writing: false,
            syncing: false,
        }
    }

    pub(crate) fn stage(&mut self, token: u64, record: Record<P>) {
        self.staged.push_back((token, Staged::Append(Box::new(record))));
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
            Some((token, Staged::Append(record))) => {
                self.log.push(record);
                self.unsynced.push_back(token);
            }
            // A host renames a log that it has synced.
            Some((_, Staged::Rewrite(records))) => {
                self.log = records.into_iter().map(Box::new).collect();
                self.rewrites += 1;
                self.unsynced.clear();
            }
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
        while self.unsynced.pop_front_if(|unsynced| *unsynced <= token).is_some() {}
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

    pub(crate) fn rewrites(&self) -> u64 {
        self.rewrites
    }

    pub(crate) fn log(&self) -> Vec<Record<P>> {
        self.log.iter().map(|record| Record::clone(record)).collect()
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

    /// A process that starts has the log synced before it relies on it.
    pub(crate) fn sync(&mut self) {
        self.unsynced.clear();
    }

    /// The disk is gone; there is a new one.
    pub(crate) fn lose(&mut self) {
        *self = Self { rewrites: self.rewrites, ..Self::new() };
    }

    /// The power is cut: part of what the disk itself did not have is lost.
    pub(crate) fn cut_power(&mut self, rng: &mut Rng) {
        self.crash(rng);
        let kept = rng.index(self.unsynced.len() + 1);
        self.log.truncate(self.log.len() - self.unsynced.len() + kept);
        self.unsynced.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::prime::{PoRequest, Prime};
    use wire::{List, PoSeq};

    fn record(seq: u64) -> Record<Prime> {
        Record::Promise(PoRequest { seq: PoSeq(seq), updates: List::empty() }.into())
    }

    /// Records 1 and 2 are on the disk, 3 and 4 with the kernel, 5 waits.
    fn disk() -> Disk<Prime> {
        let mut disk = Disk::new();
        (1..=2).for_each(|seq| disk.stage(seq, record(seq)));
        let token = disk.begin_write().unwrap();
        disk.end_write(token);
        let token = disk.begin_sync(2).unwrap();
        disk.end_sync(token);
        (3..=4).for_each(|seq| disk.stage(seq, record(seq)));
        let token = disk.begin_write().unwrap();
        disk.end_write(token);
        disk.stage(5, record(5));
        disk
    }

    #[test]
    fn the_death_of_a_process_takes_what_the_kernel_lacks() {
        let mut disk = disk();
        disk.crash(&mut Rng::new(1));
        assert_eq!(disk.log(), (1..=4).map(record).collect::<Vec<_>>());
    }

    #[test]
    fn a_power_cut_takes_some_end_of_what_the_disk_lacks_and_no_more() {
        let mut rng = Rng::new(1);
        let lengths: std::collections::BTreeSet<usize> = (0..50)
            .map(|_| {
                let mut disk = disk();
                disk.cut_power(&mut rng);
                let kept = disk.log().len();
                assert_eq!(disk.log(), (1..).map(record).take(kept).collect::<Vec<_>>());
                kept
            })
            .collect();
        assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn what_a_process_started_with_no_power_cut_takes() {
        let mut disk = disk();
        disk.crash(&mut Rng::new(1));
        disk.sync();
        disk.cut_power(&mut Rng::new(1));
        assert_eq!(disk.log().len(), 4);
    }
}
