//! A table from what a proof is to what becomes of it.

use prime::pre_order::{Effects, State};
use wire::auth::Context;
use wire::prime::{PoRequest, PoRequestConflict};
use wire::{Config, Reject, ReplicaId, Signed, Verified};

/// What a decision rests on.
struct Case<'a> {
    state: &'a State,
    context: Context,
    message: &'a Verified<PoRequestConflict>,
}

impl Case<'_> {
    fn pair(&self) -> [&Signed<PoRequest>; 2] {
        let proof = self.message.body();
        [&proof.first, &proof.second]
    }

    fn known(&self) -> bool {
        self.state.equivocators.contains(&self.pair()[0].signer)
    }
}

/// What is to be done.
#[derive(Clone, Copy)]
enum Command {
    Blame(Reject),
    Nothing,
    List,
}

type Line = (fn(&Case<'_>) -> bool, Command);

/// The first whose condition holds decides.
const TABLE: [Line; 6] = [
    (|case| differ(case, |_, it| it.signer), Command::Blame(Reject::Invalid)),
    (|case| differ(case, |_, it| it.body.seq), Command::Blame(Reject::Invalid)),
    (
        |case| !differ(case, |context, it| context.leaf(it.signer, &it.body)),
        Command::Blame(Reject::Invalid),
    ),
    (|case| case.known() && case.message.signer() == case.state.me, Command::Nothing),
    (|case| case.known(), Command::Blame(Reject::Duplicate)),
    (|_| true, Command::List),
];

/// Whether the two requests differ in what `view` shows of each.
fn differ<T: PartialEq>(case: &Case<'_>, view: fn(&Context, &Signed<PoRequest>) -> T) -> bool {
    let [first, second] = case.pair().map(|request| view(&case.context, request));
    first != second
}

fn decide(case: &Case<'_>) -> Command {
    let line = TABLE.iter().find(|(condition, _)| condition(case));
    line.map_or(Command::Nothing, |&(_, command)| command)
}

fn carry_out(
    command: Command,
    state: &mut State,
    sender: ReplicaId,
    accused: ReplicaId,
    effects: &mut Effects,
) {
    match command {
        Command::Blame(reason) => effects.reject(sender, reason),
        Command::Nothing => (),
        Command::List => {
            state.equivocators.insert(accused);
        }
    }
}

/// Lists the originator that a proof convicts.
pub fn on_po_request_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequestConflict>,
    effects: &mut Effects,
) {
    let command = decide(&Case { state, context: Context::from(config), message });
    carry_out(command, state, message.signer(), message.body().first.signer, effects);
}
