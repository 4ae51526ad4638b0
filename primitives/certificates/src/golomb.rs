//! Golomb-Rice code of ascending numbers: each is written as its distance from the one before, the distance as
//! `quotient` ones, a zero and [`BITS`] bits of remainder. Most significant bit first; zeros fill the last byte.

use alloc::vec::Vec;

/// Bits of a remainder.
pub(crate) const BITS: u32 = crate::FALSE_POSITIVE_BITS;

/// Codes numbers that ascend, equal ones allowed.
pub(crate) fn encode(values: &[u64]) -> Vec<u8> {
    let mut writer = Writer::default();
    let mut last = 0;
    for value in values {
        let distance = value.saturating_sub(last);
        (0..distance >> BITS).for_each(|_| writer.push(true));
        writer.push(false);
        (0..BITS).rev().for_each(|bit| writer.push(distance >> bit & 1 == 1));
        last = *value;
    }
    writer.finish()
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    byte: u8,
    used: u32,
}

impl Writer {
    fn push(&mut self, bit: bool) {
        self.byte = self.byte << 1 | u8::from(bit);
        self.used = self.used.saturating_add(1);
        if self.used == 8 {
            self.bytes.push(self.byte);
            (self.byte, self.used) = (0, 0);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        while self.used != 0 {
            self.push(false);
        }
        self.bytes
    }
}

/// Reads a code from any number on whose place is known.
#[derive(Clone, Copy)]
pub(crate) struct Decoder<'a> {
    code: &'a [u8],
    place: Place,
}

/// Where a decoder stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The number before.
    pub value: u64,
    /// Bits read so far.
    pub bit: u64,
}

impl<'a> Decoder<'a> {
    pub fn new(code: &'a [u8], place: Place) -> Self {
        Self { code, place }
    }

    pub fn place(&self) -> Place {
        self.place
    }

    fn bits(&self) -> u64 {
        (self.code.len() as u64).saturating_mul(8)
    }

    /// The next 57 bits and at most 7 more, from the top; zeros beyond the end.
    fn window(&self) -> u64 {
        let start = usize::try_from(self.place.bit >> 3).unwrap_or(usize::MAX);
        let bytes = self.code.get(start..).unwrap_or_default().iter().chain(core::iter::repeat(&0)).take(8);
        let word = bytes.fold(0u64, |word, byte| word << 8 | u64::from(*byte));
        word << (self.place.bit & 7)
    }

    /// The next number; none if the code ends within it.
    pub fn next(&mut self) -> Option<u64> {
        let mut quotient = 0u64;
        loop {
            let ones = self.window().leading_ones().min(56);
            self.skip(ones)?;
            quotient = quotient.checked_add(u64::from(ones))?;
            if ones < 56 {
                break;
            }
        }
        self.skip(1)?;
        let remainder = self.window() >> (64 - BITS);
        self.skip(BITS)?;
        let distance = quotient.checked_mul(1 << BITS)?.checked_add(remainder)?;
        self.place.value = self.place.value.checked_add(distance)?;
        Some(self.place.value)
    }

    fn skip(&mut self, bits: u32) -> Option<()> {
        self.place.bit = self.place.bit.checked_add(u64::from(bits))?;
        (self.place.bit <= self.bits()).then_some(())
    }

    /// Whether only the zeros that fill the last byte are left.
    pub fn is_finished(&self) -> bool {
        self.bits().saturating_sub(self.place.bit) < 8 && self.window() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(code: &[u8], count: usize) -> Option<Vec<u64>> {
        let mut decoder = Decoder::new(code, Place::default());
        let values = (0..count).map(|_| decoder.next()).collect::<Option<Vec<_>>>()?;
        decoder.is_finished().then_some(values)
    }

    #[test]
    fn known_bytes() {
        // 0 and 20 bits of 1; then 1 0 and 20 bits of 2; five zeros.
        assert_eq!(encode(&[1, (1 << 20) + 3]), [0, 0, 0x0c, 0, 0, 0x40]);
        assert_eq!(encode(&[]), []);
    }

    #[test]
    fn numbers_read_back() {
        for values in [alloc::vec![], alloc::vec![0, 0, 5], alloc::vec![200 << 20, 201 << 20, (201 << 20) + 7]] {
            assert_eq!(decode(&encode(&values), values.len()), Some(values));
        }
    }

    #[test]
    fn other_encodings_are_refused() {
        let code = encode(&[7]);
        assert_eq!(decode(&[code.as_slice(), &[0]].concat(), 1), None);
        assert_eq!(decode(&code[..2], 1), None);
        assert_eq!(decode(&[0, 0, 0x39], 1), None);
        assert_eq!(decode(&[0xff; 40], 1), None);
        assert_eq!(decode(&[0], 0), None);
    }
}
