//! A small-scope model.

mod action;
mod explore;
mod heal;
mod leave;
mod model;
mod property;
mod resolve;
mod rules;
mod scope;
mod settle;
mod state;
mod step;
mod symmetry;
mod table;
mod tally;
mod walk;

pub use action::{Action, value_name};
pub use explore::{Limits, Outcome, explore};
pub use model::Model;
pub use property::Broken;
pub use rules::Rules;
pub use scope::{LISTS, NUMBERS, SERVERS, Scope, VIEWS};
pub use state::{Phase, Report, Resolution, Server, State, Value, View};
pub use tally::Tally;
pub use walk::{Walks, walk};
