//! A record as CSV (RFC 4180), for a spreadsheet.

use conclave_shared::record::EntryView;

use super::utc;

/// The columns, in this order.
const COLUMNS: [&str; 10] =
    ["time", "ms", "author name", "author id", "n", "event id", "type", "summary", "void reason", "rank"];

/// The lines of the table without their ends, the first names the columns. No line contains a line end: the texts of an
/// entry have theirs spelled out.
pub fn table(entries: &[EntryView]) -> Vec<String> {
    let mut lines = vec![line(COLUMNS.map(str::to_owned))];
    lines.extend(entries.iter().map(|it| {
        line([
            utc(it.ms),
            it.ms.to_string(),
            it.name.clone(),
            it.author.to_string(),
            it.n.to_string(),
            it.event.to_string(),
            it.kind.clone(),
            it.summary.clone(),
            it.void.clone().unwrap_or_default(),
            it.rank.to_string(),
        ])
    }));
    lines
}

fn line(cells: [String; 10]) -> String {
    cells.map(|cell| quoted(&cell)).join(",")
}

/// A cell of text. What a spreadsheet would run as a formula gets an apostrophe before it, which spreadsheets take for "text".
pub fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{cell}") } else { cell.to_owned() };
    if text.contains([',', '"', '\r', '\n', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use conclave_shared::{EventId, MemberId};

    use super::*;

    /// A reader of RFC 4180, for one line.
    fn read(line: &str) -> Vec<String> {
        let (mut cells, mut cell, mut inside) = (Vec::new(), String::new(), false);
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            match (c, inside) {
                ('"', true) if rest.peek() == Some(&'"') => cell.extend(rest.next()),
                ('"', _) => inside = !inside,
                (',', false) => cells.push(std::mem::take(&mut cell)),
                (c, _) => cell.push(c),
            }
        }
        assert!(!inside, "{line}");
        cells.push(cell);
        cells
    }

    #[test]
    fn a_spreadsheet_reads_every_cell_as_it_was_and_runs_none() {
        let entry = |name: &str, summary: &str| EntryView {
            event: EventId([1; 32]),
            author: MemberId([2; 32]),
            name: name.to_owned(),
            n: 3,
            ms: 1_700_000_000_123,
            rank: 1_700_000_000_124,
            kind: "proposed".to_owned(),
            summary: summary.to_owned(),
            saying: conclave_shared::record::Saying::Malformed,
            void: None,
            void_code: None,
        };
        let lines = table(&[
            entry("=HYPERLINK(\"http://x\",\"y\")", "said \"a, b\" twice"),
            entry("@Ana", "-1"),
            entry("Ben", ""),
        ]);
        assert_eq!(read(&lines[0]), COLUMNS);
        let cells = read(&lines[1]);
        assert_eq!(cells[0], "2023-11-14T22:13:20.123Z");
        assert_eq!(cells[2], "'=HYPERLINK(\"http://x\",\"y\")");
        assert_eq!(cells[7], "said \"a, b\" twice");
        assert_eq!((read(&lines[2])[2].as_str(), read(&lines[2])[7].as_str()), ("'@Ana", "'-1"));
        assert_eq!(read(&lines[3]).len(), 10);
        for start in ["+", "\t", "\r"] {
            assert!(quoted(&format!("{start}1")).contains(&format!("'{start}1")));
        }
    }
}
