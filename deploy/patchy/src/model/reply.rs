//! The version in a model's reply.

use super::cassette::Answer;
use crate::gate::{Class, Reason};

/// A version, and what its author says before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) code: String,
    /// By the prompt, what the author found ambiguous.
    pub(super) before: Option<String>,
}

/// The code block with the entry function: the longest, if several have one; else the only one.
pub(super) fn read(answer: &Answer, entry: &str) -> Result<Draft, Reason> {
    let refuse = |sentence: String| Err(Reason { class: Class::Reply, sentence });
    if !answer.complete {
        return refuse(format!(
            "the reply ends at a limit ({}) after {} tokens: say less, or raise --max-tokens",
            answer.finish, answer.tokens_out
        ));
    }
    let blocks = match blocks(&answer.text) {
        Ok(blocks) => blocks,
        Err(line) => {
            return refuse(format!("the code block that begins in line {line} does not end"));
        }
    };
    let function = format!("fn {entry}(");
    let with_entry = blocks.iter().filter(|block| block.code.contains(&function));
    let longest = with_entry.max_by_key(|block| block.code.len());
    let only = if blocks.len() == 1 { blocks.first() } else { None };
    let Some(block) = longest.or(only) else {
        return refuse(format!(
            "none of {} code blocks holds the function `{entry}`: give one file in one block",
            blocks.len()
        ));
    };
    let before = answer.text.get(..block.start).unwrap_or_default().trim();
    let before = (!before.is_empty()).then(|| before.to_owned());
    Ok(Draft { code: block.code.clone(), before })
}

struct Block {
    /// Where its fence begins. Unit: bytes.
    start: usize,
    code: String,
}

/// All blocks between fences; the line of the last fence, from 1, if it is never closed.
fn blocks(text: &str) -> Result<Vec<Block>, usize> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, usize, Block)> = None;
    let mut start = 0;
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        let fence = fence(line);
        open = match (open.take(), fence) {
            (None, Some(fence)) => Some((fence, number, Block { start, code: String::new() })),
            (None, None) => None,
            (Some((opened, _, block)), Some(fence)) if closes(line, opened, fence) => {
                blocks.push(block);
                None
            }
            (Some((opened, number, mut block)), _) => {
                block.code.push_str(line);
                Some((opened, number, block))
            }
        };
        start += line.len();
    }
    match open {
        Some((_, number, _)) => Err(number),
        None => Ok(blocks),
    }
}

/// Three or more marks at the beginning of a line.
fn fence(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let end = line.find(|c| c != mark).unwrap_or(line.len());
    line.get(..end).filter(|fence| fence.len() >= 3)
}

/// A closing fence is at least as long as the opening one, of the same marks, and alone.
fn closes(line: &str, opened: &str, fence: &str) -> bool {
    fence.starts_with(opened) && line.trim() == fence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Answer {
        Answer {
            text: text.to_owned(),
            complete: true,
            finish: "stop".to_owned(),
            ..Answer::default()
        }
    }

    fn code(text: &str) -> Result<String, String> {
        read(&answer(text), "covers").map(|draft| draft.code).map_err(|reason| reason.sentence)
    }

    #[test]
    fn the_block_with_the_entry_function_is_taken() {
        let text = "One doubt.\n\n```toml\na = 1\n```\n\n`src/x.rs`\n~~~rust\npub fn covers() {\n    \
                    \"```\";\n}\n~~~\nDone.";
        let draft = read(&answer(text), "covers").unwrap();
        assert_eq!(draft.code, "pub fn covers() {\n    \"```\";\n}\n");
        assert!(draft.before.unwrap().starts_with("One doubt."));
        assert_eq!(code("```\nonly\n```").unwrap(), "only\n");
        let two = "```\nfn covers() {}\n```\n```rust\npub fn covers() { 1; }\n```";
        assert_eq!(code(two).unwrap(), "pub fn covers() { 1; }\n");
    }

    #[test]
    fn a_reply_without_a_version_says_why() {
        let none = "none of 0 code blocks holds the function `covers`: give one file in one block";
        assert_eq!(code("I will not.").unwrap_err(), none);
        let open = "the code block that begins in line 2 does not end";
        assert_eq!(code("Here:\n```rust\npub fn covers() {").unwrap_err(), open);
        let cut = Answer { complete: false, finish: "length".to_owned(), ..answer("```\nx\n```") };
        let sentence = read(&cut, "covers").unwrap_err().sentence;
        assert!(sentence.starts_with("the reply ends at a limit (length)"), "{sentence}");
    }
}
