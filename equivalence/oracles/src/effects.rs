//! Holds effects against those that a contract calls for.

use crate::Finding;
use wire::Effect;
use wire::prime::Prime;

/// What a contract says of the order of effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// They come in the order given.
    Fixed,
    /// Any order will do.
    Free,
}

/// Equal but for the token, which depends on what was logged before.
fn same(expected: &Effect<Prime>, got: &Effect<Prime>) -> bool {
    match (expected, got) {
        (Effect::Persist { record: expected, .. }, Effect::Persist { record: got, .. }) => {
            expected == got
        }
        _ => expected == got,
    }
}

/// Holds `got` against `expected`: the same effects, as often, in the order that counts, and
/// persist tokens that count up one by one.
pub(crate) fn check(
    rule: impl Fn(&str) -> String,
    order: Order,
    expected: &[Effect<Prime>],
    got: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut left: Vec<&Effect<Prime>> = expected.iter().collect();
    for (position, effect) in got.iter().enumerate() {
        let place = match order {
            Order::Fixed => expected.get(position).filter(|wanted| same(wanted, effect)).map(|_| 0),
            Order::Free => left.iter().position(|wanted| same(wanted, effect)),
        };
        let Some(place) = place else {
            return Err(Finding {
                rule: rule(&format!("effect {position}")),
                expected: match order {
                    Order::Fixed => format!("{:?}", expected.get(position)),
                    Order::Free => format!("one of {left:?}"),
                },
                got: format!("{effect:?}"),
            });
        };
        if order == Order::Free {
            left.remove(place);
        }
    }
    if got.len() < expected.len() {
        let lost = match order {
            Order::Fixed => expected[got.len()..].iter().collect(),
            Order::Free => left,
        };
        return Err(Finding {
            rule: rule("effects"),
            expected: format!("also {lost:?}"),
            got: format!("{} effects", got.len()),
        });
    }
    tokens(rule, got)
}

fn tokens(rule: impl Fn(&str) -> String, got: &[Effect<Prime>]) -> Result<(), Finding> {
    let mut last = None;
    for effect in got {
        let Effect::Persist { token, .. } = effect else { continue };
        if *token == 0 || last.is_some_and(|last: u64| last.checked_add(1) != Some(*token)) {
            return Err(Finding {
                rule: rule("persist tokens count up from 1"),
                expected: format!("the one after {last:?}"),
                got: format!("{token}"),
            });
        }
        last = Some(*token);
    }
    Ok(())
}
