//! Person tags: how a bank writes down, for nobody else to read, whom it verified.
//!
//! [`person_tag`] hashes a secret and the number by which a state knows a person, or a register a firm, normalised like the
//! code of an organisation: upper-case letters and digits, 2 to 35 of them, country first. The secret is one for the whole
//! network, from the issuer, so that two banks write the same tag for one person.
//!
//! **What holds**: without the secret nobody can try numbers against tags. Every bank that verifies people has it and can,
//! for numbers of its choice; if one lets it out, everybody can, and numbers are few. That two owners have one tag is
//! public. The oblivious function that keeps owner ids from being guessed replaces this, and all tags change.

use specie_primitives::{
    identity::{person_tag, IdentityError},
    IdentityKind, NormalisedIdentity, OwnerClass, PersonTag,
};
use zeroize::Zeroizing;

/// Number of test networks.
pub const TEST_NETWORK: u32 = 1;
/// The secret of test networks, where nobody has one.
pub const TEST_SECRET: [u8; 32] = *b"everybody knows this: tests only";

/// What banks of a network derive person tags with.
pub struct PersonSecret(Zeroizing<[u8; 32]>);

impl PersonSecret {
    /// These bytes.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(Zeroizing::new(secret))
    }

    /// 64 hexadecimal digits, with blanks around them.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut secret = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), secret.as_mut_slice()).ok()?;
        Some(Self(secret))
    }

    /// The tag of whoever has this number: a person's from its state, a firm's from its register.
    pub fn tag(&self, network: u32, class: OwnerClass, number: &str) -> Result<PersonTag, IdentityError> {
        let number = NormalisedIdentity::new(IdentityKind::Organisation, number)?;
        Ok(person_tag(network, &self.0, class, &number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_agree_and_everything_else_differs() {
        let secret = PersonSecret::new(TEST_SECRET);
        let tag = |network, class, number: &str| secret.tag(network, class, number).unwrap();
        let ann = tag(1, OwnerClass::Person, "DE-L01X00T47");
        assert_eq!(tag(1, OwnerClass::Person, "de l01x 00t47"), ann);
        assert_ne!(tag(2, OwnerClass::Person, "DE-L01X00T47"), ann);
        assert_ne!(tag(1, OwnerClass::Firm, "DE-L01X00T47"), ann);
        assert_ne!(tag(1, OwnerClass::Person, "DE-L01X00T48"), ann);
        assert_ne!(PersonSecret::new([1; 32]).tag(1, OwnerClass::Person, "DE-L01X00T47").unwrap(), ann);
        for bad in ["", "D", "DE_1", &"9".repeat(36)] {
            assert_eq!(secret.tag(1, OwnerClass::Person, bad), Err(IdentityError::Organisation), "{bad}");
        }
    }

    #[test]
    fn test_vector() {
        let tag = PersonSecret::new(TEST_SECRET).tag(1, OwnerClass::Person, "DE-L01X00T47").unwrap();
        assert_eq!(tag.to_string(), "bf0704f955ede9cd516a472ea115f03076f42e091bdaed2ace4780ce7564d1e3");
    }

    #[test]
    fn secrets_are_hexadecimal() {
        let text = format!(" 0x{}\n", hex::encode(TEST_SECRET));
        assert_eq!(*PersonSecret::read(&text).unwrap().0, TEST_SECRET);
        assert!(PersonSecret::read(&text[..60]).is_none() && PersonSecret::read("secret").is_none());
    }
}
