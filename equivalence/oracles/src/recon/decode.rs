//! What `recon.decode` must answer.

use super::code::content_of_parts;
use super::definitions::whole;
use crate::Finding;
use prime::pre_order::Content;
use std::collections::BTreeMap;
use wire::prime::Recon;
use wire::{Config, ReplicaId};

/// The content that the parts of the f+1 lowest ids are of, if `about` describes it.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    config: &Config,
    about: &Recon,
    parts: &BTreeMap<ReplicaId, Vec<u8>>,
    got: &Option<Content>,
) -> Result<(), Finding> {
    let expected = content_of_parts(config, about, parts);
    let expected = expected.as_ref().map(|(digest, request)| (*digest, request));
    crate::answer("recon.decode: what `about` describes", &expected, &got.as_ref().map(whole))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::recon::code::MAX_BODY;
    use crate::recon::kit::{config, content, part, request, trips};
    use std::collections::BTreeMap;
    use wire::prime::Recon;
    use wire::{Digest, PoSeq, ReplicaId};

    fn parts(of: &[u16]) -> BTreeMap<ReplicaId, Vec<u8>> {
        let request = request(2, 1, 1);
        of.iter().map(|&i| (ReplicaId(i), part(i, &request).part.to_vec())).collect()
    }

    fn is(about: &Recon, parts: &BTreeMap<ReplicaId, Vec<u8>>, there: bool) {
        let right = Some(content(&request(2, 1, 1)));
        let (got, wrong) = if there { (right, None) } else { (None, right) };
        assert_eq!(check(&config(), about, parts, &got), Ok(()));
        trips(check(&config(), about, parts, &wrong), "describes");
    }

    #[test]
    fn any_two_servers_parts_give_the_content() {
        let about = part(4, &request(2, 1, 1));
        for of in [[1, 2], [1, 4], [2, 3], [3, 4]] {
            is(&about, &parts(&of), true);
        }
        // What is beyond the two lowest is not looked at.
        let mut more = parts(&[1, 3, 4]);
        more.insert(ReplicaId(4), vec![]);
        is(&about, &more, true);
        is(&about, &parts(&[1]), false);
    }

    #[test]
    fn what_about_does_not_describe_is_none() {
        let about = || part(3, &request(2, 1, 1));
        let long = u32::try_from(MAX_BODY).unwrap() + 1;
        is(
            &Recon { path: wire::List::empty(), part: Default::default(), ..about() },
            &parts(&[1, 3]),
            true,
        );
        for wrong in [
            Recon { originator: ReplicaId(3), ..about() },
            Recon { seq: PoSeq(2), ..about() },
            Recon { digest: Digest::default(), ..about() },
            Recon { root: Digest::default(), ..about() },
            Recon { length: about().length - 1, ..about() },
            Recon { length: 0, ..about() },
            Recon { length: long, ..about() },
        ] {
            is(&wrong, &parts(&[1, 3]), false);
        }
        let mut garbage = parts(&[1, 3]);
        garbage.entry(ReplicaId(3)).or_default()[0] ^= 1;
        is(&about(), &garbage, false);
        garbage.entry(ReplicaId(3)).or_default().pop();
        is(&about(), &garbage, false);
    }

    #[test]
    fn another_body_under_the_right_digest_is_found() {
        let mut wrong = content(&request(2, 1, 2));
        wrong.digest = request(2, 1, 1).digest();
        let about = part(3, &request(2, 1, 1));
        trips(check(&config(), &about, &parts(&[1, 3]), &Some(wrong)), "describes");
    }
}
