//! One slot for fuzzers that bring their own search: an input is a kept one, as JSON in bytes.
//!
//! What is no input of the slot (most of what changing bytes makes) is passed over; so such a fuzzer
//! should change inputs with [`Target::mutate`].

use crate::engine;
use crate::registry::Registry;
use crate::rng::Rng;
use crate::slots::Judged;
use crate::taps::{change_args, change_state};
use crate::tree::{Hand, Pools};
use std::sync::Arc;

/// One slot with its versions.
pub struct Target<'a>(Box<dyn Judged + 'a>);

impl<'a> Target<'a> {
    /// The slot `component.slot`; `None` if there is none that can be judged here.
    #[must_use]
    pub fn new(registry: &'a Registry, slot: &str) -> Option<Self> {
        registry.linked().into_iter().find(|it| it.facts().name == slot).map(Self)
    }

    /// Judges what is in `data`, if that is an input.
    ///
    /// # Errors
    /// What is wrong about which version, for a person.
    pub fn judge(&self, data: &[u8]) -> Result<(), String> {
        let Ok(value) = serde_json::from_slice(data) else { return Ok(()) };
        let Ok(case) = self.0.had(&value) else { return Ok(()) };
        engine::once(&*self.0, &case)
    }

    /// The input in `data` with something changed; `None` if there is none in it.
    #[must_use]
    pub fn mutate(&self, data: &[u8], seed: u64) -> Option<Vec<u8>> {
        let slot = &*self.0;
        let mut case = slot.had(&serde_json::from_slice(data).ok()?).ok()?;
        let mut pools = Pools::default();
        case.state.collect(&mut pools);
        case.args.collect(&mut pools);
        let config = Arc::clone(&case.config);
        let mut hand = Hand::new(&config, &pools, Rng::of(&[seed]));
        if hand.rng.percent(50)
            && let Some(changed) = change_state(slot, &*case.state, &mut hand)
        {
            (case.state, case.sure) = (changed.into(), false);
        }
        let args = change_args(slot, &*case.state, Arc::clone(&case.args), &mut hand);
        case.sure &= slot.facts().hears() || args.same(&*case.args);
        case.args = args;
        Some(slot.keep(&case).to_string().into_bytes())
    }
}

impl std::fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Target").field(&self.0.facts().name).finish()
    }
}
