//! Reading an identity as a person writes it.

use specie_primitives::{identity::IdentityError, IdentityKind, NormalisedIdentity};

/// Why a text is no identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdentityError {
    /// It breaks the rules of its kind.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Taken for an alias, it would name somebody else than the phone number that was meant.
    #[error("digits alone may be a phone number without its country: write +49…, or alias:… for an alias of digits")]
    LikePhone,
    /// Taken for an alias, it would name somebody else than the owner id or account that was meant.
    #[error(
        "this looks like an owner id or an account with a slip in it: check it, or write +49…, or alias:… for an alias"
    )]
    LikeId,
}

/// Reads an identity as a person writes it: `+49 171 …`, `ann@example.org`, `org:DE123`, `ann`; a leading `phone:`,
/// `email:`, `org:` or `alias:` says which kind it is. A word that was hardly meant as an alias is none unless it says
/// so.
pub fn parse_identity(text: &str) -> Result<NormalisedIdentity, ParseIdentityError> {
    let text = text.trim();
    let kind = match text.split_once(':') {
        Some(("phone", rest)) => Some((IdentityKind::Phone, rest)),
        Some(("email", rest)) => Some((IdentityKind::Email, rest)),
        Some(("org", rest)) => Some((IdentityKind::Organisation, rest)),
        Some(("alias", rest)) => Some((IdentityKind::Alias, rest)),
        _ => None,
    };
    match kind {
        Some((kind, rest)) => Ok(NormalisedIdentity::new(kind, rest)?),
        None if is_like_phone(text) => Err(ParseIdentityError::LikePhone),
        None if is_like_id(text) => Err(ParseIdentityError::LikeId),
        None => Ok(NormalisedIdentity::guess(text)?),
    }
}

/// Digits and what groups them, without the `+` or `00` of an international number.
fn is_like_phone(text: &str) -> bool {
    let grouping = |sign| matches!(sign, '-' | '.' | '/' | ' ' | '(' | ')');
    !text.is_empty() && !text.starts_with("00") && text.chars().all(|sign| sign.is_ascii_digit() || grouping(sign))
}

/// 40 and more hexadecimal digits, or the length and letters of an SS58 address.
fn is_like_id(text: &str) -> bool {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let hexadecimal = digits.len() >= 40 && digits.chars().all(|sign| sign.is_ascii_hexdigit());
    let base58 = |sign: char| sign.is_ascii_alphanumeric() && !matches!(sign, '0' | 'O' | 'I' | 'l');
    hexadecimal || (matches!(text.len(), 47 | 48) && text.starts_with('5') && text.chars().all(base58))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_agree() {
        let same = |one: &str, other: &str| parse_identity(one).unwrap() == parse_identity(other).unwrap();
        assert!(same("alias:Ann", "ann") && same("phone:0049 171 5550101", "+491715550101"));
        assert!(!same("alias:ann", "org:ANN"));
        assert_eq!(parse_identity("+49 171 5550101").unwrap().as_bytes(), b"phone:+491715550101");
    }

    #[test]
    fn a_named_kind_is_enforced() {
        assert_eq!(parse_identity("phone:ann"), Err(IdentityError::Phone.into()));
        assert_eq!(parse_identity("alias:a b"), Err(IdentityError::Alias.into()));
    }

    #[test]
    fn a_word_that_was_hardly_meant_as_an_alias_is_refused() {
        for text in ["01715550101", "0171 5550101", "0171-555.0101", "(0171) 555-0101", "0171/5550101", "123", " 42 "] {
            assert_eq!(parse_identity(text), Err(ParseIdentityError::LikePhone), "{text}");
        }
        let address = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
        let (id, hash) = ("feb6ab7b262c9edc9bed5249f9f4f1bf6629812457c0bce", format!("0x{}", "ab".repeat(32)));
        // An owner id lacks a digit, a hash stands in its place, an address has a wrong or a missing letter.
        for text in [id, &hash, &address.replace('w', "v"), &address[..47], &"a".repeat(40)] {
            assert_eq!(parse_identity(text), Err(ParseIdentityError::LikeId), "{text}");
        }
        for (text, bytes) in [
            ("alias:01715550101", "alias:01715550101"),
            ("alias:0171", "alias:0171"),
            ("00491715550101", "phone:+491715550101"),
            ("ann-1", "alias:ann-1"),
            ("cafe", "alias:cafe"),
        ] {
            assert_eq!(parse_identity(text).unwrap().as_bytes(), bytes.as_bytes());
        }
        assert!(parse_identity(&"a".repeat(39)).is_ok());
        assert!(ParseIdentityError::LikePhone.to_string().contains("write +49…, or alias:…"));
        assert!(ParseIdentityError::LikeId.to_string().contains("write +49…, or alias:…"));
        assert_eq!(parse_identity(""), Err(IdentityError::Alias.into()));
    }
}
