//! Bytes in base 32 (RFC 4648) without padding: QR codes have a dense mode for these signs.

/// The signs.
const SIGNS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Why signs are no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Error {
    /// The sign at this place, from one, is none of them.
    Sign(usize),
    /// What is left over of the last sign is not zeros, or a whole sign.
    Filling,
}

/// Bytes as signs; what is left over of the last one is zeros.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let (mut text, mut bits, mut count) = (String::new(), 0u32, 0u32);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(sign(bits >> count));
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        text.push(sign(bits << (5 - count)));
    }
    text
}

fn sign(value: u32) -> char {
    char::from(SIGNS[(value & 31) as usize])
}

/// Signs as bytes.
pub(crate) fn decode(signs: &str) -> Result<Vec<u8>, Error> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0u32);
    for (place, sign) in signs.bytes().enumerate() {
        let value = SIGNS.iter().position(|known| *known == sign).ok_or(Error::Sign(place + 1))?;
        bits = bits << 5 | value as u32;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    if bits != 0 || count >= 5 {
        return Err(Error::Filling);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_those_of_the_standard() {
        for (bytes, signs) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(encode(bytes.as_bytes()), signs);
            assert_eq!(decode(signs), Ok(bytes.as_bytes().to_vec()));
        }
        assert_eq!(
            (decode("M1"), decode("MZ"), decode("MYA")),
            (Err(Error::Sign(2)), Err(Error::Filling), Err(Error::Filling))
        );
    }
}
