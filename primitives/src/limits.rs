//! Classes of owners, the limits that go with them, and the business day by which payments are counted.

use crate::{Balance, OwnerId};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Length of a day in milliseconds.
pub const DAY_MS: u64 = 86_400_000;
/// Milliseconds of a minute.
const MINUTE_MS: i128 = 60_000;
/// Farthest that a business day is shifted against UTC, in minutes: 14 hours.
pub const MAX_OFFSET: i16 = 14 * 60;
/// Most changes of a calendar: summer time of some 30 years.
pub const MAX_CALENDAR: u32 = 64;

/// Wallet class: which limits apply to an owner. Encoded as one byte, in this order; a class that comes later is a
/// higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerClass {
    /// A card with nobody's name on it.
    AnonymousCard,
    /// Somebody of whom no more is known than a phone number, an e-mail address or an alias.
    Phone,
    /// A person whose identity the bank verified.
    Person,
    /// A firm whose identity the bank verified.
    Firm,
}

impl OwnerClass {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::AnonymousCard, Self::Phone, Self::Person, Self::Firm];

    /// Whether a bank verified who stands behind the owner: such an owner has a [`PersonTag`], no other has.
    pub fn is_verified(self) -> bool {
        matches!(self, Self::Person | Self::Firm)
    }

    /// Its name in definitions, commands and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::AnonymousCard => "anonymous_card",
            Self::Phone => "phone",
            Self::Person => "person",
            Self::Firm => "firm",
        }
    }
}

impl fmt::Display for OwnerClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl core::str::FromStr for OwnerClass {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = |class: &Self| class.name() == text || class.name().replace('_', "-") == text;
        Self::ALL.into_iter().find(named).ok_or("a class is anonymous_card, phone, person or firm")
    }
}

/// Stands for the person or firm behind the identities that banks verified: limits count for all of them together.
/// How banks derive it is specified in the decision record 006.
///
/// Text form: 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PersonTag(pub [u8; 32]);

impl fmt::Display for PersonTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for PersonTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonTag({self})")
    }
}

impl core::str::FromStr for PersonTag {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut raw = [0u8; 32];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut raw)
            .map_err(|_| "a person tag is 64 hexadecimal digits")?;
        Ok(Self(raw))
    }
}

impl Serialize for PersonTag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PersonTag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::string::String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// For whom is counted: a person with all its identities, or an owner behind whom nobody was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Subject {
    /// One owner.
    Owner(OwnerId),
    /// A person or firm.
    Person(PersonTag),
}

impl Subject {
    /// The subject of an owner.
    pub fn of(owner: OwnerId, person: Option<PersonTag>) -> Self {
        person.map_or(Self::Owner(owner), Self::Person)
    }
}

/// What limits need to know of an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its class.
    pub class: OwnerClass,
    /// For whom its payments count.
    pub subject: Subject,
    /// The last business day on which it did or received anything.
    pub seen: u32,
}

/// Limits of a class in minor units; `None` for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct ClassLimits {
    /// Most that one payment may be worth.
    pub per_payment: Option<Balance>,
    /// Most that all payments of a business day may be worth together. What comes back does not count against it.
    pub per_day: Option<Balance>,
    /// Most that may be held, in coins and in custody at all banks, after something was received.
    pub balance: Option<Balance>,
}

/// From a time on, business days begin at another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct CalendarChange {
    /// When it takes effect, in milliseconds since 1970.
    pub from_ms: u64,
    /// How many minutes local time is ahead of UTC.
    pub offset_minutes: i16,
}

fn offset_at(calendar: &[CalendarChange], ms: u64) -> i16 {
    calendar.iter().take_while(|change| change.from_ms <= ms).last().map_or(0, |change| change.offset_minutes)
}

/// The business day of a time: whole days of local time since 1970. Without a change in force, local time is UTC.
pub fn day_at(calendar: &[CalendarChange], ms: u64) -> u32 {
    let offset = i128::from(offset_at(calendar, ms)).saturating_mul(MINUTE_MS);
    let day = i128::from(ms).saturating_add(offset).div_euclid(i128::from(DAY_MS));
    u32::try_from(day.clamp(0, u32::MAX.into())).unwrap_or_default()
}

/// When the business day of a time ends, in milliseconds since 1970.
pub fn day_end(calendar: &[CalendarChange], ms: u64) -> u64 {
    let next = i128::from(day_at(calendar, ms)).saturating_add(1).saturating_mul(i128::from(DAY_MS));
    let midnight = |offset: i16| next.saturating_sub(i128::from(offset).saturating_mul(MINUTE_MS));
    let (mut start, mut offset) = (ms, offset_at(calendar, ms));
    for change in calendar.iter().filter(|change| change.from_ms > ms) {
        if midnight(offset) < i128::from(change.from_ms) {
            break;
        }
        (start, offset) = (change.from_ms, change.offset_minutes);
    }
    // A change may jump over midnight.
    u64::try_from(midnight(offset)).unwrap_or(u64::MAX).max(start)
}

