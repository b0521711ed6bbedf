//! Nodes with fields: structures, tuples and enumerations.

use wire::Config;

/// What all nodes with fields do with them. `fields` names each, `open` is the pattern that binds
/// them all. What `offers` itself may be exchanged as a whole; what is `still` does not change where
/// it is an argument.
macro_rules! fields {
    ($open:pat, [$($field:ident),*], offers: $offers:expr, still: $still:expr) => {
        fn is_empty(&self) -> bool {
            let $open = self;
            true $(&& $field.is_empty())*
        }

        fn size(&self) -> usize {
            let $open = self;
            0 $(+ $field.size())*
        }

        fn shape(&self) -> u64 {
            let $open = self;
            0u64 $(.wrapping_shl(1) + u64::from($field.is_empty()))*
        }

        fn lines(&self, path: &str, lines: &mut Vec<String>) {
            let $open = self;
            $($field.lines(&format!(concat!("{}.", stringify!($field)), path), lines);)*
            let _ = (path, lines);
        }

        fn collect(&self, pools: &mut $crate::tree::Pools) {
            if $offers {
                pools.offer(self);
            }
            let $open = self;
            $($field.collect(pools);)*
        }

        fn change(&mut self, hand: &mut $crate::tree::Hand<'_>) {
            if $still && hand.arguments {
                return;
            }
            if $offers && hand.rng.percent(5)
                && let Some(other) = hand.met()
            {
                *self = other;
                return;
            }
            let $open = self;
            let names: &[&str] = &[$(stringify!($field)),*];
            let chosen = names.get(hand.rng.index(names.len())).copied().unwrap_or_default();
            // Another server's view of the same would be another history.
            $(if chosen == stringify!($field) && chosen != "me" {
                $field.change(hand);
            })*
            let _ = chosen;
        }

        fn steps(&self) -> usize {
            let $open = self;
            0 $(+ $field.steps())*
        }

        fn lessen(&mut self, step: usize, hand: &$crate::tree::Hand<'_>) {
            let $open = self;
            let mut left = Some(step);
            $(left = left.and_then(|left| {
                let steps = $field.steps();
                if left < steps {
                    $field.lessen(left, hand);
                }
                left.checked_sub(steps)
            });)*
            let _ = (left.take(), hand);
        }
    };
}
pub(super) use fields;

/// Structures by their fields, all of them. See [`fields`] for what `offers` and `still` say.
macro_rules! trees {
    (offers: $offers:literal, still: $still:literal; $($type:ty { $($field:ident),* $(,)? })*) => { $(
        $crate::kept::structure!($type { $($field),* });

        impl $crate::tree::Tree for $type {
            $crate::tree::structs::fields!(
                Self { $($field),* }, [$($field),*], offers: $offers, still: $still);

            fn same(&self, other: &Self) -> bool {
                true $(&& self.$field.same(&other.$field))*
            }
        }
    )* };
}
pub(super) use trees;

/// What is said: exchanged as a whole, too.
macro_rules! structs {
    ($($all:tt)*) => { $crate::tree::structs::trees!(offers: true, still: false; $($all)*); };
}
pub(super) use structs;

/// States: they are never exchanged as a whole, and stay as they are where they are arguments.
macro_rules! states {
    ($($all:tt)*) => { $crate::tree::structs::trees!(offers: false, still: true; $($all)*); };
}
pub(super) use states;

/// Enumerations of which each variant holds one thing or two.
macro_rules! enums {
    ($($type:ty { $($variant:ident($($field:ident),*)),* $(,)? })*) => { $(
        $crate::kept::enumeration!($type { $($variant($($field),*)),* });

        impl $crate::tree::Tree for $type {
            fn is_empty(&self) -> bool {
                false
            }

            fn collect(&self, pools: &mut $crate::tree::Pools) {
                pools.offer(self);
                match self { $(Self::$variant($($field),*) => { $($field.collect(pools);)* })* }
            }

            fn change(&mut self, hand: &mut $crate::tree::Hand<'_>) {
                if hand.rng.percent(10)
                    && let Some(other) = hand.met()
                {
                    *self = other;
                    return;
                }
                match self { $(Self::$variant($($field),*) => {
                    $(if hand.rng.percent(60) { $field.change(hand) })*
                })* }
            }

            fn steps(&self) -> usize {
                match self { $(Self::$variant($($field),*) => 0 $(+ $field.steps())*,)* }
            }

            fn lessen(&mut self, step: usize, hand: &$crate::tree::Hand<'_>) {
                match self { $(Self::$variant($($field),*) => {
                    let mut left = Some(step);
                    $(left = left.and_then(|left| {
                        let steps = $field.steps();
                        if left < steps {
                            $field.lessen(left, hand);
                        }
                        left.checked_sub(steps)
                    });)*
                    let _ = left;
                })* }
            }

            fn same(&self, other: &Self) -> bool {
                self == other
            }
        }
    )* };
}
pub(super) use enums;

macro_rules! tuples {
    ($(($($name:ident $field:ident $index:tt),*))*) => { $(
        impl<$($name: $crate::tree::Tree),*> $crate::tree::Tree for ($($name,)*) {
            fields!(($($field,)*), [$($field),*], offers: false, still: false);

            fn fits(&self, config: &Config) -> bool {
                let _ = config;
                true $(&& self.$index.fits(config))*
            }

            fn same(&self, other: &Self) -> bool {
                let _ = other;
                true $(&& self.$index.same(&other.$index))*
            }
        }
    )* };
}

tuples! {
    ()
    (A first 0)
    (A first 0, B second 1)
    (A first 0, B second 1, C third 2)
    (A first 0, B second 1, C third 2, D fourth 3)
    (A first 0, B second 1, C third 2, D fourth 3, E fifth 4)
    (A first 0, B second 1, C third 2, D fourth 3, E fifth 4, F sixth 5)
}
