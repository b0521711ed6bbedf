//! Family birch: functional and sorted. Versions of the slots of every component, each
//! in the place of the reference's. `family.toml` says who wrote them and from what.

pub mod broadcast;
pub mod catch_up;
pub mod checkpoint;
pub mod decode;
pub mod execute;
pub mod order;
pub mod pre_order;
pub mod recon;
pub mod rejoin;
pub mod suspect;
pub mod view_change;
