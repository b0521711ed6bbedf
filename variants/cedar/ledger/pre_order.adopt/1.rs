//! Reconciled content takes its place: guards in a table, then commands.

use prime::pre_order::{Content, Effects, State, advance_aru};
use wire::{Config, Digest, PoSeq, Reject, ReplicaId};

/// What the guards look at.
struct Facts {
    number: PoSeq,
    offered: Digest,
    /// `None` if there is no such originator.
    column: Option<ColumnFacts>,
}

struct ColumnFacts {
    index: usize,
    retired: PoSeq,
    /// The last number within the window.
    last: PoSeq,
    certified: Option<Digest>,
    /// Digest of the slot's request.
    requested: Option<Digest>,
}

impl Facts {
    fn gather(state: &State, config: &Config, originator: ReplicaId, content: &Content) -> Self {
        let number = content.body.seq;
        let column = usize::from(originator.0).checked_sub(1).and_then(|index| {
            let column = state.columns.get(index)?;
            let slot = column.slots.get(&number);
            Some(ColumnFacts {
                index,
                retired: column.retired,
                last: PoSeq(column.retired.0.saturating_add(config.windows.preorder)),
                certified: slot.and_then(|slot| slot.certified),
                requested: slot
                    .and_then(|slot| slot.request.as_ref())
                    .map(|request| request.digest()),
            })
        });
        Self { number, offered: content.digest, column }
    }

    fn column(&self, holds: impl FnOnce(&ColumnFacts) -> bool) -> bool {
        self.column.as_ref().is_some_and(holds)
    }
}

/// A condition and what it is rejected for.
type Guard = (fn(&Facts) -> bool, Reject);

/// The first that holds decides.
const GUARDS: [Guard; 5] = [
    (|facts| facts.column.is_none(), Reject::Invalid),
    (|facts| facts.column(|column| facts.number <= column.retired), Reject::Stale),
    (|facts| facts.column(|column| facts.number > column.last), Reject::BeyondWindow),
    (|facts| facts.column(|column| column.certified == Some(facts.offered)), Reject::Duplicate),
    (|facts| facts.column(|column| column.certified.is_some()), Reject::Equivocation),
];

/// What is to be done.
enum Command<'a> {
    Refuse(Reject),
    Certify { index: usize, number: PoSeq, digest: Digest },
    Keep { index: usize, number: PoSeq, content: &'a Content },
    Advance(ReplicaId),
}

/// Takes content for (o, s) that f+1 Reconciliation senders vouched for.
pub fn adopt(
    state: &mut State,
    config: &Config,
    originator: ReplicaId,
    content: &Content,
    effects: &mut Effects,
) {
    let facts = Facts::gather(state, config, originator, content);
    for command in plan(&facts, originator, content) {
        carry_out(command, state, config, effects);
    }
}

fn plan<'a>(facts: &Facts, originator: ReplicaId, content: &'a Content) -> Vec<Command<'a>> {
    let refused = GUARDS.iter().find(|(holds, _)| holds(facts)).map(|&(_, reason)| reason);
    match (refused, &facts.column) {
        (Some(reason), _) => vec![Command::Refuse(reason)],
        (None, None) => Vec::new(),
        (None, Some(column)) => {
            let (index, number, digest) = (column.index, facts.number, facts.offered);
            let keep = (column.requested != Some(digest))
                .then_some(Command::Keep { index, number, content });
            [Command::Certify { index, number, digest }]
                .into_iter()
                .chain(keep)
                .chain([Command::Advance(originator)])
                .collect()
        }
    }
}

fn carry_out(command: Command<'_>, state: &mut State, config: &Config, effects: &mut Effects) {
    match command {
        Command::Refuse(reason) => effects.reject(None::<ReplicaId>, reason),
        Command::Certify { index, number, digest } => {
            if let Some(column) = state.columns.get_mut(index) {
                column.slots.entry(number).or_default().certified = Some(digest);
            }
        }
        Command::Keep { index, number, content } => {
            if let Some(column) = state.columns.get_mut(index) {
                column.slots.entry(number).or_default().adopted = Some(content.clone());
            }
        }
        Command::Advance(originator) => advance_aru(state, config, originator),
    }
}
