//! Numbers, names, digests and bytes.

use super::{Kept, Misfit, field, only};
use crate::make::messages::Bytes;
use crate::tree::Hand;
use prime::checkpoint::{Chunks, Journal, Snapshot, cut};
use prime::pre_order::{Content, RequestBody};
use serde_json::{Value, json};
use std::sync::Arc;
use wire::client::Outcome;
use wire::{Blob, ClientId, ClientSeq, Digest, PoSeq, Point, ReplicaId, Seq, Time, View};

macro_rules! numbers {
    ($($number:ty),*) => { $(
        impl Kept for $number {
            fn keep(&self) -> Value {
                json!(self)
            }

            fn had(value: &Value, _hand: &Hand<'_>) -> Result<Self, Misfit> {
                let number = value.as_u64().and_then(|number| Self::try_from(number).ok());
                number.ok_or_else(|| Misfit::new("this must be a number that fits"))
            }
        }
    )* };
}

numbers!(u8, u16, u32, u64, usize);

macro_rules! named {
    ($($name:ident),*) => { $(
        impl Kept for $name {
            fn keep(&self) -> Value {
                self.0.keep()
            }

            fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
                Kept::had(value, hand).map(Self)
            }
        }
    )* };
}

named!(View, Seq, PoSeq, ClientSeq, Time, ReplicaId, ClientId, Journal);

impl Kept for bool {
    fn keep(&self) -> Value {
        json!(self)
    }

    fn had(value: &Value, _hand: &Hand<'_>) -> Result<Self, Misfit> {
        value.as_bool().ok_or_else(|| Misfit::new("this must be true or false"))
    }
}

pub(super) fn hex(bytes: &[u8]) -> Value {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.into()
}

pub(super) fn bytes(value: &Value) -> Result<Vec<u8>, Misfit> {
    let misfit = || Misfit::new("this must be bytes in hex");
    let text = value.as_str().ok_or_else(misfit)?;
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let digits: Option<Vec<u8>> = text.as_bytes().iter().map(digit).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2)).ok_or_else(misfit)?;
    Ok(digits.chunks(2).map(|pair| (pair[0] << 4) | pair[1]).collect())
}

macro_rules! hashes {
    ($($hash:ident),*) => { $(
        impl Kept for $hash {
            fn keep(&self) -> Value {
                hex(&self.0)
            }

            fn had(value: &Value, _hand: &Hand<'_>) -> Result<Self, Misfit> {
                let bytes = bytes(value)?;
                let count = bytes.len();
                let whole = bytes.try_into().map(Self);
                whole.map_err(|_| Misfit::new(format!("{count} bytes are too few or too many")))
            }
        }
    )* };
}

hashes!(Digest, Point);

impl<const MAX: usize> Kept for Blob<MAX> {
    fn keep(&self) -> Value {
        hex(self)
    }

    fn had(value: &Value, _hand: &Hand<'_>) -> Result<Self, Misfit> {
        Self::new(bytes(value)?).map_err(Misfit::new)
    }
}

impl Kept for Bytes {
    fn keep(&self) -> Value {
        hex(&self.0)
    }

    fn had(value: &Value, _hand: &Hand<'_>) -> Result<Self, Misfit> {
        bytes(value).map(Self)
    }
}

impl Kept for Outcome {
    fn keep(&self) -> Value {
        match self {
            Self::Done(answer) => json!({ "Done": answer.keep() }),
            Self::BeyondWindow => "BeyondWindow".into(),
            Self::Forgotten => "Forgotten".into(),
        }
    }

    fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
        match value.as_str() {
            Some("BeyondWindow") => Ok(Self::BeyondWindow),
            Some("Forgotten") => Ok(Self::Forgotten),
            Some(_) => Err(Misfit::new("there is no such outcome")),
            None => field(value, "Done", hand).map(Self::Done),
        }
    }
}

impl Kept for Content {
    fn keep(&self) -> Value {
        match &self.body {
            RequestBody::Signed(request) => json!({ "Signed": request.keep() }),
            RequestBody::Vouched(request) => {
                json!({ "Vouched": request.keep(), "digest": self.digest.keep() })
            }
        }
    }

    fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
        only(value, &["Signed", "Vouched", "digest"])?;
        if value.get("Signed").is_some() {
            return field(value, "Signed", hand).map(|request| Self::of(&request));
        }
        let body = RequestBody::Vouched(Arc::new(field(value, "Vouched", hand)?));
        Ok(Self { digest: field(value, "digest", hand)?, body })
    }
}

/// Its bytes are all there is to it.
impl Kept for Snapshot {
    fn keep(&self) -> Value {
        hex(&self.bytes)
    }

    fn had(value: &Value, _hand: &Hand<'_>) -> Result<Self, Misfit> {
        Ok(cut(Seq(0), bytes(value)?).1)
    }
}

impl Kept for Chunks {
    fn keep(&self) -> Value {
        self.0.iter().map(|(index, chunk)| json!([index, hex(chunk)])).collect()
    }

    fn had(value: &Value, hand: &Hand<'_>) -> Result<Self, Misfit> {
        let chunk = |(at, item): (usize, &Value)| {
            let pair = super::exactly(item, 2)?;
            Ok((u32::had(&pair[0], hand)?, bytes(&pair[1])?))
                .map_err(|misfit: Misfit| misfit.at(at))
        };
        super::items(value)?.iter().enumerate().map(chunk).collect::<Result<_, _>>().map(Self)
    }
}
