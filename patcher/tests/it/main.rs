//! The patcher on miniature projects: see `testdata`.

mod build;
mod common;
mod components;
mod compose;
mod lineages;
mod mutants;
mod order;
mod own;
mod plans;
mod plants;
mod project;
mod prompts;
mod runner;
mod stubs;
