//! Adapters from signatures.

/// The adapters of one component, and the list of versions of each of its slots.
///
/// A line is the slot's signature as it stands in the reference, the reasons for rejecting that its
/// contract lists, and `oracle` or `none`.
macro_rules! table {
    (
        $(#[$doc:meta])* $name:ident of $component:ident, sound: $sound:expr;
        $($slot:ident $params:tt $(-> $out:ty)?; [$($why:ident)*] $oracle:ident;)*
    ) => {
        $(pub(crate) mod $slot {
            use super::*;

            $crate::slots::adapter::adapter! {
                @returns $component $slot $params ($($out)?) [$($why)*] $oracle ($sound)
            }
        })*

        $crate::registry::component! {
            $(#[$doc])* $name:
            $($slot: $slot::Function, $slot::Adapter;)*
        }

        impl $name {
            /// What recording needs to know of these slots.
            pub(crate) fn tapped() -> Vec<$crate::registry::TappedSlot> {
                vec![$($crate::registry::TappedSlot {
                    name: <$slot::Adapter as $crate::slots::Slot>::NAME,
                    class: $crate::taps::class_of::<$slot::Adapter>,
                    pool: $crate::taps::pool::<$slot::Adapter>,
                    shape: $crate::taps::shape_of::<$slot::Adapter>,
                }),*]
            }
        }
    };
}
pub(crate) use table;

/// One adapter. The parameters are taken one by one; what is gathered is, in this order: the types of
/// the function's parameters, the arguments with their owned types, what the function is called with,
/// what the oracle is given of the arguments, and what it is given of the outcome.
macro_rules! adapter {
    (@returns $component:ident $slot:ident ($($params:tt)*) () $why:tt $oracle:ident $sound:tt) => {
        $crate::slots::adapter::adapter! {
            @next ($component $slot () $why $oracle $sound) (state config effects service outcome)
            Ignores [] [] [] [] [] | $($params)*
        }
    };
    (@returns $component:ident $slot:ident ($($params:tt)*) ($out:ty) $why:tt $oracle:ident $sound:tt) => {
        $crate::slots::adapter::adapter! {
            @returning ($component $slot ($out) $why $oracle $sound)
            (state config effects service outcome) | $($params)*
        }
    };
    (@returning $head:tt ($s:ident $c:ident $e:ident $v:ident $o:ident) | $($params:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head ($s $c $e $v $o) Ignores [] [] [] [] [result $o] | $($params)*
        }
    };

    // The state, configuration, effects, service.
    (@next $head:tt ($s:ident $c:ident $e:ident $v:ident $o:ident) $use:ident
     [$($type:tt)*] $args:tt [$($full:tt)*] $rest:tt $tail:tt
     | $n:ident: &mut State, $($more:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head ($s $c $e $v $o) Changes
            [$($type)* &mut State,] $args [$($full)* $s,] $rest $tail | $($more)*
        }
    };
    (@next $head:tt ($s:ident $c:ident $e:ident $v:ident $o:ident) $use:ident
     [$($type:tt)*] $args:tt [$($full:tt)*] [$($rest:tt)*] $tail:tt
     | $n:ident: &State, $($more:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head ($s $c $e $v $o) Reads
            [$($type)* &State,] $args [$($full)* $s,] [$($rest)* $s,] $tail | $($more)*
        }
    };
    (@next $head:tt ($s:ident $c:ident $e:ident $v:ident $o:ident) Changes
     [$($type:tt)*] $args:tt [$($full:tt)*] $rest:tt $tail:tt
     | $n:ident: &Config, $($more:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head ($s $c $e $v $o) Changes
            [$($type)* &Config,] $args [$($full)* $c,] $rest $tail | $($more)*
        }
    };
    (@next $head:tt ($s:ident $c:ident $e:ident $v:ident $o:ident) $use:ident
     [$($type:tt)*] $args:tt [$($full:tt)*] [$($rest:tt)*] $tail:tt
     | $n:ident: &Config, $($more:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head ($s $c $e $v $o) $use
            [$($type)* &Config,] $args [$($full)* $c,] [$($rest)* $c,] $tail | $($more)*
        }
    };
    (@next $head:tt ($s:ident $c:ident $e:ident $v:ident $o:ident) $use:ident
     [$($type:tt)*] $args:tt [$($full:tt)*] $rest:tt [$($tail:tt)*]
     | $n:ident: &mut Effects, $($more:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head ($s $c $e $v $o) $use
            [$($type)* &mut Effects,] $args [$($full)* $e,] $rest [effects $($tail)*] | $($more)*
        }
    };
    (@next $head:tt ($s:ident $c:ident $e:ident $v:ident $o:ident) $use:ident
     [$($type:tt)*] $args:tt [$($full:tt)*] [$($rest:tt)*] $tail:tt
     | $n:ident: &mut dyn Service, $($more:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head ($s $c $e $v $o) $use
            [$($type)* &mut dyn Service,] $args [$($full)* $v,] [$($rest)*] $tail | $($more)*
        }
    };

    // Arguments: borrowed slices of references, slices, options of references, references, values.
    (@next $head:tt $ids:tt $use:ident
     [$($type:tt)*] [$($args:tt)*] [$($full:tt)*] [$($rest:tt)*] $tail:tt
     | $n:ident: &[&$t:ty], $($more:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head $ids $use [$($type)* &[&$t],] [$($args)* $n: Vec<$t>,]
            [$($full)* &$n.iter().collect::<Vec<_>>()[..],]
            [$($rest)* &$n.iter().collect::<Vec<_>>()[..],] $tail | $($more)*
        }
    };
    (@next $head:tt $ids:tt $use:ident
     [$($type:tt)*] [$($args:tt)*] [$($full:tt)*] [$($rest:tt)*] $tail:tt
     | $n:ident: &[$t:ty], $($more:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head $ids $use [$($type)* &[$t],] [$($args)* $n: Vec<$t>,]
            [$($full)* &$n[..],] [$($rest)* &$n[..],] $tail | $($more)*
        }
    };
    (@next $head:tt $ids:tt $use:ident
     [$($type:tt)*] [$($args:tt)*] [$($full:tt)*] [$($rest:tt)*] $tail:tt
     | $n:ident: Option<&$t:ty>, $($more:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head $ids $use [$($type)* Option<&$t>,] [$($args)* $n: Option<$t>,]
            [$($full)* $n.as_ref(),] [$($rest)* $n.as_ref(),] $tail | $($more)*
        }
    };
    (@next $head:tt $ids:tt $use:ident
     [$($type:tt)*] [$($args:tt)*] [$($full:tt)*] [$($rest:tt)*] $tail:tt
     | $n:ident: &$t:ty, $($more:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head $ids $use [$($type)* &$t,] [$($args)* $n: $t,]
            [$($full)* $n,] [$($rest)* $n,] $tail | $($more)*
        }
    };
    (@next $head:tt $ids:tt $use:ident
     [$($type:tt)*] [$($args:tt)*] [$($full:tt)*] [$($rest:tt)*] $tail:tt
     | $n:ident: $t:ty, $($more:tt)*) => {
        $crate::slots::adapter::adapter! {
            @next $head $ids $use [$($type)* $t,] [$($args)* $n: $t,]
            [$($full)* Clone::clone($n),] [$($rest)* Clone::clone($n),] $tail | $($more)*
        }
    };

    // All of them.
    (@next ($component:ident $slot:ident ($($out:ty)?) [$($why:ident)*] $oracle:ident ($sound:expr))
     ($s:ident $c:ident $e:ident $v:ident $o:ident) $use:ident
     [$($type:tt)*] [$($name:ident: $arg:ty,)*] $full:tt $rest:tt $tail:tt |) => {
        #[doc = concat!("The type of `", stringify!($component), ".", stringify!($slot), "`.")]
        pub(crate) type Function = fn($($type)*) $(-> $out)?;

        /// What the slot is to the bench.
        pub(crate) enum Adapter {}

        impl $crate::slots::Tapped for Adapter {
            const ARGUMENTS: &'static [&'static str] = &[$(stringify!($name)),*];
            // Nothing else is called so.
            const HEARS: bool = $crate::slots::hears(Self::ARGUMENTS);
            const SOUND: Option<$crate::slots::Sound<<Self as $crate::slots::Slot>::State>> =
                $crate::slots::adapter::adapter!(@sound $use $sound);
        }

        impl $crate::slots::Slot for Adapter {
            type State = $crate::slots::adapter::adapter!(@state $use);
            type Function = Function;
            type Args = ($($arg,)*);
            type Output = $crate::slots::adapter::adapter!(@output $($out)?);
            const NAME: &'static str =
                concat!(stringify!($component), ".", stringify!($slot));
            const USE: $crate::slots::Use = $crate::slots::Use::$use;
            const REJECTS: &'static [wire::Reject] = &[$(wire::Reject::$why),*];
            const ORACLE: bool = $crate::slots::adapter::adapter!(@judged $oracle);

            fn reference() -> Self::Function {
                prime::$component::$slot
            }

            fn run(
                function: Self::Function,
                $c: &wire::Config,
                state: &Self::State,
                ($($name,)*): &Self::Args,
            ) -> $crate::slots::Outcome<Self> {
                let _ = ($c, state);
                $crate::slots::adapter::adapter!(
                    @run $use function state ($s $e $v) $full)
            }

            fn check(
                $c: &wire::Config,
                $s: &Self::State,
                ($($name,)*): &Self::Args,
                $o: &$crate::slots::Outcome<Self>,
            ) -> Result<(), oracles::Finding> {
                let _ = ($c, $s, $(&$name,)* $o.nanoseconds);
                $crate::slots::adapter::adapter!(
                    @check $oracle $use $component $slot ($c $s $o) $rest $tail)
            }

            $crate::slots::adapter::adapter!(@tapped);
        }
    };

    (@state Ignores) => { () };
    (@state $use:ident) => { State };
    (@sound Ignores $sound:expr) => { None };
    (@sound $use:ident $sound:expr) => { $sound };
    (@output) => { () };
    (@output $out:ty) => { $out };
    (@judged oracle) => { true };
    (@judged none) => { false };

    (@run Changes $f:ident $state:ident ($s:ident $e:ident $v:ident) [$($full:tt)*]) => {
        $crate::slots::changed::<Self>($state, |$s, $e, $v| {
            let _ = (&$e, &$v);
            $f($($full)*)
        })
    };
    (@run $use:ident $f:ident $state:ident ($s:ident $e:ident $v:ident) [$($full:tt)*]) => {{
        let $s = $state;
        let _ = $s;
        $crate::slots::unchanged::<Self>(|| $f($($full)*))
    }};

    (@check none $($rest:tt)*) => { Ok(()) };
    (@check oracle Changes $component:ident $slot:ident ($c:ident $s:ident $o:ident)
     [$($rest:tt)*] $tail:tt) => {{
        let after = $o.state.as_ref().unwrap_or($s);
        $crate::slots::adapter::adapter!(
            @asked $component $slot [$c, $s, $($rest)* after,] $o $tail)
    }};
    (@check oracle $use:ident $component:ident $slot:ident ($c:ident $s:ident $o:ident)
     [$($rest:tt)*] $tail:tt) => {
        $crate::slots::adapter::adapter!(@asked $component $slot [$($rest)*] $o $tail)
    };
    (@asked $component:ident $slot:ident [$($given:tt)*] $o:ident []) => {
        oracles::$component::$slot::check($($given)*)
    };
    (@asked $component:ident $slot:ident [$($given:tt)*] $o:ident [effects]) => {
        oracles::$component::$slot::check($($given)* &$o.effects)
    };
    (@asked $component:ident $slot:ident [$($given:tt)*] $o:ident [effects result $p:ident]) => {
        oracles::$component::$slot::check($($given)* &$o.effects, &$o.output)
    };
    (@asked $component:ident $slot:ident [$($given:tt)*] $o:ident [result $p:ident]) => {
        oracles::$component::$slot::check($($given)* &$o.output)
    };

    // What is the same for all slots whose cases are recorded.
    (@tapped) => {
        fn maker(
            corpus: &$crate::world::Corpus,
        ) -> Box<dyn $crate::case::Make<Self> + '_> {
            Box::new($crate::taps::Maker::<Self>::new(corpus))
        }

        fn smaller<'a>(
            corpus: &'a $crate::world::Corpus,
            case: &'a $crate::case::Case<Self>,
            from: usize,
        ) -> $crate::case::Lessened<'a, Self> {
            $crate::taps::smaller(corpus, case, from)
        }

        fn show(case: &$crate::case::Case<Self>) -> String {
            $crate::taps::show(case)
        }

        fn changes(before: &Self::State, after: &Self::State) -> String {
            $crate::tree::changes(before, after)
        }

        fn size(state: &Self::State) -> usize {
            $crate::tree::Tree::size(state)
        }

        fn same(one: &Self::State, other: &Self::State) -> bool {
            $crate::tree::Tree::same(one, other)
        }
    };
}
pub(crate) use adapter;
