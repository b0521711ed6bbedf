//! One ordered update meets its client's table: decided first, done afterwards.

use prime::execute::{ClientTable, Effects, State};
use wire::auth::Context;
use wire::client::Outcome;
use wire::{Blob, ClientId, ClientSeq, Config, Effect, Reply, Service, Update};

/// What is to be done.
enum Plan {
    /// Only answer.
    Answer(Outcome),
    /// Remember the update.
    Hold,
    /// One with the number is held.
    Nothing,
    /// Execute it and as many held ones as this, which follow without a gap.
    Run(u64),
}

/// How many held updates follow `number` without a gap.
fn followers(table: &ClientTable, number: u64) -> u64 {
    let Some(first) = number.checked_add(1) else {
        return 0;
    };
    let mut count = 0_u64;
    for key in table.held.range(ClientSeq(first)..) {
        // The keys ascend from `first`, so the difference does not wrap.
        if key.0.0 - first != count {
            break;
        }
        count += 1;
    }
    count
}

/// Which of the cases holds.
fn decide(table: Option<&ClientTable>, number: u64, window: u64) -> Plan {
    let mut low = 0;
    if let Some(table) = table {
        low = table.low.0;
    }
    if number <= low {
        if number != 0
            && let Some(table) = table
            && let Some(kept) = table.replies.get(&ClientSeq(number))
        {
            return Plan::Answer(kept.clone());
        }
        return Plan::Answer(Outcome::Forgotten);
    }
    // From here on `low` is below `number`, so the distance is 1 or more.
    let distance = number - low;
    if distance == 1 {
        let mut more = 0;
        if let Some(table) = table {
            more = followers(table, number);
        }
        return Plan::Run(more);
    }
    if number > low.saturating_add(window) {
        return Plan::Answer(Outcome::BeyondWindow);
    }
    if let Some(table) = table
        && table.held.contains_key(&ClientSeq(number))
    {
        return Plan::Nothing;
    }
    Plan::Hold
}

/// Executes an ordered update of `client`, holds it back, answers it again or refuses it.
pub fn apply_update(
    state: &mut State,
    config: &Config,
    service: &mut dyn Service,
    client: ClientId,
    update: &Update,
    effects: &mut Effects,
) {
    let window = config.windows.client;
    let more = match decide(state.clients.get(&client), update.seq.0, window) {
        Plan::Nothing => return,
        Plan::Answer(result) => {
            effects.push(Effect::Reply(Reply { client, seq: update.seq, result }));
            return;
        }
        Plan::Hold => {
            let table = state.clients.entry(client).or_default();
            table.held.insert(update.seq, update.clone());
            return;
        }
        Plan::Run(more) => more,
    };

    let context = Context::from(config);
    let table = state.clients.entry(client).or_default();
    let mut number = update.seq.0;
    let mut step = 0_u64;
    loop {
        let leaf;
        let answer;
        if step == 0 {
            leaf = context.leaf(client, update);
            answer = service.execute(client, &update.payload);
        } else {
            let Some(waiting) = table.held.remove(&ClientSeq(number)) else {
                return;
            };
            leaf = context.leaf(client, &waiting);
            answer = service.execute(client, &waiting.payload);
        }
        let Ok(answer) = Blob::new(answer) else {
            panic!("the service's answer is longer than any may be");
        };

        state.index = state.index.saturating_add(1);
        table.low = ClientSeq(number);
        table.replies.insert(ClientSeq(number), Outcome::Done(answer.clone()));
        if let Some(old) = number.checked_sub(window) {
            table.replies.remove(&ClientSeq(old));
        }
        effects.push(Effect::Executed { index: state.index, client, update: leaf });
        effects.push(Effect::Reply(Reply {
            client,
            seq: ClientSeq(number),
            result: Outcome::Done(answer),
        }));

        if step == more {
            return;
        }
        // There is a held update with the next number, so it fits.
        step += 1;
        number += 1;
    }
}
