//! Servers that play no special part are interchangeable.
//!
//! Special are the faulty server and the leaders of all views but the first, whose proposals are
//! there from the start. Of all states that differ by a permutation of the others, the one with
//! the least bytes stands for all.

use crate::model::Model;
use crate::scope::members;
use crate::state::{State, small};

impl Model {
    /// The bytes of the state that stands for this one and all like it.
    #[must_use]
    pub fn canonical(&self, state: &State) -> Vec<u8> {
        let alike: Vec<usize> = members(self.alike()).collect();
        let mut least = state.pack(&self.scope);
        self.permute(state, &alike, &mut least);
        least
    }

    /// Looks for less among all permutations of servers.
    fn permute(&self, state: &State, alike: &[usize], least: &mut Vec<u8>) {
        let [first, rest @ ..] = alike else { return };
        self.permute(state, rest, least);
        for other in rest {
            let swapped = self.swapped(state, *first, *other);
            let packed = swapped.pack(&self.scope);
            if packed < *least {
                *least = packed;
            }
            self.permute(&swapped, rest, least);
        }
    }

    /// The servers that are alike.
    fn alike(&self) -> u8 {
        let first = if self.equivocates(0) { 1 } else { 0 };
        let leaders = (1..self.scope.views).map(|view| self.scope.leader(view));
        let special = leaders.fold(first, |mask, server| mask | 1 << server);
        if self.rules.no_stale_votes { self.awake() & !special } else { 0 }
    }

    fn swapped(&self, state: &State, one: usize, other: usize) -> State {
        let mut next = *state;
        let swap = |mask: &mut u8| {
            let differ = (*mask >> one ^ *mask >> other) & 1;
            *mask ^= differ << one | differ << other;
        };
        next.servers.swap(one, other);
        for (view, there) in next.views.iter_mut().enumerate().take(self.scope.views) {
            there.reports.swap(one, other);
            there.picks.swap(one, other);
            let listed = |index: usize| {
                let mut list = self.scope.lists[index];
                swap(&mut list);
                self.scope.lists.iter().position(|known| *known == list).unwrap_or(index)
            };
            let old = &state.views[view];
            for index in 0..self.scope.lists.len() {
                there.signers[listed(index)] = old.signers[index];
            }
            let renamed = |replay: u8| match usize::from(replay) {
                0 => 0,
                some => small(2 * listed((some - 1) / 2) + (some - 1) % 2 + 1),
            };
            there.replay = renamed(there.replay);
            there.picks.iter_mut().for_each(|pick| *pick = renamed(*pick));
            there.signers.iter_mut().for_each(swap);
            for mask in [
                &mut there.replay_commits,
                &mut there.replay_decided,
                &mut there.installed,
                &mut there.install_decided,
            ] {
                swap(mask);
            }
            let numbered =
                [&mut there.prepares, &mut there.twins, &mut there.commits, &mut there.decided];
            numbered.into_iter().flatten().for_each(swap);
        }
        next
    }
}
