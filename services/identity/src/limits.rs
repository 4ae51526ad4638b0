//! How much an asker may ask: two leaking buckets, one for a minute and one for a day.
//!
//! A bucket fills by one with every evaluation and leaks evenly, its limit in a period; an evaluation that would make it
//! overflow is refused. So no more than the limit is evaluated at once, and in any period no more than twice the limit.

use serde::{Deserialize, Serialize};

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;

/// Evaluations that one payer may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// In a minute.
    pub per_minute: u32,
    /// In a day.
    pub per_day: u32,
}

/// Who an evaluation is charged to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payer {
    /// A bank, whichever of its keys asked.
    Bank(u32),
    /// A listed asker: one that is no bank's, or a bank's with a limit of its own beside the bank's.
    Listed(String),
    /// An owner, whichever key is bound to it.
    Owner([u8; 24]),
    /// All owners together that a bank registered: a bank gains nothing by inventing owners.
    OwnersOf(u32),
}

impl Payer {
    /// Its key in the store.
    pub fn row(&self) -> Vec<u8> {
        let (tag, name): (u8, &[u8]) = match self {
            Self::Bank(bank) => (0, &bank.to_be_bytes()),
            Self::Listed(name) => (1, name.as_bytes()),
            Self::Owner(owner) => (2, owner),
            Self::OwnersOf(bank) => (3, &bank.to_be_bytes()),
        };
        [&[tag], name].concat()
    }
}

/// How full the buckets are. One evaluation fills a bucket by its period in milliseconds, in which time the bucket leaks
/// as many: that way all arithmetic is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Used {
    /// Of the minute.
    pub minute: u64,
    /// Of the day.
    pub day: u64,
    /// When that was, in milliseconds since 1970.
    pub at: u64,
}

impl Used {
    /// From when on nothing of it matters any more.
    pub fn forgotten_at(&self) -> u64 {
        self.at.saturating_add(DAY)
    }

    /// Charges `count` evaluations now (milliseconds since 1970). Otherwise says in how many milliseconds that will be
    /// possible, or `None` if never.
    pub fn charge(self, limit: Limit, count: u32, now: u64) -> Result<Self, Option<u64>> {
        // A clock that was set back leaks nothing, but does not stop the leak for longer than that.
        let elapsed = now.saturating_sub(self.at);
        let minute = fill(self.minute, limit.per_minute, MINUTE, elapsed, count);
        let day = fill(self.day, limit.per_day, DAY, elapsed, count);
        match (minute, day) {
            (Ok(minute), Ok(day)) => Ok(Self { minute, day, at: now }),
            (Err(None), _) | (_, Err(None)) => Err(None),
            (minute, day) => Err(minute.err().max(day.err()).flatten()),
        }
    }
}

fn fill(level: u64, limit: u32, period: u64, elapsed: u64, count: u32) -> Result<u64, Option<u64>> {
    let (limit, count) = (u64::from(limit), u64::from(count));
    if count > limit {
        return Err(None);
    }
    // At most 2^32 · 86 400 000 < 2^59 each.
    let capacity = limit * period;
    let level = level.min(capacity).saturating_sub(elapsed.saturating_mul(limit)) + count * period;
    match level.checked_sub(capacity) {
        None | Some(0) => Ok(level),
        Some(over) => Err(Some(over.div_ceil(limit))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { per_minute: 3, per_day: 5 };
    const START: u64 = 1_800_000_000_000;

    #[test]
    fn a_minute_then_a_day_is_used_up() {
        let mut used = Used::default();
        for _ in 0..3 {
            used = used.charge(LIMIT, 1, START).unwrap();
        }
        assert_eq!(used.charge(LIMIT, 1, START), Err(Some(20_000)));
        assert_eq!(used.charge(LIMIT, 1, START + 19_999), Err(Some(1)));
        used = used.charge(LIMIT, 1, START + 20_000).unwrap();
        used = used.charge(LIMIT, 1, START + 60_000).unwrap();
        // Five of five, less what leaked in a minute.
        assert_eq!(used.charge(LIMIT, 1, START + 120_000), Err(Some(DAY / 5 - 120_000)));
        assert!(used.charge(LIMIT, 1, START + DAY / 5).is_ok());
        assert_eq!(used.charge(LIMIT, 3, START + 2 * DAY).unwrap().day, 3 * DAY);
    }

    #[test]
    fn boundary_batches() {
        assert!(Used::default().charge(LIMIT, 3, START).is_ok());
        assert_eq!(Used::default().charge(LIMIT, 4, START), Err(None));
        assert_eq!(Used::default().charge(Limit { per_minute: 9, per_day: 4 }, 5, START), Err(None));
        let most = Limit { per_minute: u32::MAX, per_day: u32::MAX };
        let used = Used { minute: u64::MAX, day: u64::MAX, at: 0 };
        assert!(used.charge(most, u32::MAX, u64::MAX).is_ok());
        assert!(matches!(used.charge(most, u32::MAX, 0), Err(Some(_))));
    }

    #[test]
    fn a_clock_set_back_does_not_refill() {
        let used = Used::default().charge(LIMIT, 3, START).unwrap();
        assert_eq!(used.charge(LIMIT, 1, START - DAY), Err(Some(20_000)));
    }

    #[test]
    fn a_lower_limit_holds_at_once() {
        let used = Used::default().charge(Limit { per_minute: 100, per_day: 1000 }, 90, START).unwrap();
        assert!(used.charge(LIMIT, 1, START).is_err());
        assert!(used.charge(LIMIT, 1, START + DAY).is_ok());
    }

    #[test]
    fn payers_do_not_meet_in_the_store() {
        let payers = [Payer::Bank(1), Payer::OwnersOf(1), Payer::Listed("a".into()), Payer::Owner([1; 24])];
        let mut rows: Vec<_> = payers.iter().map(Payer::row).collect();
        rows.sort();
        rows.dedup();
        assert_eq!(rows.len(), payers.len());
    }
}
