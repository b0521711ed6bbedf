//! What `view_change.content_valid` must return.

use super::definitions::{proven, signers};
use crate::{Finding, answer};
use prime::view_change::{Chosen, Statement};
use std::collections::BTreeMap;
use wire::auth::Context;
use wire::prime::{Bound, Certificate, MAX_REPLAY, ReplayCertificate, Report};
use wire::{Config, Seq, View};

/// What broadcasts say, or that no correct server can have said it.
///
/// # Errors
/// The first way in which the answer is not what the contract calls for.
pub fn check(
    config: &Config,
    view: View,
    report: &Report,
    entries: &[Certificate],
    got: &Option<Statement>,
) -> Result<(), Finding> {
    answer("view_change.content_valid", &says(config, view, report, entries), got)
}

/// What a Report of `view` and `entries` say; `None` if that is not valid.
pub(super) fn says(
    config: &Config,
    view: View,
    report: &Report,
    entries: &[Certificate],
) -> Option<Statement> {
    let counted = usize::try_from(report.count) == Ok(entries.len()) && entries.len() <= MAX_REPLAY;
    let certificate = report.replay.as_ref();
    let chose = certificate.is_none_or(|held| replay_valid(config, view, held));
    let highest = report.executed.0.saturating_add(MAX_REPLAY as u64);
    let valid = |entry: &Certificate| {
        let seq = entry.pre_prepare().body.seq;
        seq > report.executed && seq.0 <= highest && entry_valid(config, view, entry)
    };
    let bound: BTreeMap<Seq, Bound> = entries.iter().map(|entry| binds(config, entry)).collect();
    let once = bound.len() == entries.len();
    (counted && chose && once && entries.iter().all(valid)).then(|| Statement {
        executed: report.executed,
        replay: certificate.map(|held| {
            let constraint = &held.replay.body.constraint;
            Chosen {
                view: constraint.view,
                base: constraint.base,
                start_seq: constraint.start_seq,
                resolution: constraint.resolution,
            }
        }),
        entries: bound,
    })
}

/// The number that an entry is about, and what it binds it to.
fn binds(config: &Config, entry: &Certificate) -> (Seq, Bound) {
    let proposal = entry.pre_prepare();
    let digest = Context::from(config).leaf(proposal.signer, &proposal.body);
    (proposal.body.seq, Bound { view: proposal.body.view, digest })
}

/// Of a view in `1..view`, by its leader, proven, and voted for by Q - 1 others than that leader.
fn replay_valid(config: &Config, view: View, certificate: &ReplayCertificate) -> bool {
    let ReplayCertificate { replay, prepares } = certificate;
    let (u, leader) = (replay.body.constraint.view, replay.signer);
    let digest = Context::from(config).leaf(leader, &replay.body);
    let votes = signers(prepares, |vote| {
        (vote.body.view, vote.body.digest) == (u, digest) && vote.signer != leader
    });
    (View(1)..view).contains(&u)
        && leader == config.leader_of(u)
        && proven(config, &replay.body.constraint, &replay.body.proof)
        && votes >= config.votes_beside_proposer()
}

