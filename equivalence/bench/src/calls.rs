//! Calls of versions for others to look at: what a version executes, and not whether it is right.

use crate::registry::Registry;
use crate::slots::Judged;
use crate::world::Corpus;
use std::sync::OnceLock;

/// What is called right before every call of a version, and what right after it.
struct Around {
    before: fn(),
    after: fn(),
}

/// Once somebody set it.
static AROUND: OnceLock<Around> = OnceLock::new();

/// Has `before` and `after` called around every call of a version, on the thread that makes it, from
/// here on. What adapters do to prepare a call is not between the two. Only the first to ask is heard.
pub fn around(before: fn(), after: fn()) {
    let _ = AROUND.set(Around { before, after });
}

/// Calls a version.
pub(crate) fn surrounded<T>(call: impl FnOnce() -> T) -> T {
    /// A version that panics is not between the two any more, either.
    struct End(fn());
    impl Drop for End {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    let Some(Around { before, after }) = AROUND.get() else { return call() };
    let end = End(*after);
    before();
    let output = call();
    drop(end);
    output
}

/// A version as a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// `component.slot`.
    pub slot: &'static str,
    /// Whose it is, `reference` for the protocol's own.
    pub family: &'static str,
    /// Where its code begins in this process.
    pub address: usize,
}

/// What is done about a call: it gets the version's family, the input's number, and the call.
pub type Each<'a> = &'a mut dyn FnMut(&'static str, u64, &mut dyn FnMut());

/// Of how many cases one input is chosen, where a slot mostly refuses.
const CHOICE: u64 = 40;

impl Registry {
    /// Calls all versions of a slot, the reference first, upon `inputs` equal inputs: the first of the
    /// corpus's cases of which something comes at the reference, and others where there are not enough.
    /// `each` gets a version's family, the input's number, and the call to be made once. Gives how many
    /// inputs there were: fewer than asked for where the corpus has no more. `None` if the slot cannot be
    /// judged here.
    pub fn call(&self, corpus: &Corpus, slot: &str, inputs: u64, each: Each<'_>) -> Option<u64> {
        let all = self.linked();
        let slot = &**all.iter().find(|linked| linked.facts().name == slot)?;
        let mut maker = slot.cases().maker(slot, corpus);
        let (mut chosen, mut others) = (Vec::new(), Vec::new());
        let wanted = usize::try_from(inputs).unwrap_or(usize::MAX);
        for index in 0..inputs.saturating_mul(CHOICE) {
            if chosen.len() >= wanted {
                break;
            }
            let Some(case) = maker.case(index) else { break };
            let ran = crate::quiet::catch(|| slot.run(0, &case.config, &*case.state, &*case.args));
            match ran {
                Ok(outcome) if slot.matters(&outcome, &*case.state) => chosen.push(case),
                Ok(_) if others.len() < wanted => others.push(case),
                // Where the reference panics the input is none, or the bench's to find.
                Ok(_) | Err(_) => {}
            }
        }
        let lacking = wanted.saturating_sub(chosen.len());
        chosen.extend(others.into_iter().take(lacking));
        let families: Vec<&'static str> =
            std::iter::once("reference").chain(Judged::families(slot)).collect();
        for (case, number) in chosen.iter().zip(0..) {
            for (version, family) in families.iter().enumerate() {
                each(family, number, &mut || {
                    // What a panic means is the judge's to say.
                    drop(crate::quiet::catch(|| {
                        slot.run(version, &case.config, &*case.state, &*case.args)
                    }));
                });
            }
        }
        Some(chosen.len() as u64)
    }
}
