//! Prompts tell what each way of specifying may tell, and never a slot's body.

use crate::common::{Tally, golden};
use patcher::{PromptRequest, Specification, prompt};

fn prompt_for(name: &str, from: Specification) -> String {
    let tally = Tally::new();
    let (project, inventory) = tally.read();
    let request =
        PromptRequest { name, from, mandate: Some("Use no loop."), rewrite: false, whole: false };
    prompt(&project, &inventory, &request).expect("a prompt")
}

#[test]
fn the_prompt_from_a_contract_is_as_kept() {
    golden("on_update.contract.md", &prompt_for("count.on_update", Specification::Contract));
}

#[test]
fn a_prompt_says_of_an_alias_what_it_stands_for() {
    let tally = Tally::new();
    let file = "reference/tally/src/count/mod.rs";
    let alias = "/// All that is said.\npub type Said = Option<State>;\n\n/// What was seen.";
    tally.edit(file, "/// What was seen.", alias);
    tally.edit(
        "reference/tally/src/count/mod.rs",
        "pub seen: Seen,",
        "pub seen: Seen,\n    /// Said.\n    pub said: Said,",
    );
    let (project, inventory) = tally.read();
    let request = PromptRequest {
        name: "count.on_update",
        from: Specification::Contract,
        mandate: None,
        rewrite: false,
        whole: false,
    };
    let text = prompt(&project, &inventory, &request).expect("a prompt");
    let told = "// tally::count::Said, an alias of `Option<State>`: where a signature says `Said`, write \
                `Said` and not what it stands for\n/// All that is said.\n";
    assert!(text.contains(told), "{text}");
}

#[test]
fn no_prompt_shows_a_body() {
    for from in [Specification::Contract, Specification::Paper, Specification::Invariants] {
        for name in ["count", "check.judge", "count.on_update", "count.weigh"] {
            let text = prompt_for(name, from);
            for body in
                ["wrapping_add", "is_empty()", "for byte", "checked_div", "fn add", "secret"]
            {
                assert!(!text.contains(body), "{name} from {from} shows `{body}`");
            }
            assert!(text.contains("Use no loop."));
        }
    }
}

#[test]
fn the_prompt_from_the_paper_names_its_sections_and_no_contract() {
    let text = prompt_for("count.on_update", Specification::Paper);
    assert!(text.contains("Work from the paper alone: section 3.1, \"Counting\"."), "{text}");
    for told in ["Emits `Reject`", "changes nothing", "Says why an update", "Invariant:"] {
        assert!(!text.contains(told), "{told}");
    }
    assert!(text.contains("Counts one update – or says why not.\n\nWork from"));
    assert!(text.contains("Here: it wraps."));
    // Without a citation of its own, a slot has its component's.
    let text = prompt_for("count.weigh", Specification::Paper);
    assert!(text.contains("(cited for the component as a whole): section 3.1, \"Counting\""));
}

#[test]
fn the_prompt_from_invariants_has_those_alone() {
    let text = prompt_for("count.on_update", Specification::Invariants);
    assert!(text.contains(
        "Invariant: `total` changes only when `Total` is emitted.\n\n\
         Invariant: `seen.counted` counts the updates\nthat were counted.\n"
    ));
    assert!(!text.contains("Emits `Reject`") && !text.contains("3.1"));
    assert!(text.contains("/// Rejects: `Empty` if the payload is empty"), "a callee's rejects");
}

#[test]
fn the_prompt_from_the_paper_says_where_the_component_departs_and_tells_what_is_ours_alone() {
    let tally = Tally::new();
    tally.edit(
        "reference/tally/src/count/mod.rs",
        "//! Upon receiving",
        "//! # Deviations from the report\n//!\n//! - Sums wrap.\n//!\n//! # The rest\n//!\n//! Upon receiving",
    );
    tally.edit(
        "reference/tally/src/count/weigh.rs",
        "/// Example:",
        "/// Every byte counts alike.\n/// Paper: none. Deviation: none.\n/// Example:",
    );
    let (project, inventory) = tally.read();
    let from = Specification::Paper;
    let request =
        PromptRequest { name: "count", from, mandate: None, rewrite: false, whole: false };
    let text = prompt(&project, &inventory, &request).unwrap();
    let departs = text.split("## Where this implementation departs").nth(1).unwrap();
    let departs = departs.split("## Task").next().unwrap();
    assert!(departs.contains("- Sums wrap.") && !departs.contains("Upon receiving"), "{departs}");
    assert!(text.contains("The paper does not know this slot") && text.contains("counts alike"));
}

#[test]
fn the_prompt_from_invariants_quotes_the_recorded_calls_of_its_slot() {
    let tally = Tally::new();
    tally.edit("Cargo.toml", "machine =", "examples = \"kept\"\nmachine =");
    std::fs::create_dir(tally.root.join("kept")).unwrap();
    let kept = "# Calls\n\n## count.on_update\n\nof one\n\n## count.weigh\n\nof another\n";
    std::fs::write(tally.root.join("kept/count.md"), kept).unwrap();
    let (project, inventory) = tally.read();
    let told = |from| {
        let name = "count.weigh";
        let request = PromptRequest { name, from, mandate: None, rewrite: false, whole: false };
        prompt(&project, &inventory, &request).unwrap()
    };
    let text = told(Specification::Invariants);
    assert!(text.contains("of another") && !text.contains("of one"), "{text}");
    assert!(!told(Specification::Paper).contains("of another"));
}

#[test]
fn a_component_is_asked_for_as_a_whole() {
    let text = prompt_for("count", Specification::Contract);
    assert!(text.contains("# A new version of the slots `count.on_update`, `count.weigh`"));
    assert!(text.contains("- `src/count/on_update.rs`\n- `src/count/weigh.rs`\n"));
}

#[test]
fn a_rewrite_shows_the_function_to_be_written_anew() {
    let tally = Tally::new();
    let (project, inventory) = tally.read();
    let request = PromptRequest {
        name: "count.weigh",
        from: Specification::Contract,
        mandate: None,
        rewrite: true,
        whole: false,
    };
    let text = prompt(&project, &inventory, &request).unwrap();
    assert!(text.contains("for byte in &update.payload"));
    let unknown = PromptRequest { name: "count.wegh", ..request };
    let error = prompt(&project, &inventory, &unknown).unwrap_err().to_string();
    assert!(error.contains("did you mean `count.weigh`?"), "{error}");
}
