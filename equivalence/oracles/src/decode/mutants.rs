//! Encodings that went wrong on their way.

use super::kit::Dice;

/// Counts around those that matter, and bytes that look like tags.
const COUNTS: [u32; 14] = [0, 1, 2, 3, 16, 17, 64, 65, 256, 512, 1024, 1025, 65_537, u32::MAX];
const BYTES: [u8; 6] = [0, 1, 2, 39, 40, 255];

/// A copy of `bytes` with up to three faults; some come from `donor`.
pub(super) fn mutant(bytes: &[u8], donor: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    for _ in 0..=dice.below(3) {
        damage(&mut copy, donor, dice);
    }
    copy
}

fn damage(copy: &mut Vec<u8>, donor: &[u8], dice: &mut Dice) {
    let place = dice.below(copy.len());
    let run = place..copy.len().min(place + 1 + dice.below(8));
    match dice.below(8) {
        0 => copy.truncate(place),
        1 => drop(copy.drain(run)),
        2 => drop(copy.splice(place..place, (0..=dice.below(8)).map(|_| dice.byte()))),
        3 => copy.push(dice.byte()),
        4 => {
            let from = dice.below(donor.len());
            copy.truncate(place);
            copy.extend(&donor[from..]);
        }
        5 => {
            let count = dice.pick(&COUNTS).to_le_bytes();
            copy.iter_mut().skip(place).zip(count).for_each(|(byte, new)| *byte = new);
        }
        6 => copy.iter_mut().skip(place).take(1).for_each(|byte| *byte = dice.pick(&BYTES)),
        _ => copy.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= 1 << dice.below(8)),
    }
}
