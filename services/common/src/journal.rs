//! What a service writes on its standard error: one line an event, as words or as JSON. No identity is in any.

use serde_json::{json, Map, Value};
use std::time::{SystemTime, UNIX_EPOCH};

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// Somebody should look.
    Warn,
    /// Something is broken.
    Error,
}

/// Writes events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Journal {
    /// As JSON.
    pub json: bool,
}

impl Journal {
    /// Writes an event.
    pub fn write(&self, level: Level, event: &str, fields: &[(&str, &str)]) {
        use std::io::Write;
        // A reader that went away is not worth a panic.
        let _ = writeln!(std::io::stderr().lock(), "{}", self.line(now_ms(), level, event, fields));
    }

    fn line(&self, now: u64, level: Level, event: &str, fields: &[(&str, &str)]) -> String {
        let (time, level) = (timestamp(now), format!("{level:?}").to_lowercase());
        if self.json {
            let mut object = Map::new();
            object.extend([
                ("time".into(), json!(time)),
                ("level".into(), json!(level)),
                ("event".into(), json!(event)),
            ]);
            object.extend(fields.iter().map(|(name, value)| (name.to_string(), json!(value))));
            return Value::Object(object).to_string();
        }
        let fields: String = fields.iter().map(|(name, value)| format!("  {name}={value}")).collect();
        format!("{time} {level:5} {event}{fields}").replace(['\n', '\r'], " ")
    }
}

/// Milliseconds since 1970.
fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// `2026-11-21T16:00:00.000Z`; the days are counted as in Howard Hinnant's "chrono-compatible low-level date algorithms".
fn timestamp(ms: u64) -> String {
    let (seconds, days) = (ms / 1000 % 86_400, ms / 86_400_000 + 719_468);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_for_people_or_programs() {
        let fields = [("network", "1"), ("what", "a\nb")];
        let text = Journal { json: false }.line(0, Level::Info, "started", &fields);
        assert_eq!(text, "1970-01-01T00:00:00.000Z info  started  network=1  what=a b");
        let text = Journal { json: true }.line(0, Level::Warn, "started", &fields);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((value["level"].as_str(), value["what"].as_str()), (Some("warn"), Some("a\nb")));
    }

    #[test]
    fn timestamps_follow_the_calendar() {
        for (seconds, expected) in [
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_799, "2000-02-29T23:59:59.000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (1_735_689_600, "2025-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(timestamp(seconds * 1000), expected);
        }
    }
}
