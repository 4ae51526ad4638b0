//! Amounts as people write them, to and from minor units.

use specie_primitives::{Balance, Denomination, Lot};

/// Why a text is no amount. Each message says how to write it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nothing there.
    #[error("the amount is empty: write it like 186.00")]
    Empty,
    /// Nothing before the point, or nothing behind it.
    #[error("write digits before and behind the point: 0.50")]
    BarePoint,
    /// Less than nothing.
    #[error("the amount must be above zero")]
    Negative,
    /// A sign that does not belong into an amount.
    #[error("'{0}' does not belong into an amount: write it like 186.00 or 1'000.50")]
    BadSign(char),
    /// A comma, which is a decimal point to some and a separator to others.
    #[error("write a point before the decimals and no commas: 1'000.50")]
    Comma,
    /// Digits grouped otherwise than by three.
    #[error("group digits by three or not at all: 1'000'000")]
    Grouping,
    /// More digits behind the point than the currency has.
    #[error("at most {0} digits behind the point")]
    TooFine(u8),
    /// More than 128 bits of minor units.
    #[error("the amount is too large")]
    TooLarge,
    /// Not a list of coins.
    #[error("'{0}' is no number of coins: write face value x count, for instance 100.00x20,50x2")]
    Lot(String),
    /// Zero where value must move.
    #[error("the amount must be above zero")]
    Zero,
}

/// How a currency writes its amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// Digits behind the point.
    pub decimals: u8,
    /// Name of the currency, for instance `SPC`.
    pub symbol: String,
}

impl Money {
    /// Reads an amount such as `186`, `186.00`, `1'000.50` or `1 000` into minor units.
    pub fn parse(&self, text: &str) -> Result<Balance, AmountError> {
        let text = text.trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if text.is_empty() {
            return Err(AmountError::Empty);
        }
        if text.strip_prefix('-').is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit())) {
            return Err(AmountError::Negative);
        }
        if whole.is_empty() || text.ends_with('.') {
            return Err(AmountError::BarePoint);
        }
        if text.contains(',') {
            return Err(AmountError::Comma);
        }
        if fraction.chars().count() > usize::from(self.decimals) {
            return Err(AmountError::TooFine(self.decimals));
        }
        let mut units = digits(&ungroup(whole)?, 0)?;
        let padding = usize::from(self.decimals).saturating_sub(fraction.len());
        units = digits(fraction, units)?;
        for _ in 0..padding {
            units = units.checked_mul(10).ok_or(AmountError::TooLarge)?;
        }
        Ok(units)
    }

    /// Like [`Money::parse`], and refuses zero.
    pub fn parse_positive(&self, text: &str) -> Result<Balance, AmountError> {
        match self.parse(text)? {
            0 => Err(AmountError::Zero),
            units => Ok(units),
        }
    }

    /// Writes minor units as `186.00`, without grouping.
    pub fn format(&self, units: Balance) -> String {
        let Some(scale) = 10u128.checked_pow(self.decimals.into()).filter(|scale| *scale > 1) else {
            return units.to_string();
        };
        format!("{}.{:0width$}", units / scale, units % scale, width = usize::from(self.decimals))
    }

    /// Writes minor units for a person: `1'000'186.00 SPC`.
    pub fn show(&self, units: Balance) -> String {
        let plain = self.format(units);
        let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(w, f)| (w, Some(f)));
        let mut text = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place) % 3 == 0 {
                text.push('\'');
            }
            text.push(digit);
        }
        if let Some(fraction) = fraction {
            text.push('.');
            text.push_str(fraction);
        }
        format!("{text} {}", self.symbol)
    }

    /// Reads a face value.
    pub fn denomination(&self, text: &str) -> Result<Denomination, AmountError> {
        let units = self.parse_positive(text)?;
        units.try_into().map(Denomination).map_err(|_| AmountError::TooLarge)
    }

    /// Reads a list of coins by face value: `100.00x20,50x2`. Counts of one face value are added up; the largest
    /// face value comes first.
    pub fn lots(&self, text: &str) -> Result<Vec<Lot>, AmountError> {
        let mut lots: Vec<Lot> = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let bad = || AmountError::Lot(item.into());
            let (value, count) = item.rsplit_once(['x', 'X', '×', '*']).ok_or_else(bad)?;
            let denomination = self.denomination(value)?;
            let count: u32 = digits(&ungroup(count.trim())?, 0)?.try_into().map_err(|_| bad())?;
            if count == 0 {
                return Err(bad());
            }
            match lots.iter_mut().find(|lot| lot.denomination == denomination) {
                Some(lot) => lot.count = lot.count.checked_add(count).ok_or(AmountError::TooLarge)?,
                None => lots.push(Lot { denomination, count }),
            }
        }
        if lots.is_empty() {
            return Err(AmountError::Lot(text.into()));
        }
        lots.sort_by(|a, b| b.denomination.cmp(&a.denomination));
        Ok(lots)
    }
}

