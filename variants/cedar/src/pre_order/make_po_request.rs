//! Waiting updates are measured, and as many as fit get the next number.

use prime::pre_order::{Effects, State};
use wire::prime::{MAX_BATCH, MAX_BATCH_BYTES, PoRequest};
use wire::{Config, List, PoSeq, Time, To};

/// What a decision rests on.
struct Case<'a> {
    state: &'a State,
    config: &'a Config,
    now: Time,
}

/// What is to be done, one thing each.
enum Command {
    /// This number is given out.
    Number(PoSeq),
    /// Nothing more before then.
    Rest(Time),
    /// So many updates leave the queue under this number.
    Promise(PoSeq, usize),
}

/// Each is a reason to wait.
const WAITING: [fn(&Case<'_>) -> bool; 3] = [
    |case| case.state.pending.is_empty(),
    |case| case.now < case.state.next_request_at,
    |case| next_number(case).is_none(),
];

/// The next number, if others would keep twice as many.
fn next_number(case: &Case<'_>) -> Option<PoSeq> {
    let row = usize::from(case.state.me.0).checked_sub(1)?;
    let retired = case.state.columns.get(row)?.retired;
    let next = case.state.last_own.0.checked_add(1)?;
    let ahead = next.saturating_sub(retired.0);
    (ahead <= case.config.windows.preorder.div_ceil(2)).then_some(PoSeq(next))
}

/// How many of `sizes`, from the front, go into `places` and `room`.
fn fitting(sizes: &mut dyn Iterator<Item = usize>, places: usize, room: usize) -> usize {
    let left = places.checked_sub(1);
    let left = left.and_then(|places| Some((places, room.checked_sub(sizes.next()?)?)));
    left.map_or(0, |(places, room)| 1 + fitting(sizes, places, room))
}

/// How many of the waiting updates make the batch. There is at least one.
fn batch(state: &State) -> usize {
    let mut sizes = state.pending.iter().map(|update| update.body().payload.len());
    fitting(&mut sizes, MAX_BATCH, MAX_BATCH_BYTES).max(1)
}

fn plan(case: &Case<'_>) -> Vec<Command> {
    let number = next_number(case).filter(|_| !WAITING.iter().any(|holds| holds(case)));
    let Some(number) = number else { return Vec::new() };
    let rest = case.now.after(case.config.timing.po_request);
    vec![
        Command::Number(number),
        Command::Rest(rest),
        Command::Promise(number, batch(case.state)),
    ]
}

fn carry_out(command: Command, state: &mut State, effects: &mut Effects) {
    match command {
        Command::Number(number) => state.last_own = number,
        Command::Rest(until) => state.next_request_at = until,
        Command::Promise(seq, count) => {
            let count = count.min(state.pending.len());
            let mut taken = state.pending.drain(..count).map(|update| update.signed().clone());
            let updates = List::take(&mut taken);
            effects.promise(To::All, PoRequest { seq, updates });
        }
    }
}

/// Promises the oldest waiting updates under the next number, unless there is reason to wait.
pub fn make_po_request(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    for command in plan(&Case { state, config, now }) {
        carry_out(command, state, effects);
    }
}
