//! Servers that lose their logs, and how they come back.

use crate::chaos::Chaos;
use wire::{Memory, ReplicaId};

impl Chaos {
    /// `id` goes down, loses its log and starts again at once. With the planted fault it is not told, and
    /// goes on as if it were new.
    pub(crate) fn lose(&mut self, id: ReplicaId, planted: bool) {
        self.kill(id);
        self.hosts.get_mut(&id).unwrap().log.clear();
        self.forgetful.insert(id);
        let nonce = self.random(usize::MAX) as u64;
        self.start_with(id, if planted { Memory::Whole } else { Memory::Lost { nonce } });
    }

    /// Whether `id`, which lost its log, is heard again about everything but numbers of its view.
    pub(crate) fn is_back(&self, id: u16) -> bool {
        let machine = self.machine(id);
        let Some(open) = machine.rejoining().open() else { return false };
        let others = open.acks.iter().zip(&machine.execute().prefix).enumerate();
        let mut others = others.filter(|(index, _)| *index != usize::from(id - 1));
        others.all(|(_, (until, prefix))| prefix >= until)
    }

    pub(crate) fn load(&mut self, updates: u32, rounds: u32) {
        for _ in 0..updates {
            self.submit();
            self.run(rounds);
        }
    }

    /// Runs until `id` is back; returns how long it took.
    pub(crate) fn await_return(&mut self, id: u16) -> u32 {
        for round in 0..2_000 {
            if self.is_back(id) {
                return round;
            }
            self.run(1);
        }
        panic!("{id} recovers never: {:?}", self.machine(id).rejoining());
    }
}
