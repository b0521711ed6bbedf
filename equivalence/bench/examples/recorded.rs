//! Prints recorded calls of a component's slots: what `equivalence/examples` holds.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seed = arguments.get(1).map_or(Ok(1), |seed| seed.parse());
    let (Some(component), Ok(seed)) = (arguments.first(), seed) else {
        eprintln!("usage: recorded COMPONENT [SEED], the seed a number");
        return ExitCode::from(1);
    };
    let text = bench::examples(component, seed);
    if text.is_empty() {
        eprintln!("no call of a slot of `{component}` is recorded: name another component");
        return ExitCode::from(1);
    }
    print!("{text}");
    ExitCode::SUCCESS
}