/// Whether changes are in order, say what is so now, and stay within [`MAX_OFFSET`].
pub fn is_calendar(calendar: &[CalendarChange], now_ms: u64) -> bool {
    let begun = calendar.first().is_some_and(|change| change.from_ms <= now_ms);
    let ascending = calendar.iter().zip(calendar.iter().skip(1)).all(|(one, next)| one.from_ms < next.from_ms);
    begun
        && ascending
        && calendar.iter().all(|change| change.offset_minutes.unsigned_abs() <= MAX_OFFSET.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    fn change(from_ms: u64, offset_minutes: i16) -> CalendarChange {
        CalendarChange { from_ms, offset_minutes }
    }

    #[test]
    fn days_begin_at_local_midnight() {
        assert_eq!(day_at(&[], 0), 0);
        assert_eq!((day_at(&[], DAY_MS - 1), day_at(&[], DAY_MS)), (0, 1));
        let east = [change(0, 120)];
        assert_eq!((day_at(&east, DAY_MS - 2 * HOUR - 1), day_at(&east, DAY_MS - 2 * HOUR)), (0, 1));
        let west = [change(0, -60)];
        assert_eq!((day_at(&west, DAY_MS + HOUR - 1), day_at(&west, DAY_MS + HOUR)), (0, 1));
        // Before 1970 there is no day, after the year eleven million neither.
        assert_eq!(day_at(&west, 0), 0);
        assert_eq!(day_at(&[], u64::MAX), u32::MAX);
    }

    #[test]
    fn a_day_ends_when_the_next_begins() {
        let summer = [change(0, 60), change(100 * DAY_MS + HOUR, 120), change(200 * DAY_MS + HOUR, 60)];
        let jump = [change(0, 0), change(10 * DAY_MS - HOUR, 120)];
        let back = [change(0, 120), change(10 * DAY_MS - 3 * HOUR, 0)];
        for calendar in [&[][..], &[change(0, 60)], &[change(0, -720)], &summer, &jump, &back] {
            for day in [0, 1, 9, 10, 99, 100, 101, 199, 200, 201] {
                for hour in 0..24 {
                    let ms = day * DAY_MS + hour * HOUR + 1;
                    let (today, end) = (day_at(calendar, ms), day_end(calendar, ms));
                    assert!(end > ms, "{calendar:?} {ms}");
                    assert_eq!(day_at(calendar, end - 1), today, "{calendar:?} {ms}");
                    assert!(day_at(calendar, end) > today, "{calendar:?} {ms}");
                }
            }
        }
        // The shortest day is an hour shorter, the longest an hour longer.
        let lengths = [99, 100, 200].map(|day| {
            let noon = day * DAY_MS + 12 * HOUR;
            day_end(&summer, day_end(&summer, noon - DAY_MS)) - day_end(&summer, noon - DAY_MS)
        });
        assert_eq!(lengths, [24 * HOUR, 23 * HOUR, 25 * HOUR]);
    }

    #[test]
    fn boundary_calendars() {
        assert!(is_calendar(&[change(0, 0)], 0));
        assert!(is_calendar(&[change(5, 840), change(6, -840)], 5));
        assert!(!is_calendar(&[], 5), "nothing is in force");
        assert!(!is_calendar(&[change(6, 0)], 5), "nothing is in force yet");
        assert!(!is_calendar(&[change(1, 0), change(1, 60)], 5), "two changes at once");
        assert!(!is_calendar(&[change(2, 0), change(1, 60)], 5), "not in order");
        for offset in [841, -841, i16::MIN, i16::MAX] {
            assert!(!is_calendar(&[change(0, offset)], 5), "{offset}");
        }
    }

    #[test]
    fn classes_have_one_name() {
        for class in OwnerClass::ALL {
            assert_eq!(class.name().parse(), Ok(class));
            assert_eq!(class.encode().len(), 1);
        }
        assert_eq!("anonymous-card".parse(), Ok(OwnerClass::AnonymousCard));
        assert!("Person".parse::<OwnerClass>().is_err());
        assert!(OwnerClass::AnonymousCard < OwnerClass::Phone && OwnerClass::Phone < OwnerClass::Person);
    }

    #[test]
    fn tags_are_read_as_they_are_written() {
        let tag = PersonTag([0xab; 32]);
        assert_eq!(tag.to_string().parse(), Ok(tag));
        assert_eq!(alloc::format!("0x{tag}").parse(), Ok(tag));
        assert!("ab".parse::<PersonTag>().is_err());
    }
}
