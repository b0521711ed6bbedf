//! `patchy kv`.

use crate::context::Context;
use crate::exit::{Failure, Result};
use crate::progress::Progress;
use crate::report::{Report, table};
use clap::Subcommand;
use kv::{Answer, Command, Key, Value};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// Uses the key-value service that a cluster replicates. Every command, reading too, is an update
/// in the one order, and its answer is one that f+1 replicas gave.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy kv /tmp/cluster put colour green
         patchy kv /tmp/cluster get colour

Exits with 1 if the key that is to be read is not there, and with 3 if too few replicas answer.")]
pub(crate) struct Arguments {
    /// The cluster's folder
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// How long an answer is waited for, in seconds
    #[arg(long, value_name = "T", default_value_t = 10)]
    patience: u64,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Binds a key to a value
    Put { key: String, value: String },
    /// Reads a key
    Get { key: String },
    /// Removes a key
    Delete { key: String },
    /// Reads, in order of keys, what starts with a prefix
    Scan {
        #[arg(default_value = "")]
        prefix: String,
        /// Most entries wanted
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

pub(crate) fn run(arguments: Arguments, _: &Context) -> Result<Report> {
    let is_read = matches!(arguments.what, What::Get { .. });
    let command = command(arguments.what)?;
    let _progress = Progress::new("waiting for f+1 equal answers", 0);
    let patience = Duration::from_secs(arguments.patience);
    let answer = cluster::kv(&arguments.dir, &command, patience)?;
    if is_read && answer == Answer::Missing {
        return Err(Failure::usage("there is no such key").with_field("found", false));
    }
    report(&answer)
}

fn command(what: What) -> Result<Command> {
    let key = |text: String| {
        let length = text.len();
        Key::new(text.into_bytes()).map_err(|_| {
            let most = kv::MAX_KEY;
            Failure::usage(format!("a key of {length} bytes where {most} are allowed"))
        })
    };
    Ok(match what {
        What::Put { key: name, value } => {
            let length = value.len();
            let value = Value::new(value.into_bytes()).map_err(|_| {
                let most = kv::MAX_VALUE;
                Failure::usage(format!("a value of {length} bytes where {most} are allowed"))
            })?;
            Command::Put { key: key(name)?, value }
        }
        What::Get { key: name } => Command::Get { key: key(name)? },
        What::Delete { key: name } => Command::Delete { key: key(name)? },
        What::Scan { prefix, limit } => Command::Scan { prefix: key(prefix)?, limit },
    })
}

fn report(answer: &Answer) -> Result<Report> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(match answer {
        Answer::Stored { replaced } => Report::done(
            json!({ "stored": true, "replaced": replaced }),
            if *replaced { "stored, another value was replaced" } else { "stored" },
        ),
        Answer::Found(value) => {
            Report::done(json!({ "found": true, "value": text(value) }), text(value))
        }
        Answer::Missing => Report::done(json!({ "found": false }), "there was no such key"),
        Answer::Deleted => Report::done(json!({ "found": true, "deleted": true }), "deleted"),
        Answer::Entries { entries, more } => {
            let mut shown = table(["key", "value"]);
            let mut list = Vec::new();
            for entry in entries.iter() {
                let (key, value) = (text(&entry.key), text(&entry.value));
                list.push(json!({ "key": key, "value": value }));
                shown.add_row([key, value]);
            }
            let rest = if *more { "\nthere are more" } else { "" };
            let json = json!({ "entries": list, "more": more });
            Report::done(json, format!("{shown}{rest}"))
        }
        Answer::Refused(why) => return Err(Failure::usage(format!("nothing was done: {why}"))),
    })
}
