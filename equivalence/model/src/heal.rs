//! Progress: once the network heals and faults stop, the next views must bring everything through.

use crate::action::Action;
use crate::model::Model;
use crate::property::Broken;
use crate::scope::{members, select};
use crate::state::State;

impl Model {
    /// Whether the leader of the last view is correct, so that it must get everything done.
    #[must_use]
    pub fn hopeful(&self) -> bool {
        !self.equivocates(self.scope.last())
    }

    /// Runs the last views with as many servers silent as there may be: the faulty one, or else
    /// the correct one that `turn` says, and, where one may be recovering, one more.
    ///
    /// # Errors
    /// [`Broken::Progress`] if not everybody installs the last view and all numbers can be
    /// executed.
    pub fn heal(&self, state: &State, turn: usize) -> Result<(), Broken> {
        let mut healed = self.clone();
        healed.plain = false;
        let mut now = *state;
        // Certificates that the faulty server helped to make are there to stay.
        healed.settle(&mut now);
        healed.helps = false;
        healed.asleep = self.silent(turn);
        while let Some(action) = healed.fair(&now) {
            now = healed.apply(&now, &action);
        }
        let last = &now.views[self.scope.last()];
        let installed = healed.awake() & !last.installed == 0;
        let done = installed && healed.reach(&now) == self.scope.numbers;
        if done { Ok(()) } else { Err(Broken::Progress) }
    }

    fn silent(&self, turn: usize) -> u8 {
        let awake = usize::try_from(self.scope.quorum).unwrap_or(self.scope.servers);
        let leader = self.scope.leader(self.scope.last());
        let correct = self.correct();
        let may = select(correct, |server| server != leader);
        let spare = correct.count_ones() as usize - awake;
        let order: Vec<usize> = members(may).collect();
        (0..spare).fold(0, |mask, more| mask | 1 << order[(turn + more) % order.len()])
    }

    /// The step that a schedule takes on which nothing is held back.
    fn fair(&self, state: &State) -> Option<Action> {
        let actions = self.actions(state);
        if self.due(state, &actions) {
            return actions.first().copied();
        }
        let leaves = |action: &&Action| matches!(action, Action::Leave { .. });
        let useful = |action: &&Action| {
            matches!(action, Action::Execute { .. } | Action::Replay { .. })
                || matches!(action, Action::ReplayPrepare { .. })
        };
        let next = actions.iter().find(useful).or_else(|| actions.iter().find(leaves));
        next.copied()
    }
}
