//! Waiting acknowledgements are cut into loads, and the loads go out.

use prime::pre_order::{Effects, State};
use std::mem::take;
use wire::prime::{MAX_ACKS, PoAck, PoAcks};
use wire::{Config, List, To};

/// Acknowledgements in a row, as they waited.
type Run = Vec<PoAck>;

/// One message to be sent.
struct Load(List<PoAck, MAX_ACKS>);

/// Runs that are still to be cut (the first to go on top), and the loads that came of others.
#[derive(Default)]
struct Desk {
    work: Vec<Run>,
    loads: Vec<Load>,
}

type Condition = fn(&[PoAck]) -> bool;
type Action = fn(&mut Desk, Run);

/// What is done with a run: the first line whose condition holds.
const CUTTING: [(Condition, Action); 3] = [
    (|run| run.is_empty(), |_, _| ()),
    (|run| run.len() <= MAX_ACKS, |desk, run| desk.loads.push(Load(whole(run)))),
    (|_| true, halve),
];

fn whole(run: Run) -> List<PoAck, MAX_ACKS> {
    List::take(&mut run.into_iter())
}

/// Puts both halves back, the left one full to its last load.
fn halve(desk: &mut Desk, mut left: Run) {
    let loads = left.len().div_ceil(MAX_ACKS);
    let right = left.split_off(loads / 2 * MAX_ACKS);
    desk.work.push(right);
    desk.work.push(left);
}

fn cut(run: Run) -> Vec<Load> {
    let mut desk = Desk { work: vec![run], ..Desk::default() };
    while let Some(run) = desk.work.pop() {
        if let Some((_, action)) = CUTTING.iter().find(|(condition, _)| condition(&run)) {
            action(&mut desk, run);
        }
    }
    desk.loads
}

fn carry_out(loads: Vec<Load>, effects: &mut Effects) {
    loads.into_iter().for_each(|Load(acks)| effects.send(To::All, PoAcks { acks }));
}

/// Sends every waiting acknowledgement, in order, in as few messages as can be.
pub fn make_po_acks(state: &mut State, _config: &Config, effects: &mut Effects) {
    carry_out(cut(take(&mut state.unsent_acks)), effects);
}
