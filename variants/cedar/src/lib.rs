//! Family cedar: table-driven. Versions of every slot of decoding and pre-ordering, each
//! in the place of the reference's. `family.toml` says who wrote them and from what.

pub mod decode;
pub mod pre_order;
