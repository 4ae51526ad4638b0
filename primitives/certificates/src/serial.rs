//! Printed serials of coins.

use crate::{hash, Fault, Genesis, Seed};
use core::{fmt, str::FromStr};

/// Domain tag of printed serials.
pub const SERIAL_TAG: &[u8; 24] = b"specie/serial/v1\0\0\0\0\0\0\0\0";

/// Crockford's digits of base 32: none of I, L, O and U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Digits that carry the serial; one more checks them.
const LENGTH: u32 = 19;

/// The serial that is printed for a coin: the first 95 bits of
/// `blake2_256(tag ‖ genesis ‖ seed ‖ batch ‖ index)`, 19 digits and a check sign in five groups of four.
///
/// It looks random, and two of 10 billion coins share one with a chance of 1 in 10⁹: the name that is unique by
/// construction is (batch, index). The check sign finds any one wrong sign and any two that changed places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CoinSerial(u128);

impl CoinSerial {
    /// The serial of a coin.
    pub fn new(genesis: &Genesis, seed: &Seed, batch: u32, index: u32) -> Self {
        let hash = hash(&[SERIAL_TAG, &genesis.0, &seed.0, &batch.to_le_bytes(), &index.to_le_bytes()]);
        let first = hash.iter().take(12).fold(0u128, |sum, byte| (sum << 8) | u128::from(*byte));
        Self(first >> 1)
    }

    /// Digits from the most significant.
    fn digits(self) -> impl Iterator<Item = u8> {
        (0..LENGTH).rev().map(move |place| (self.0 >> place.saturating_mul(5)) as u8 & 31)
    }
}

/// The sum of α^(19−i) · digit i over GF(32), where α is a root of x⁵ + x² + 1. The check sign brings it to zero:
/// its own weight is 1, and all twenty weights differ.
fn weigh(digits: impl Iterator<Item = u8>) -> u8 {
    digits.fold(0, |sum, digit| {
        let sum = (sum ^ digit) << 1;
        if sum & 32 == 0 {
            sum
        } else {
            sum ^ 0b10_0101
        }
    })
}

impl fmt::Display for CoinSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signs = self.digits().chain([weigh(self.digits())]);
        for (place, sign) in signs.enumerate() {
            if place != 0 && place % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(DIGITS.get(usize::from(sign)).copied().unwrap_or(b'?')))?;
        }
        Ok(())
    }
}

impl fmt::Debug for CoinSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CoinSerial({self})")
    }
}

impl FromStr for CoinSerial {
    type Err = Fault;

    /// Hyphens and spaces do not count, nor does the case; O is read as 0, I and L as 1.
    fn from_str(text: &str) -> Result<Self, Fault> {
        let (mut value, mut check, mut count) = (0u128, 0u8, 0u32);
        for sign in text.chars().filter(|sign| !matches!(sign, '-' | ' ')) {
            let sign = match sign.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let place = DIGITS.iter().position(|digit| char::from(*digit) == sign);
            let digit = place.and_then(|place| u8::try_from(place).ok()).ok_or(Fault::SerialSign)?;
            if count < LENGTH {
                value = (value << 5) | u128::from(digit);
            } else if count == LENGTH {
                check = digit;
            } else {
                return Err(Fault::SerialLength);
            }
            count = count.saturating_add(1);
        }
        if count <= LENGTH {
            return Err(Fault::SerialLength);
        }
        let serial = Self(value);
        if weigh(serial.digits()) != check {
            return Err(Fault::SerialCheck);
        }
        Ok(serial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{string::ToString, vec::Vec};

    fn serial() -> CoinSerial {
        CoinSerial::new(&Genesis([1; 32]), &Seed([2; 32]), 3, 4)
    }

    #[test]
    fn serials_read_back() {
        let text = serial().to_string();
        assert_eq!(text.len(), 24);
        assert_eq!(text.parse(), Ok(serial()));
        assert_eq!(text.replace('-', "").to_lowercase().parse(), Ok(serial()));
        assert_eq!("OIL0".parse::<CoinSerial>(), Err(Fault::SerialLength));
        assert_eq!(CoinSerial(0).to_string(), "0000-0000-0000-0000-0000");
        assert_eq!("oooo-0000-0000 0000 000O".parse(), Ok(CoinSerial(0)));
        assert_eq!("0000-0000-0000-0000-0000-0".parse::<CoinSerial>(), Err(Fault::SerialLength));
        assert_eq!("0000-0000-0000-0000-000U".parse::<CoinSerial>(), Err(Fault::SerialSign));
        assert_eq!("".parse::<CoinSerial>(), Err(Fault::SerialLength));
    }

    #[test]
    fn everything_in_it_counts() {
        let all = [
            serial(),
            CoinSerial::new(&Genesis([9; 32]), &Seed([2; 32]), 3, 4),
            CoinSerial::new(&Genesis([1; 32]), &Seed([9; 32]), 3, 4),
            CoinSerial::new(&Genesis([1; 32]), &Seed([2; 32]), 9, 4),
            CoinSerial::new(&Genesis([1; 32]), &Seed([2; 32]), 3, 9),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|other| other != one));
        }
    }

    #[test]
    fn one_wrong_sign_and_any_swap_are_found() {
        let signs: Vec<u8> = serial().to_string().bytes().filter(|sign| *sign != b'-').collect();
        let read = |signs: &[u8]| core::str::from_utf8(signs).unwrap().parse::<CoinSerial>();
        for place in 0..signs.len() {
            for digit in DIGITS.iter().filter(|digit| **digit != signs[place]) {
                let mut wrong = signs.clone();
                wrong[place] = *digit;
                assert_eq!(read(&wrong), Err(Fault::SerialCheck));
            }
            for other in (0..place).filter(|other| signs[*other] != signs[place]) {
                let mut wrong = signs.clone();
                wrong.swap(place, other);
                assert_eq!(read(&wrong), Err(Fault::SerialCheck));
            }
        }
    }
}
