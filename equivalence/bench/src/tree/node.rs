//! Trees whose types are forgotten: so what is done with the cases of all slots is compiled once.

use super::{Hand, Pools, Tree};
use std::any::Any;
use std::fmt::Debug;
use wire::{Config, Reject};

/// A [`Tree`] of any type. What each function does is said there.
pub(crate) trait Node: Any + Debug + Send + Sync {
    /// Another of the same.
    fn copy(&self) -> Box<dyn Node>;
    /// See [`Tree::is_empty`].
    fn is_empty(&self) -> bool;
    /// See [`Tree::same`]. Nodes of two types are never the same.
    fn same(&self, other: &dyn Node) -> bool;
    /// See [`Tree::size`].
    fn size(&self) -> usize;
    /// See [`Tree::shape`].
    fn shape(&self) -> u64;
    /// See [`Tree::lines`].
    fn lines(&self, path: &str, lines: &mut Vec<String>);
    /// See [`Tree::collect`].
    fn collect(&self, pools: &mut Pools);
    /// See [`Tree::change`].
    fn change(&mut self, hand: &mut Hand<'_>);
    /// See [`Tree::steps`].
    fn steps(&self) -> usize;
    /// See [`Tree::lessen`].
    fn lessen(&mut self, step: usize, hand: &Hand<'_>);
    /// See [`Tree::fits`].
    fn fits(&self, config: &Config) -> bool;
    /// See [`Tree::reason`].
    fn reason(&self) -> Option<Reject>;
}

impl<T: Tree> Node for T {
    fn copy(&self) -> Box<dyn Node> {
        Box::new(self.clone())
    }

    fn is_empty(&self) -> bool {
        Tree::is_empty(self)
    }

    fn same(&self, other: &dyn Node) -> bool {
        (other as &dyn Any).downcast_ref().is_some_and(|other| Tree::same(self, other))
    }

    fn size(&self) -> usize {
        Tree::size(self)
    }

    fn shape(&self) -> u64 {
        Tree::shape(self)
    }

    fn lines(&self, path: &str, lines: &mut Vec<String>) {
        Tree::lines(self, path, lines);
    }

    fn collect(&self, pools: &mut Pools) {
        Tree::collect(self, pools);
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        Tree::change(self, hand);
    }

    fn steps(&self) -> usize {
        Tree::steps(self)
    }

    fn lessen(&mut self, step: usize, hand: &Hand<'_>) {
        Tree::lessen(self, step, hand);
    }

    fn fits(&self, config: &Config) -> bool {
        Tree::fits(self, config)
    }

    fn reason(&self) -> Option<Reject> {
        Tree::reason(self)
    }
}

/// What is known to be a `T`.
pub(crate) fn known<T: Tree>(node: &dyn Node) -> &T {
    (node as &dyn Any).downcast_ref().expect("a slot's cases are made of its own types")
}
