//! What is printed: words and tables for people, or one JSON object for programs.

use crate::failure::Failure;
use serde::Serialize;

/// Prints a result in the form that was asked for.
pub fn result(json: bool, value: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string_pretty(value)? } else { steady(&text()) };
    print(&text);
    Ok(())
}

/// Prints one line of a stream: JSON without line breaks, or words.
pub fn line(json: bool, value: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string(value)? } else { steady(&text()) };
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
        eprintln!("error: {}", steady(&format!("{error:#}")));
        return;
    }
    print(&serde_json::to_string_pretty(&Wrapped { error: Failure::from_error(error) }).unwrap_or_default());
}

/// Like `println!`, but a reader that went away is not worth a panic.
fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// A name from the network as a terminal may show it: signs that steer it, or turn the direction of writing, are written
/// out.
pub fn printable(text: &str) -> String {
    let steers = |sign: char| sign.is_control() || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut shown = String::new();
    for sign in text.chars() {
        if steers(sign) {
            shown.extend(sign.escape_default());
        } else {
            shown.push(sign);
        }
    }
    shown
}

/// Several lines as a terminal may show them: what a node says is in many of them, and it must not write over others.
fn steady(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// Milliseconds since 1970 as date and time in UTC, to the second.
pub fn utc(ms: u64) -> String {
    let (days, seconds) = (ms / 86_400_000, ms / 1_000 % 86_400);
    // Howard Hinnant, chrono-compatible low-level date algorithms, civil_from_days: years begin in March.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// The same in the form of ISO 8601, to the millisecond: `2026-11-21T18:09:12.345Z`.
pub fn iso(ms: u64) -> String {
    format!("{}.{:03}Z", utc(ms).replace(' ', "T"), ms % 1_000)
}

/// Reads a day or a second in UTC, `2026-11-21` or `2026-11-21T18:09:12Z`. Gives when it begins in milliseconds since
/// 1970, and how many it has.
pub fn read_utc(text: &str) -> Option<(u64, u64)> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time.strip_suffix('Z')?)),
        None => (text, None),
    };
    let numbers = |text: &str, sign: char| -> Option<[u64; 3]> {
        let parts: Option<Vec<u64>> = text.split(sign).map(|part| part.parse().ok()).collect();
        parts?.try_into().ok()
    };
    let [year, month, day] = numbers(date, '-')?;
    if !(1_970..=9_999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // The inverse of the above.
    let year = year - u64::from(month <= 2);
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days = (era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year).checked_sub(719_468)?;
    let begin = days * 86_400_000;
    // The 30th of February is another day.
    if !utc(begin).starts_with(date) {
        return None;
    }
    let Some(time) = time else { return Some((begin, 86_400_000)) };
    let [hour, minute, second] =
        numbers(time, ':').filter(|[hour, minute, second]| *hour < 24 && *minute < 60 && *second < 60)?;
    Some((begin + (hour * 3_600 + minute * 60 + second) * 1_000, 1_000))
}

/// Lines up columns; those named in `right` are flush right. What steers a terminal is written out.
pub fn table(head: &[&str], rows: &[Vec<String>], right: &[usize]) -> String {
    let head: Vec<String> = head.iter().map(|cell| printable(cell)).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect()).collect();
    let width = |column: usize| {
        std::iter::once(&head)
            .chain(&rows)
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut lines = Vec::new();
    for row in std::iter::once(&head).chain(&rows) {
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

    #[test]
    fn names_cannot_steer_the_terminal() {
        assert_eq!(printable("Bank Ä, 'B' \\"), "Bank Ä, 'B' \\");
        assert_eq!(printable("\u{1b}[2Jgone\n\u{9b}\u{202e}"), "\\u{1b}[2Jgone\\n\\u{9b}\\u{202e}");
        let lines = table(&["a\tb"], &[vec!["x\r".into()]], &[]);
        assert_eq!(lines, "a\\tb\nx\\r");
    }

    #[test]
    fn nothing_that_a_node_says_steers_the_terminal() {
        assert_eq!(steady("Paid 5.00 SPC\n  block 7"), "Paid 5.00 SPC\n  block 7");
        assert_eq!(steady("no\u{1b}[2J\rPaid\n  to\u{202e}"), "no\\u{1b}[2J\\rPaid\n  to\\u{202e}");
        let lines = table(&["a"], &[vec!["x\r".into()]], &[]);
        assert_eq!(steady(&lines), lines);
    }

    #[test]
    fn times_are_written_in_utc() {
        for (ms, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_399_999, "2000-02-28 23:59:59"),
            (951_868_799_000, "2000-02-29 23:59:59"),
            (951_868_800_000, "2000-03-01 00:00:00"),
            (1_709_164_800_000, "2024-02-29 00:00:00"),
            (1_735_689_599_000, "2024-12-31 23:59:59"),
            (4_107_542_400_000, "2100-03-01 00:00:00"),
        ] {
            assert_eq!(utc(ms), text);
            let second = format!("{}Z", text.replace(' ', "T"));
            assert_eq!(read_utc(&second), Some((ms - ms % 1_000, 1_000)));
            assert_eq!(read_utc(&text[..10]), Some((ms - ms % 86_400_000, 86_400_000)));
            assert_eq!(iso(ms), format!("{}.{:03}Z", text.replace(' ', "T"), ms % 1_000));
        }
        for bad in [
            "",
            "2024",
            "2023-02-29",
            "2024-13-01",
            "2024-1-1",
            "1969-12-31",
            "2024-02-29T24:00:00Z",
            "2024-02-29 00:00:00Z",
        ] {
            assert_eq!(read_utc(bad), None, "{bad}");
        }
    }
}
