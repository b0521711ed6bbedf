//! States as a person reads them: only what is not as in the beginning.

use crate::clip::clipped;
use prime::pre_order::{Column, Content, PoSlot, State};
use std::collections::BTreeSet;
use std::fmt::Write;

fn content(content: &Content) -> String {
    let updates = content.body.updates.iter();
    let updates: Vec<String> =
        updates.map(|update| format!("{:?}.{:?}", update.signer, update.body.seq)).collect();
    format!("{:?} [{}]", content.digest, updates.join(" "))
}

/// One slot on one line.
pub(crate) fn show_slot(slot: &PoSlot) -> String {
    let mut text = String::new();
    if let Some(request) = &slot.request {
        let _ = write!(text, " request {}", content(&Content::of(request)));
    }
    if let Some(adopted) = &slot.adopted {
        let _ = write!(text, " adopted {}", content(adopted));
    }
    if !slot.acks.is_empty() {
        let _ = write!(text, " acks {:?}", slot.acks);
    }
    if let Some(certified) = slot.certified {
        let _ = write!(text, " certified {certified:?}");
    }
    if text.is_empty() { String::from(" empty") } else { text }
}

fn show_column(lines: &mut Vec<String>, index: usize, column: &Column) {
    if *column == Column::default() {
        return;
    }
    let originator = index + 1;
    lines.push(format!("column r{originator}: aru {} retired {}", column.aru, column.retired));
    for (seq, slot) in &column.slots {
        lines.push(format!("  slot (r{originator}, {seq:?}):{}", show_slot(slot)));
    }
}

fn show_rest(lines: &mut Vec<String>, state: &State) {
    for (index, row) in state.rows.iter().enumerate() {
        if let Some(row) = row {
            lines.push(format!("row r{}: {:?}", index + 1, &row.body().vec[..]));
        }
    }
    for (index, message) in state.proof_matrices.iter().enumerate() {
        if let Some(message) = message {
            lines.push(format!("proof matrix r{}: {:?}", index + 1, message.digest()));
        }
    }
    let mut named = |name: &str, empty: bool, value: &dyn std::fmt::Debug| {
        if !empty {
            lines.push(format!("{name}: {}", clipped(value, 2_000)));
        }
    };
    let pending: Vec<_> = state.pending.iter().map(|u| (u.signer(), u.body().seq)).collect();
    named("pending", pending.is_empty(), &pending);
    named("preordered", state.preordered.is_empty(), &state.preordered);
    named("blacklist", state.blacklist.is_empty(), &state.blacklist);
    named("equivocators", state.equivocators.is_empty(), &state.equivocators);
    named("unsent acks", state.unsent_acks.is_empty(), &state.unsent_acks);
    named("sent aru", state.sent_aru.iter().all(|entry| entry.0 == 0), &state.sent_aru);
    let known = &state.retransmit_known;
    let nothing = known.iter().flatten().all(|entry| entry.0 == 0);
    named("retransmit known", nothing, known);
    named("last own", state.last_own.0 == 0, &state.last_own);
    named("next request at", state.next_request_at.0 == 0, &state.next_request_at);
    named("next aru at", state.next_aru_at.0 == 0, &state.next_aru_at);
    named("proof matrix at", state.proof_matrix_at.is_none(), &state.proof_matrix_at);
    named("retransmit at", state.retransmit_at.0 == 0, &state.retransmit_at);
}

fn lines(state: &State) -> Vec<String> {
    let mut lines = vec![format!("me: {:?}", state.me)];
    for (index, column) in state.columns.iter().enumerate() {
        show_column(&mut lines, index, column);
    }
    show_rest(&mut lines, state);
    lines
}

/// The state, a line for each thing it holds.
pub(crate) fn show(state: &State) -> String {
    lines(state).join("\n")
}

/// What a step changed: lines gone and lines come.
pub(crate) fn changes(before: &State, after: &State) -> String {
    let (old, new) = (lines(before), lines(after));
    let (was, is): (BTreeSet<&String>, BTreeSet<&String>) =
        (old.iter().collect(), new.iter().collect());
    let gone = old.iter().filter(|line| !is.contains(line)).map(|line| format!("- {line}"));
    let come = new.iter().filter(|line| !was.contains(line)).map(|line| format!("+ {line}"));
    let all: Vec<String> = gone.chain(come).collect();
    if all.is_empty() { String::from("state unchanged") } else { all.join("\n") }
}