/// Of a view below `view`, by its leader, with N rows and enough votes.
fn entry_valid(config: &Config, view: View, entry: &Certificate) -> bool {
    let (proposal, (seq, bound)) = (entry.pre_prepare(), binds(config, entry));
    let leader = config.leader_of(bound.view);
    let voted = match entry {
        Certificate::Prepared(_, votes) => {
            let count = signers(votes, |vote| {
                let body = &vote.body;
                (body.view, body.seq, body.digest) == (bound.view, seq, bound.digest)
                    && vote.signer != leader
            });
            count >= config.votes_beside_proposer()
        }
        Certificate::Committed(_, votes) => {
            let count = signers(votes, |vote| {
                let body = &vote.body;
                (body.view, body.seq, body.digest) == (bound.view, seq, bound.digest)
            });
            count >= config.quorum()
        }
    };
    let rows = proposal.body.matrix.rows.len();
    bound.view < view && proposal.signer == leader && rows == config.size() && voted
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        bound, certificate, chooses, committed, config, constraint, prepared, proof, proposal,
        proposal_with, replay, resolution, sign, statement, trips,
    };
    use wire::auth::Context;
    use wire::prime::{Bound, Certificate, MAX_REPLAY, PrePrepare, ReplayCertificate, Report};
    use wire::{Seq, Verified, View};

    const VIEW: View = View(5);

    fn report(executed: u64, count: usize, replay: Option<ReplayCertificate>) -> Report {
        Report { executed: Seq(executed), count: u32::try_from(count).unwrap(), replay }
    }

    #[track_caller]
    fn valid(report: &Report, entries: &[Certificate], is: bool) {
        let config = config();
        let chose = resolution(4, &[true]);
        let certified = report.replay.as_ref().map(|held| held.replay.body.constraint.view.0);
        let mut says = statement(report.executed.0, certified.map(|view| (view, &chose)));
        for entry in entries {
            let proposal = entry.pre_prepare();
            let digest = Context::from(&config).leaf(proposal.signer, &proposal.body);
            let view = proposal.body.view;
            says.entries.insert(proposal.body.seq, Bound { view, digest });
        }
        let (right, wrong) = if is { (Some(says), None) } else { (None, Some(says)) };
        assert_eq!(check(&config, VIEW, report, entries, &right), Ok(()));
        let place = "view_change.content_valid";
        trips(check(&config, VIEW, report, entries, &wrong), place);
        if let Some(mut says) = right {
            says.executed = says.executed.next();
            trips(check(&config, VIEW, report, entries, &Some(says)), place);
        }
    }

    #[test]
    fn entries_need_their_votes() {
        let at = proposal(3, 7);
        let other = proposal_with(3, 7, 3);
        for (entry, is) in [
            (prepared(&at, &[1, 2]), true),
            (prepared(&at, &[1]), false),
            (prepared(&at, &[1, 1]), false),
            (prepared(&at, &[1, 4]), false),
            (committed(&at, &[1, 2, 4]), true),
            (committed(&at, &[1, 2]), false),
            (committed(&at, &[1, 2, 2]), false),
            (prepared(&other, &[1, 2]), false),
            (prepared(&proposal(4, 7), &[2, 3]), true),
            (prepared(&proposal(5, 7), &[1, 3]), false),
            (prepared(&proposal(0, 7), &[2, 3]), true),
            (swap(&at, prepared(&other, &[1, 2])), false),
            (swap(&proposal(3, 8), prepared(&at, &[1, 2])), false),
        ] {
            valid(&report(4, 1, None), &[entry], is);
        }
        let stranger = sign(2, at.body().clone());
        valid(&report(4, 1, None), &[prepared(&stranger, &[1, 3])], false);
    }

    /// Votes for another proposal.
    fn swap(proposal: &Verified<PrePrepare>, entry: Certificate) -> Certificate {
        match entry {
            Certificate::Prepared(_, votes) => {
                Certificate::Prepared(proposal.signed().clone(), votes)
            }
            Certificate::Committed(..) => entry,
        }
    }

    #[test]
    fn entries_are_above_what_was_executed_each_number_once_and_counted() {
        let entry = |seq| prepared(&proposal(3, seq), &[1, 2]);
        let committed = committed(&proposal(2, 7), &[1, 2, 4]);
        let most = MAX_REPLAY as u64;
        for (executed, count, entries, is) in [
            (6, 1, vec![entry(7)], true),
            (7, 1, vec![entry(7)], false),
            (4, 1, vec![entry(4 + most)], true),
            (4, 1, vec![entry(5 + most)], false),
            (u64::MAX - 5, 1, vec![entry(u64::MAX)], true),
            (4, 2, vec![entry(7)], false),
            (4, 0, vec![entry(7)], false),
            (4, 2, vec![entry(9), entry(7)], true),
            (4, 2, vec![entry(7), entry(7)], false),
            (4, 2, vec![committed, entry(7)], false),
        ] {
            valid(&report(executed, count, None), &entries, is);
        }
    }

    #[test]
    fn a_replay_certificate_needs_leader_proof_and_votes() {
        let chose = resolution(4, &[true]);
        let of = |view| replay(&constraint(view, &chose));
        let unproven = sign(4, chooses(proof(&[1, 2, 2], &constraint(3, &chose))));
        let stranger = sign(2, of(3).body().clone());
        let mut of_others = certificate(&[1, 2], &of(3));
        of_others.prepares = certificate(&[1, 2], &of(2)).prepares;
        for (certificate, is) in [
            (certificate(&[1, 2], &of(3)), true),
            (certificate(&[2, 3], &of(4)), true),
            (certificate(&[1], &of(3)), false),
            (certificate(&[1, 1], &of(3)), false),
            (certificate(&[1, 4], &of(3)), false),
            (certificate(&[1, 3], &of(5)), false),
            (certificate(&[2, 3], &of(0)), false),
            (certificate(&[1, 2], &unproven), false),
            (certificate(&[1, 3], &stranger), false),
            (of_others, false),
        ] {
            valid(&report(4, 0, Some(certificate)), &[], is);
        }
        let mut wrong = statement(4, Some((3, &chose)));
        wrong.replay.as_mut().unwrap().start_seq = Seq(7);
        let report = report(4, 0, Some(certificate(&[1, 2], &of(3))));
        trips(check(&config(), VIEW, &report, &[], &Some(wrong)), "view_change.content_valid");
    }

    #[test]
    fn a_statement_keeps_what_each_number_is_bound_to() {
        let (one, other) = (proposal(3, 7), proposal(2, 7));
        let mut says = statement(4, None);
        says.entries.insert(Seq(7), bound(&other));
        let entries = [prepared(&one, &[1, 2])];
        let place = "view_change.content_valid";
        trips(check(&config(), VIEW, &report(4, 1, None), &entries, &Some(says)), place);
        let too_many = vec![entries[0].clone(); MAX_REPLAY + 1];
        valid(&report(4, MAX_REPLAY + 1, None), &too_many, false);
    }
}
