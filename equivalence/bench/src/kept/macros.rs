//! What is kept by its fields, or by its variants.

/// A structure, by all of its fields.
macro_rules! structure {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl $crate::kept::Kept for $type {
            fn keep(&self) -> serde_json::Value {
                let mut fields = serde_json::Map::new();
                $(fields.insert(
                    String::from(stringify!($field)),
                    $crate::kept::Kept::keep(&self.$field),
                );)*
                fields.into()
            }

            fn had(
                value: &serde_json::Value,
                hand: &$crate::tree::Hand<'_>,
            ) -> Result<Self, $crate::kept::Misfit> {
                $crate::kept::only(value, &[$(stringify!($field)),*])?;
                Ok(Self { $($field: $crate::kept::field(value, stringify!($field), hand)?),* })
            }
        }
    };
}
pub(crate) use structure;

/// An enumeration: `{"Variant": [fields]}`.
macro_rules! enumeration {
    ($type:ty { $($variant:ident($($field:ident),*)),* $(,)? }) => {
        impl $crate::kept::Kept for $type {
            fn keep(&self) -> serde_json::Value {
                let (name, fields): (&str, Vec<serde_json::Value>) = match self {
                    $(Self::$variant($($field),*) => {
                        (stringify!($variant), vec![$($crate::kept::Kept::keep($field)),*])
                    })*
                };
                serde_json::json!({ name: fields })
            }

            fn had(
                value: &serde_json::Value,
                hand: &$crate::tree::Hand<'_>,
            ) -> Result<Self, $crate::kept::Misfit> {
                $crate::kept::only(value, &[$(stringify!($variant)),*])?;
                $(if let Some(fields) = value.get(stringify!($variant)) {
                    let count = [$(stringify!($field)),*].len();
                    let mut fields = $crate::kept::exactly(fields, count)?.iter();
                    $(
                        let $field = fields.next().expect("as many as were counted");
                        let $field = $crate::kept::Kept::had($field, hand)
                            .map_err(|misfit| misfit.at(stringify!($variant)))?;
                    )*
                    return Ok(Self::$variant($($field),*));
                })*
                Err($crate::kept::Misfit::new("this must name a variant"))
            }
        }
    };
}
pub(crate) use enumeration;
