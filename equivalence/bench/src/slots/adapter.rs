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

        impl $crate::slots::Slot for Adapter {
            type State = $crate::slots::adapter::adapter!(@state $use);
            type Function = Function;
            type Args = ($($arg,)*);
            type Output = $crate::slots::adapter::adapter!(@output $($out)?);
            const FACTS: $crate::slots::Facts = $crate::slots::Facts {
                name: concat!(stringify!($component), ".", stringify!($slot)),
                uses: $crate::slots::Use::$use,
                rejects: &[$(wire::Reject::$why),*],
                oracle: $crate::slots::adapter::adapter!(@judged $oracle),
                cases: $crate::taps::CASES,
                arguments: &[$(stringify!($name)),*],
            };
            const SOUND: Option<$crate::slots::Sound<Self::State>> =
                $crate::slots::adapter::adapter!(@sound $use $sound);

            fn reference() -> Self::Function {
                prime::$component::$slot
            }

            fn cases() -> &'static dyn $crate::slots::Cases {
                &$crate::taps::Recorded
            }

            fn run(
                function: Self::Function,
                $c: &wire::Config,
                state: &Self::State,
                ($($name,)*): &Self::Args,
            ) -> $crate::slots::Outcome {
                let _ = ($c, state);
                $crate::slots::adapter::adapter!(
                    @run $use function state ($s $e $v) $full)
            }

            fn check(
                $c: &wire::Config,
                $s: &Self::State,
                ($($name,)*): &Self::Args,
                $o: &$crate::slots::Came<'_, Self>,
            ) -> Result<(), oracles::Finding> {
                let _ = ($c, $s, $(&$name,)* $o.state);
                $crate::slots::adapter::adapter!(
                    @check $oracle $use $component $slot ($c $s $o) $rest $tail)
            }
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
        $crate::slots::changed($state, |$s, $e, $v| {
            let _ = (&$e, &$v);
            $f($($full)*)
        })
    };
    (@run $use:ident $f:ident $state:ident ($s:ident $e:ident $v:ident) [$($full:tt)*]) => {{
        let $s = $state;
        let _ = $s;
        $crate::slots::unchanged(|| $f($($full)*))
    }};

    (@check none $($rest:tt)*) => { Ok(()) };
    (@check oracle Changes $component:ident $slot:ident ($c:ident $s:ident $o:ident)
     [$($rest:tt)*] $tail:tt) => {{
        let after = $o.state;
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
        oracles::$component::$slot::check($($given)* $o.effects)
    };
    (@asked $component:ident $slot:ident [$($given:tt)*] $o:ident [effects result $p:ident]) => {
        oracles::$component::$slot::check($($given)* $o.effects, $o.output)
    };
    (@asked $component:ident $slot:ident [$($given:tt)*] $o:ident [result $p:ident]) => {
        oracles::$component::$slot::check($($given)* $o.output)
    };
}
pub(crate) use adapter;
