//! The certificate as a count of the Commits that equal the one looked for.

use prime::order::OrderSlot;
use wire::Config;
use wire::prime::Commit;

/// Says whether `slot` holds a commit certificate.
pub fn committed(config: &Config, slot: &OrderSlot) -> bool {
    let Some(pre_prepare) = &slot.pre_prepare else {
        return false;
    };
    let wanted = Commit {
        view: pre_prepare.body().view,
        seq: pre_prepare.body().seq,
        digest: pre_prepare.digest(),
    };
    slot.commits.values().filter(|vote| *vote.body() == wanted).count() >= config.quorum()
}