/// Takes separators between groups of three digits out.
fn ungroup(text: &str) -> Result<String, AmountError> {
    let separator = |sign: char| matches!(sign, '\'' | '’' | '_' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}');
    let groups: Vec<&str> = text.split(separator).collect();
    let bad = groups.iter().enumerate().any(|(place, group)| match place {
        0 => group.is_empty() || (groups.len() > 1 && group.len() > 3),
        _ => group.len() != 3,
    });
    if bad && groups.len() > 1 {
        return Err(AmountError::Grouping);
    }
    Ok(groups.concat())
}

/// Appends decimal digits to a number.
fn digits(text: &str, mut units: Balance) -> Result<Balance, AmountError> {
    for sign in text.chars() {
        let digit = sign.to_digit(10).ok_or(AmountError::BadSign(sign))?;
        units = units.checked_mul(10).and_then(|units| units.checked_add(digit.into())).ok_or(AmountError::TooLarge)?;
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money() -> Money {
        Money { decimals: 2, symbol: "SPC".into() }
    }

    #[test]
    fn amounts_are_read_as_written() {
        for (text, units) in [
            ("186.00", 18_600),
            ("186", 18_600),
            ("186.5", 18_650),
            ("0.05", 5),
            (" 1'000 ", 100_000),
            ("1 000", 100_000),
            ("1'000'000.01", 100_000_001),
            ("1000000", 100_000_000),
            ("0", 0),
        ] {
            assert_eq!(money().parse(text), Ok(units), "{text}");
        }
    }

    #[test]
    fn bad_amounts_say_what_to_do() {
        for (text, error) in [
            ("", AmountError::Empty),
            ("5.", AmountError::BarePoint),
            (".5", AmountError::BarePoint),
            (".", AmountError::BarePoint),
            ("1,50", AmountError::Comma),
            ("1.234", AmountError::TooFine(2)),
            ("1'00", AmountError::Grouping),
            ("1000'000", AmountError::Grouping),
            ("-5", AmountError::Negative),
            ("-0.50", AmountError::Negative),
            ("--all", AmountError::BadSign('-')),
            ("5 EUR", AmountError::BadSign('E')),
            ("1.1'", AmountError::BadSign('\'')),
        ] {
            let result = money().parse(text);
            // A word of three letters behind a space looks like a group first.
            assert!(result == Err(error.clone()), "{text}: {result:?}");
        }
        assert_eq!(money().parse(&"9".repeat(40)), Err(AmountError::TooLarge));
        assert_eq!(money().parse_positive("0.00"), Err(AmountError::Zero));
        assert!(AmountError::BarePoint.to_string().contains("0.50"));
        for error in [AmountError::Zero, AmountError::Negative] {
            assert!(error.to_string().contains("must be above zero"), "{error}");
        }
    }

    #[test]
    fn amounts_are_written_for_people() {
        assert_eq!(money().format(18_600), "186.00");
        assert_eq!(money().format(5), "0.05");
        assert_eq!(money().show(100_018_600), "1'000'186.00 SPC");
        assert_eq!(money().show(100_000), "1'000.00 SPC");
        assert_eq!(Money { decimals: 0, symbol: "X".into() }.show(1_234), "1'234 X");
    }

    #[test]
    fn lots_are_read_and_added_up() {
        let lot = |units, count| Lot { denomination: Denomination(units), count };
        assert_eq!(money().lots("50x1, 100.00x20,50x2"), Ok(vec![lot(10_000, 20), lot(5_000, 3)]));
        assert_eq!(money().lots("0.05×1'000"), Ok(vec![lot(5, 1_000)]));
        for text in ["", "100", "100x", "x3", "100x0", "0x5", "100x-1", "100x99999999999"] {
            assert!(money().lots(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(units: u64) {
            let units = Balance::from(units);
            prop_assert_eq!(money().parse(&money().format(units)), Ok(units));
            let shown = money().show(units);
            prop_assert_eq!(money().parse(shown.trim_end_matches(" SPC")), Ok(units));
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = money().parse(&text);
            let _ = money().lots(&text);
        }
    }
}
