//! What `verdict::Key` does, in a bench that depends on nothing.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;

/// The key of this run, and the socket to which the answer goes.
pub struct Seal {
    key: [u8; 32],
    socket: File,
}

impl Seal {
    pub fn take() -> Self {
        let mut socket = File::from(std::io::stdin().as_fd().try_clone_to_owned().unwrap());
        let mut key = [0; 32];
        socket.read_exact(&mut key).unwrap();
        Self { key, socket }
    }

    /// Says a report.
    pub fn say(mut self, report: &str) {
        let text = format!("{{\"Ok\":{report}}}");
        let tag = hmac(&self.key, text.as_bytes());
        let tag: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        self.socket.write_all(format!("{tag}\n{text}").as_bytes()).unwrap();
    }
}

fn hmac(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    let padded = |pad: u8| {
        let mut block = vec![pad; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = sha256(&[padded(0x36), text.to_vec()].concat());
    sha256(&[padded(0x5c), inner.to_vec()].concat())
}

/// The first 32 bits of the fractional part of a root of the prime number `number`.
fn fraction(number: u64, root: u32) -> u32 {
    // The largest x with x^root <= number * 2^(32 * root).
    let (mut low, mut high) = (0_u128, 1_u128 << 40);
    while high - low > 1 {
        let middle = (low + high) / 2;
        let fits = match root {
            2 => middle * middle <= u128::from(number) << 64,
            // 2^40 cubed is 2^120, and so much is not needed: 311 has a cube root below 2^3.
            _ => middle * middle * middle <= u128::from(number) << 96,
        };
        if fits { low = middle } else { high = middle }
    }
    low as u32
}

fn sha256(text: &[u8]) -> [u8; 32] {
    let is_prime = |number: &u64| (2..*number).all(|divisor| number % divisor != 0);
    let primes: Vec<u64> = (2..).filter(is_prime).take(64).collect();
    let rounds: Vec<u32> = primes.iter().map(|prime| fraction(*prime, 3)).collect();
    let mut state: Vec<u32> = primes[..8].iter().map(|prime| fraction(*prime, 2)).collect();
    let mut padded = text.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - text.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let end = padded.len() - 8;
    padded[end..].copy_from_slice(&(text.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks(64) {
        let mut w: Vec<u32> =
            block.chunks(4).map(|four| u32::from_be_bytes(four.try_into().unwrap())).collect();
        for at in 16..64 {
            let (a, b) = (w[at - 15], w[at - 2]);
            let a = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let b = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            w.push(w[at - 16].wrapping_add(a).wrapping_add(w[at - 7]).wrapping_add(b));
        }
        let mut v = state.clone();
        for at in 0..64 {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let one = v[7].wrapping_add(s1).wrapping_add(choice);
            let one = one.wrapping_add(rounds[at]).wrapping_add(w[at]);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(one);
            v[0] = one.wrapping_add(s0).wrapping_add(majority);
        }
        state.iter_mut().zip(v).for_each(|(sum, more)| *sum = sum.wrapping_add(more));
    }
    let bytes: Vec<u8> = state.iter().flat_map(|word| word.to_be_bytes()).collect();
    bytes.try_into().unwrap()
}
