//! A table of guards says what becomes of the update; a work list runs it and what waited for it.

use prime::execute::{Effects, State};
use std::borrow::Cow;
use wire::auth::Context;
use wire::client::{MAX_PAYLOAD, Outcome};
use wire::{Blob, ClientId, ClientSeq, Config, Effect, Reply, Service, Update};

/// What the decision depends on.
struct Facts {
    /// The update's number.
    seq: u64,
    /// The client's last executed number.
    low: u64,
    /// How far ahead updates are held.
    window: u64,
    /// Whether one with this number is held already.
    waiting: bool,
}

impl Facts {
    /// How far the number lies above `low`; 0 also for those below.
    fn ahead(&self) -> u64 {
        self.seq.saturating_sub(self.low)
    }
}

/// What is to be done.
#[derive(Clone, Copy)]
enum Course {
    /// Answer as before.
    Recall,
    /// Execute.
    Run,
    /// Refuse.
    Refuse,
    /// Nothing.
    Pass,
    /// Hold back.
    Hold,
}

/// Tried in order; the first that applies decides.
const GUARDS: [(fn(&Facts) -> bool, Course); 5] = [
    (|facts| facts.ahead() == 0, Course::Recall),
    (|facts| facts.ahead() == 1, Course::Run),
    (|facts| facts.ahead() > facts.window, Course::Refuse),
    (|facts| facts.waiting, Course::Pass),
    (|_| true, Course::Hold),
];

/// The course that the first guard that applies prescribes.
fn decide(facts: &Facts) -> Course {
    GUARDS
        .iter()
        .find_map(|(applies, course)| applies(facts).then_some(*course))
        .unwrap_or(Course::Pass)
}

/// The service's answer, cut to what a reply can hold.
fn answer(service: &mut dyn Service, client: ClientId, update: &Update) -> Outcome {
    let mut bytes = service.execute(client, &update.payload);
    bytes.truncate(MAX_PAYLOAD);
    Outcome::Done(Blob::new(bytes).unwrap_or_default())
}

/// Executes `update` and then, one after another, what is held with the number that follows.
fn run(
    state: &mut State,
    config: &Config,
    service: &mut dyn Service,
    client: ClientId,
    update: &Update,
    effects: &mut Effects,
) {
    let context = Context::from(config);
    let table = state.clients.entry(client).or_default();
    let mut work = Some(Cow::Borrowed(update));
    while let Some(update) = work {
        let outcome = answer(service, client, &update);
        state.index = state.index.saturating_add(1);
        table.low = update.seq;
        table.replies.insert(update.seq, outcome.clone());
        while let Some(oldest) = table.replies.first_entry() {
            if table.low.0.saturating_sub(oldest.key().0) < config.windows.client {
                break;
            }
            oldest.remove();
        }
        effects.push(Effect::Executed {
            index: state.index,
            client,
            update: context.leaf(client, &*update),
        });
        effects.push(Effect::Reply(Reply { client, seq: update.seq, result: outcome }));
        work = update
            .seq
            .0
            .checked_add(1)
            .and_then(|next| table.held.remove(&ClientSeq(next)))
            .map(Cow::Owned);
    }
}

/// Executes an ordered update of `client` if its turn has come, and what was waiting for it.
pub fn apply_update(
    state: &mut State,
    config: &Config,
    service: &mut dyn Service,
    client: ClientId,
    update: &Update,
    effects: &mut Effects,
) {
    let table = state.clients.get(&client);
    let facts = Facts {
        seq: update.seq.0,
        low: table.map_or(0, |table| table.low.0),
        window: config.windows.client,
        waiting: table.is_some_and(|table| table.held.contains_key(&update.seq)),
    };
    let reply = match decide(&facts) {
        Course::Run => return run(state, config, service, client, update, effects),
        Course::Hold => {
            let table = state.clients.entry(client).or_default();
            table.held.insert(update.seq, update.clone());
            return;
        }
        Course::Pass => return,
        Course::Refuse => Outcome::BeyondWindow,
        Course::Recall => table
            .and_then(|table| table.replies.get(&update.seq))
            .cloned()
            .unwrap_or(Outcome::Forgotten),
    };
    effects.push(Effect::Reply(Reply { client, seq: update.seq, result: reply }));
}
