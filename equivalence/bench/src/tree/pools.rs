//! Values that were met, by type.

use super::Tree;
use crate::rng::Rng;
use std::any::{Any, TypeId};
use std::collections::BTreeMap;

/// Values kept of one type.
const KEPT: usize = 256;

#[derive(Default)]
struct Pool {
    seen: u64,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

/// A bounded sample of the values of each type. Which are kept depends on the order in which they
/// were offered and on nothing else.
#[derive(Default)]
pub(crate) struct Pools(BTreeMap<TypeId, Pool>);

impl Pools {
    /// Maybe keeps a copy of `value`.
    pub(crate) fn offer<T: Tree>(&mut self, value: &T) {
        let pool = self.0.entry(TypeId::of::<T>()).or_default();
        pool.seen += 1;
        let mut rng = Rng::of(&[0x706f_6f6c, pool.seen]);
        if pool.kept.len() < KEPT {
            pool.kept.push(Box::new(value.clone()));
        } else if let Ok(place) = usize::try_from(rng.below(pool.seen))
            && let Some(place) = pool.kept.get_mut(place)
        {
            *place = Box::new(value.clone());
        }
    }

    /// One of the values of this type.
    pub(crate) fn draw<T: Tree>(&self, rng: &mut Rng) -> Option<T> {
        let kept = rng.pick(&self.0.get(&TypeId::of::<T>())?.kept)?;
        kept.downcast_ref::<T>().cloned()
    }
}
