//! Somebody proves that a server signed two inconsistent PO-ARUs: guards in a table, then commands.

use prime::pre_order::{Effects, Relation, State, relation};
use wire::prime::{Incoming, PoAruConflict};
use wire::{Config, Effect, Reject, ReplicaId, To, Verified};

/// What the guards look at.
struct Case<'a> {
    state: &'a State,
    config: &'a Config,
    message: &'a Verified<PoAruConflict>,
}

/// How a case ends.
#[derive(Clone, Copy)]
enum Ending {
    Refused(Reject),
    /// Known, because it was found here.
    Silent,
    Convicted,
}

/// A condition and the ending that it brings.
type Guard = (fn(&Case<'_>) -> bool, Ending);

/// The first that holds decides.
const GUARDS: [Guard; 6] = [
    (two_signers, Ending::Refused(Reject::Invalid)),
    (odd_length, Ending::Refused(Reject::Invalid)),
    (consistent, Ending::Refused(Reject::Invalid)),
    (unknown, Ending::Convicted),
    (found_here, Ending::Silent),
    (|_| true, Ending::Refused(Reject::Duplicate)),
];

/// What is to be done.
enum Command {
    Refuse(ReplicaId, Reject),
    Blacklist(ReplicaId),
    PassOn(Verified<PoAruConflict>),
}

/// Takes a proof that a server signed two inconsistent PO-ARUs.
pub fn on_po_aru_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAruConflict>,
    effects: &mut Effects,
) {
    let commands = plan(&Case { state, config, message });
    commands.into_iter().for_each(|command| carry_out(command, state, effects));
}

fn plan(case: &Case<'_>) -> Vec<Command> {
    let ending = GUARDS.iter().find(|(holds, _)| holds(case)).map(|&(_, ending)| ending);
    match ending {
        Some(Ending::Refused(reason)) => vec![Command::Refuse(case.message.signer(), reason)],
        Some(Ending::Convicted) => vec![
            Command::Blacklist(case.message.body().first.signer),
            Command::PassOn(case.message.clone()),
        ],
        Some(Ending::Silent) | None => Vec::new(),
    }
}

fn two_signers(case: &Case<'_>) -> bool {
    let proof = case.message.body();
    proof.first.signer != proof.second.signer
}

fn odd_length(case: &Case<'_>) -> bool {
    let proof = case.message.body();
    let lengths = [proof.first.body.vec.len(), proof.second.body.vec.len()];
    lengths != [case.config.size(); 2]
}

fn consistent(case: &Case<'_>) -> bool {
    let proof = case.message.body();
    relation(&proof.first.body.vec, &proof.second.body.vec) != Relation::Inconsistent
}

fn unknown(case: &Case<'_>) -> bool {
    !case.state.blacklist.contains(&case.message.body().first.signer)
}

fn found_here(case: &Case<'_>) -> bool {
    case.message.signer() == case.state.me
}

fn carry_out(command: Command, state: &mut State, effects: &mut Effects) {
    match command {
        Command::Refuse(sender, reason) => effects.reject(sender, reason),
        Command::Blacklist(server) => {
            state.blacklist.insert(server);
        }
        Command::PassOn(proof) => {
            effects.push(Effect::Relay { to: To::Others, message: Incoming::from(proof) });
        }
    }
}
