//! What tests of inputs have in common.

use bench::{Corpus, Judges, Plan, Registry, Selection};
use std::sync::OnceLock;
use std::time::Duration;
use verdict::Verdict;

/// The verdict on version `alpha`, by comparison alone.
pub(crate) fn of(registry: &Registry, slot: &str) -> Verdict {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    let corpus = CORPUS.get_or_init(|| Corpus::record(7));
    let judges = Judges { oracle: false, differential: true };
    let plan =
        Plan { cases: Some(20_000), time: Duration::from_secs(30), judges, ..Plan::default() };
    let selection = Selection { slot: Some(slot), family: Some("alpha") };
    registry.judge(corpus, &selection, &plan, &|lost| panic!("{lost:?}")).remove(0)
}
