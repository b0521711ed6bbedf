//! What a runner is asked to do.

use crate::engine::Plan;
use std::time::Duration;
use verdict::KeptInput;

/// The command line of a runner.
#[derive(Clone, Debug)]
pub struct Options {
    /// Decides every case.
    pub seed: u64,
    /// How much of it.
    pub plan: Plan,
    /// This slot alone, as `component.slot`, or these, joined by commas.
    pub slot: Option<String>,
    /// Verdicts on this family alone.
    pub family: Option<String>,
    /// One JSON object on standard output.
    pub json: bool,
    /// The same under a seal, and not on standard output: see [`verdict::Key`].
    pub sealed: bool,
    /// Inputs are searched for by what the compiler counted.
    pub search: bool,
    /// A table of speeds instead of verdicts' details.
    pub benchmark: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            plan: Plan::default(),
            slot: None,
            family: None,
            json: false,
            sealed: false,
            search: false,
            benchmark: false,
        }
    }
}

/// What a person reads after `--help`.
pub(crate) const HELP: &str = "\
Judges the versions that are linked into this program, as many slots at once as there are processors.

  --seed N       decides every case (default 1)
  --cases N      inputs for each slot (default 100000, or 20000 where recorded ones are changed)
  --seconds T    time for each slot; with --cases, whichever ends first
  --slot S       this slot alone, as pre_order.on_po_acks, or these, joined by commas
  --family F     verdicts on this family alone; all versions vote
  --case I       case number I of the seed alone, shown whole
  --limit T      seconds that one call may take (default 10)
  --as-found     inputs that show something are not made smaller
  --kept FILE    inputs to meet first: a JSON array of objects with name, slot, input
  --search       inputs are searched for, by the edges that they take; --slot names one slot
  --whole        versions of a whole component: besides, calls one after the other, by what each leaves
  --every        every case on which a version fails, and not the first alone
  --json         one JSON object on standard output
  --sealed       the same for a program: to the socket that standard input is, under the key read from it
  --benchmark    a table of speeds

Example: --slot pre_order.certificate --cases 50000 --json
Exit code: 0 all accepted, 1 bad usage, 2 something rejected or undecided.
";

fn number<T: std::str::FromStr>(flag: &str, value: Option<String>) -> Result<T, String> {
    let value = value.ok_or_else(|| format!("{flag} needs a value"))?;
    value.parse().map_err(|_| format!("{flag} {value}: not a number that fits"))
}

fn seconds(flag: &str, value: Option<String>) -> Result<Duration, String> {
    let seconds: f64 = number(flag, value)?;
    Duration::try_from_secs_f64(seconds).map_err(|error| format!("{flag} {seconds}: {error}"))
}

fn kept(flag: &str, file: Option<String>) -> Result<Vec<KeptInput>, String> {
    let file = file.ok_or_else(|| format!("{flag} needs a value"))?;
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{file}:{}: {error}", error.line()))
}

impl Options {
    /// Reads a command line, the program's name not included. `None` asks for help.
    ///
    /// # Errors
    /// A sentence that names the flag.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self::default();
        let mut counted = false;
        let mut arguments = arguments.into_iter();
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next();
            match flag.as_str() {
                "--seed" => options.seed = number(&flag, value())?,
                "--cases" => {
                    options.plan.cases = Some(number(&flag, value())?);
                    counted = true;
                }
                "--seconds" => {
                    options.plan.time = seconds(&flag, value())?;
                    if !counted {
                        options.plan.cases = Some(u64::MAX);
                    }
                }
                "--limit" => options.plan.limit = seconds(&flag, value())?,
                "--case" => options.plan.only = Some(number(&flag, value())?),
                "--slot" => options.slot = Some(number(&flag, value())?),
                "--family" => options.family = Some(number(&flag, value())?),
                "--every" => options.plan.every = true,
                "--as-found" => options.plan.shrink = false,
                "--kept" => options.plan.kept = kept(&flag, value())?,
                "--search" => options.search = true,
                "--whole" => options.plan.whole = true,
                "--json" => options.json = true,
                verdict::SEALED => options.sealed = true,
                "--benchmark" => options.benchmark = true,
                "--help" | "-h" => return Ok(None),
                _ => return Err(format!("{flag}: no such option; see --help")),
            }
        }
        Ok(Some(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn flags_are_read() {
        let options = parse("--seed 7 --slot pre_order.covers --seconds 1.5 --json --as-found")
            .unwrap()
            .unwrap();
        assert_eq!((options.seed, options.plan.cases), (7, Some(u64::MAX)));
        assert_eq!(options.plan.time, Duration::from_millis(1_500));
        assert_eq!(options.slot.as_deref(), Some("pre_order.covers"));
        assert!(options.json && !options.benchmark && !options.plan.shrink);
        let both = parse("--cases 10 --seconds 2").unwrap().unwrap();
        assert_eq!(both.plan.cases, Some(10));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(parse("--help").unwrap().is_none());
        assert_eq!(parse("--seed").unwrap_err(), "--seed needs a value");
        assert_eq!(parse("--cases x").unwrap_err(), "--cases x: not a number that fits");
        assert_eq!(parse("--sed 1").unwrap_err(), "--sed: no such option; see --help");
        assert!(parse("--seconds -1").is_err());
    }
}
