//! What `recon.encode` must answer.

use super::code::parts_of;
use crate::Finding;
use prime::pre_order::Content;
use prime::recon::Parts;
use wire::Config;

/// The values of one polynomial for each position, and their tree.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(config: &Config, content: &Content, got: &Parts) -> Result<(), Finding> {
    let expected = parts_of(config, &content.body);
    crate::answer("recon.encode: length", &expected.length, &got.length)?;
    crate::answer("recon.encode: the values at each row", &expected.parts, &got.parts)?;
    crate::answer("recon.encode: the root over all parts", &expected.root, &got.root)?;
    crate::answer("recon.encode: the paths to the root", &expected.paths, &got.paths)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::recon::code::{leaf, parts_of};
    use crate::recon::kit::{config, content, request, trips};
    use wire::merkle::Tree;
    use wire::{Digest, codec};

    #[test]
    fn the_parts_are_those_of_the_code_and_no_others() {
        let (config, of) = (config(), request(2, 1, 1));
        let (content, right) = (content(&of), parts_of(&config, of.body()));
        assert_eq!(check(&config, &content, &right), Ok(()));
        let bytes = codec::encode(of.body());
        assert_eq!([&right.parts[0][..], &right.parts[1]].concat()[..bytes.len()], bytes);

        let mut wrong = right.clone();
        wrong.length += 1;
        trips(check(&config, &content, &wrong), "length");
        let mut wrong = right.clone();
        wrong.parts.swap(2, 3);
        trips(check(&config, &content, &wrong), "values");
        let mut wrong = right.clone();
        wrong.parts.pop();
        trips(check(&config, &content, &wrong), "values");
        // A tree over the plain digests of the parts.
        let mut wrong = right.clone();
        wrong.root =
            Tree::new(right.parts.iter().map(|part| Digest::of("", part)).collect()).root();
        trips(check(&config, &content, &wrong), "root");
        assert_eq!(right.root, Tree::new(right.parts.iter().map(|p| leaf(p)).collect()).root());
        let mut wrong = right;
        wrong.paths.swap(0, 1);
        trips(check(&config, &content, &wrong), "paths");
    }
}
