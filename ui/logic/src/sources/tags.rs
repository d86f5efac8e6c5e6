//! Enums whose variant's name stands inside its fields: pages read them by a list of the properties that hold such names.

use std::path::Path;

use super::rust_files;

/// Enums that pages only send.
const SENT: [&str; 3] = ["request", "export", "type"];

#[test]
fn pages_can_read_every_enum_that_the_backend_answers_with() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let reader = std::fs::read_to_string(here.join("../src/reader.rs")).expect("the reader can be read");
    let list =
        reader.split("const NAMES_INSIDE").nth(1).and_then(|rest| rest.split(';').nth(1)).expect("it has a list");
    let mut files = vec![];
    rust_files(&here.join("../../shared/src"), &mut files);
    let (mut tags, mut faults) = (0, vec![]);
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        for line in text.lines() {
            let Some(tag) = line.split("serde(tag = \"").nth(1).and_then(|rest| rest.split('"').next()) else {
                continue;
            };
            tags += 1;
            let is_read = list.contains(&format!("\"{tag}\"")) && line.contains("not(target_family = \"wasm\")");
            if !is_read && !SENT.contains(&tag) {
                faults.push(format!("{}: {tag:?} is not in NAMES_INSIDE, or is tagged for pages too", path.display()));
            }
        }
    }
    assert!(tags > SENT.len(), "the enums were not found");
    super::nothing_of(faults);
}
