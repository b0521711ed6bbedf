//! Distances whose values are known: of equal functions, of renamed ones and of strangers.

use crate::grams::Grams;
use crate::owner::Slots;
use crate::program::Program;
use crate::step;
use std::hint::black_box;

type Covers = fn(&[u64], u64) -> u64;

mod one {
    #[inline(never)]
    pub(super) fn covers(rows: &[u64], bound: u64) -> u64 {
        let mut seen = 0;
        let mut at = 0;
        while at < rows.len() {
            if rows[at] >= bound {
                seen += 1;
            }
            at += 1;
        }
        seen
    }
}

mod renamed {
    #[inline(never)]
    pub(super) fn covers(all: &[u64], least: u64) -> u64 {
        let mut count = 0;
        let mut next = 0;
        while next < all.len() {
            if all[next] >= least {
                count += 1;
            }
            next += 1;
        }
        count
    }
}

mod strange {
    #[inline(never)]
    pub(super) fn covers(rows: &[u64], bound: u64) -> u64 {
        let (mut hash, mut left) = (bound ^ 0x9e37_79b9_7f4a_7c15, rows);
        while let [first, rest @ ..] = left {
            hash =
                (hash ^ *first).rotate_left(23).wrapping_mul(0x94d0_49bb_1331_11eb) / (bound | 3);
            hash ^= (hash >> 31) | u64::from(hash.count_ones()) << 7;
            left = rest;
        }
        hash.leading_zeros().into()
    }
}

/// The operations of a function's code, and those that it executes upon one input, where this system lets
/// them be followed.
fn measured(program: &Program, covers: Covers, may: bool) -> (Grams, Grams) {
    let function = program.function((covers as *const ()).addr()).unwrap();
    let code = Grams::of(&program.operations(&function.code));
    let rows: Vec<u64> = (0..40).collect();
    let steps = step::noting(1 << 16, || {
        step::begin();
        black_box(covers(black_box(&rows), black_box(17)));
        step::end();
    });
    assert!(!steps.cut);
    let inside = steps.addresses.iter().filter(|address| {
        program.in_file(**address).is_some_and(|address| function.code.contains(&address))
    });
    let own: Vec<u16> = inside.filter_map(|address| program.operation(*address)).collect();
    assert_eq!(own.len() > 100, may, "{} instructions for 40 rows", own.len());
    (code, Grams::of(&own))
}

#[test]
fn a_renamed_copy_is_the_same_and_a_stranger_nearly_all_the_way_apart() {
    let may = step::prepare().is_ok();
    let program = Program::of_this_process(Slots::default()).unwrap();
    let of = |covers| measured(&program, covers, may);
    let (one, again, renamed, strange) =
        (of(one::covers), of(one::covers), of(renamed::covers), of(strange::covers));
    for other in [&again, &renamed] {
        assert_eq!((one.0.set_distance(&other.0), one.1.distance(&other.1)), (0.0, 0.0));
    }
    let (code, trace) = (one.0.set_distance(&strange.0), one.1.distance(&strange.1));
    assert!(code > 0.8 && (trace > 0.8 || !may), "{code} {trace}");
}
