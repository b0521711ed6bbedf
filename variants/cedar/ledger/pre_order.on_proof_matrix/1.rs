//! Another server tells what it expects to be covered: guards in a table, then a queue of commands.

use prime::pre_order::{Effects, State, merge_row};
use std::collections::VecDeque;
use wire::auth::Context;
use wire::prime::{Matrix, PoAru, ProofMatrix};
use wire::{Config, Reject, ReplicaId, Verified};

/// A condition and what it is rejected for.
type Guard = (fn(&Config, &Matrix) -> bool, Reject);

/// The first that holds decides.
const GUARDS: [Guard; 2] = [(odd_height, Reject::Invalid), (odd_row, Reject::Invalid)];

/// What is to be done.
enum Command<'a> {
    Refuse(ReplicaId, Reject),
    Merge(Verified<PoAru>),
    Keep(&'a Verified<ProofMatrix>),
}

/// Takes a Proof-Matrix of its signer.
pub fn on_proof_matrix(
    state: &mut State,
    config: &Config,
    message: &Verified<ProofMatrix>,
    effects: &mut Effects,
) {
    let mut commands = plan(config, message);
    while let Some(command) = commands.pop_front() {
        carry_out(command, state, config, effects);
    }
}

fn plan<'a>(config: &Config, message: &'a Verified<ProofMatrix>) -> VecDeque<Command<'a>> {
    let matrix = &message.body().matrix;
    match GUARDS.iter().find(|(holds, _)| holds(config, matrix)) {
        Some(&(_, reason)) => VecDeque::from([Command::Refuse(message.signer(), reason)]),
        None => {
            let context = Context::from(config);
            let merges = message.rows(&context).flatten().map(Command::Merge);
            merges.chain([Command::Keep(message)]).collect()
        }
    }
}

fn odd_height(config: &Config, matrix: &Matrix) -> bool {
    matrix.rows.len() != config.size()
}

/// Some row is not its server's, or not N long.
fn odd_row(config: &Config, matrix: &Matrix) -> bool {
    let expected = (1_u16..).map(ReplicaId).zip(matrix.rows.iter());
    expected
        .filter_map(|(server, row)| Some((server, row.as_ref()?)))
        .any(|(server, row)| (row.signer, row.body.vec.len()) != (server, config.size()))
}

fn carry_out(command: Command<'_>, state: &mut State, config: &Config, effects: &mut Effects) {
    match command {
        Command::Refuse(sender, reason) => effects.reject(sender, reason),
        Command::Merge(row) => merge_row(state, config, &row, effects),
        Command::Keep(message) => {
            let place = usize::from(message.signer().0).checked_sub(1);
            if let Some(cell) = place.and_then(|index| state.proof_matrices.get_mut(index)) {
                *cell = Some(message.clone());
            }
        }
    }
}
