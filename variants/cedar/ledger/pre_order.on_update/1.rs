//! Guards before the queue.

use prime::pre_order::{Effects, State};
use wire::{ClientId, ClientSeq, Config, Reject, Update, Verified};

/// What a decision rests on.
struct Case<'a> {
    state: &'a State,
    config: &'a Config,
    key: (ClientId, ClientSeq),
}

impl Case<'_> {
    /// Whether `held` uses up `limit`.
    fn is_used_up(held: usize, limit: u64) -> bool {
        u64::try_from(held).map_or(true, |held| limit.saturating_sub(held) == 0)
    }

    /// How many numbers of the client are seen to here.
    fn of_client(&self) -> usize {
        let all = (self.key.0, ClientSeq(u64::MIN))..=(self.key.0, ClientSeq(u64::MAX));
        self.state.preordered.range(all).count()
    }
}

/// What is to be done.
#[derive(Clone, Copy)]
enum Command {
    Refuse(Reject),
    Queue,
}

type Line = (fn(&Case<'_>) -> bool, Command);

/// The first whose condition holds decides.
const TABLE: [Line; 4] = [
    (|case| case.state.preordered.contains(&case.key), Command::Refuse(Reject::Duplicate)),
    (
        |case| Case::is_used_up(case.state.pending.len(), case.config.windows.pending),
        Command::Refuse(Reject::Full),
    ),
    (
        |case| Case::is_used_up(case.of_client(), (case.config.windows.pending / 16).max(1)),
        Command::Refuse(Reject::Full),
    ),
    (|_| true, Command::Queue),
];

fn carry_out(
    command: Command,
    state: &mut State,
    key: (ClientId, ClientSeq),
    update: &Verified<Update>,
    effects: &mut Effects,
) {
    match command {
        Command::Refuse(reason) => effects.reject(None, reason),
        Command::Queue => {
            state.preordered.insert(key);
            state.pending.push_back(update.clone());
        }
    }
}

/// Queues a client's update, unless it is here already or there is no room.
pub fn on_update(
    state: &mut State,
    config: &Config,
    update: &Verified<Update>,
    effects: &mut Effects,
) {
    let key = (update.signer(), update.body().seq);
    let case = Case { state, config, key };
    let line = TABLE.iter().find(|(condition, _)| condition(&case));
    if let Some(&(_, command)) = line {
        carry_out(command, state, key, update, effects);
    }
}
