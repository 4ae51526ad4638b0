//! What is printed: words and tables for people, or one JSON object for programs.

use crate::failure::Failure;
use serde::Serialize;

/// Prints a result in the form that was asked for.
pub fn result(json: bool, value: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string_pretty(value)? } else { text() };
    print(&text);
    Ok(())
}

/// Prints one line of a stream: JSON without line breaks, or words.
pub fn line(json: bool, value: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string(value)? } else { text() };
    print(&text);
    Ok(())
}

/// Prints why a command failed: JSON on the standard output, words on the standard error.
pub fn error(json: bool, error: &anyhow::Error) {
    #[derive(Serialize)]
    struct Wrapped {
        error: Failure,
    }
    if !json {
        eprintln!("error: {error:#}");
        return;
    }
    let failure = match error.downcast_ref::<Failure>() {
        Some(failure) => failure.clone(),
        None => Failure::new(crate::failure::WALLET, format!("{error:#}")),
    };
    print(&serde_json::to_string_pretty(&Wrapped { error: failure }).unwrap_or_default());
}

/// Like `println!`, but a reader that went away is not worth a panic.
fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// Lines up columns; those named in `right` are flush right.
pub fn table(head: &[&str], rows: &[Vec<String>], right: &[usize]) -> String {
    let head: Vec<String> = head.iter().map(|cell| cell.to_string()).collect();
    let width = |column: usize| {
        std::iter::once(&head)
            .chain(rows)
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut lines = Vec::new();
    for row in std::iter::once(&head).chain(rows) {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if right.contains(&column) {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        lines.push(cells.collect::<Vec<_>>().join("  ").trim_end().to_string());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up() {
        let rows = vec![vec!["a".to_string(), "1.00".into()], vec!["long".into(), "10.00".into()]];
        assert_eq!(table(&["who", "what"], &rows, &[1]), "who    what\na      1.00\nlong  10.00");
    }
}
