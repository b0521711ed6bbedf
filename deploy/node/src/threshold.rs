//! Libraries for threshold signatures: which one a replica has is chosen by its program's type.
//! `blst` is there with the feature `threshold`.

#[cfg(feature = "threshold")]
pub use ::threshold::Blst;

use std::sync::Arc;
use wire::threshold::{Keys, Provider};
use wire::{ReplicaId, ThresholdScheme};

/// None at all: for clusters whose proofs are certificates.
#[derive(Clone, Copy, Debug, Default)]
pub struct Absent;

impl Provider for Absent {
    fn open(
        &self,
        _: &Keys,
        _: usize,
        _: ReplicaId,
        _: &[u8; 32],
    ) -> Result<Arc<dyn ThresholdScheme>, String> {
        let what = "the cluster's proofs are threshold signatures, for which this program has no \
                    library; build it from a plan that says `threshold = \"blst\"` among its providers";
        Err(what.to_string())
    }
}
