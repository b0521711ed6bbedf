//! Real processes on loopback: four replicas that run the reference, clients, and faults.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bytes;
mod churn;
mod crash;
mod folder;
mod harness;
mod keys;
mod load;
mod memory;
mod panics;
mod providers;
mod raw;
mod service;
mod threshold;
