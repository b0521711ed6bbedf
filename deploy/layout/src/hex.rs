//! Bytes as hexadecimal text in configuration files.

use crate::hex as this;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Lower-case hexadecimal digits of `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that `text` spells in twice as many hexadecimal digits.
pub(crate) fn decode<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    if text.len() != 2 * BYTES || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&encode(bytes))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>, const BYTES: usize>(
    deserializer: D,
) -> Result<[u8; BYTES], D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = || D::Error::custom(format!("expected {} hexadecimal digits", 2 * BYTES));
    decode(&text).ok_or_else(wrong)
}

/// The same where there may be none.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hex<const BYTES: usize>(#[serde(with = "this")] pub(crate) [u8; BYTES]);
