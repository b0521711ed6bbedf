//! What a cluster's replicas are told.

use super::{Kept, Misfit, structure};
use crate::tree::Hand;
use serde_json::{Value, json};
use wire::monitoring::{Mode, Monitoring};
use wire::{Config, Proofs, Timing, Windows};

structure!(Config { cluster, epoch, n, f, k, leaders, windows, timing, monitoring, proofs });
structure!(Windows { preorder, order, client, pending, checkpoint });
structure!(Timing { po_request, po_aru, pre_prepare, proof_matrix, retransmit, renewal });
structure!(Monitoring { period, k_lat, delta_pp, rtt_floor, sched_slack, stall_min, mode });

impl Kept for Proofs {
    fn keep(&self) -> Value {
        match self {
            Self::Certificate => "Certificate".into(),
            Self::Threshold => "Threshold".into(),
        }
    }

    fn had(value: &Value, _hand: &Hand<'_>) -> Result<Self, Misfit> {
        match value.as_str() {
            Some("Certificate") => Ok(Self::Certificate),
            Some("Threshold") => Ok(Self::Threshold),
            _ => Err(Misfit::new("there are no such proofs")),
        }
    }
}

impl Kept for Mode {
    fn keep(&self) -> Value {
        match self {
            Self::Report => Value::Null,
            Self::Robust { outliers, window } => json!([outliers, window]),
        }
    }

    fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
        if value.is_null() {
            return Ok(Self::Report);
        }
        let (outliers, window) = Kept::had(value, hand)?;
        Ok(Self::Robust { outliers, window })
    }
}
