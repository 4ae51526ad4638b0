//! From an identity to an owner id, by a function that is slow on purpose.

use argon2::{Algorithm, Argon2, Params, Version};
use specie_primitives::{identity::IdentityError, IdentityKind, NormalisedIdentity, OwnerIdPrf};

/// Start of the salt; the network id follows, little-endian.
pub const SALT_TAG: &[u8] = b"specie/owner-prf/v1";
/// Memory of one evaluation in KiB: 32 MiB.
pub const MEMORY_KIB: u32 = 32 * 1024;
/// Passes over that memory.
pub const PASSES: u32 = 3;
/// Lanes.
pub const LANES: u32 = 1;

/// Argon2id over the identity: version 0x13, salt [`SALT_TAG`] ‖ network id (u32, little-endian), [`MEMORY_KIB`],
/// [`PASSES`], [`LANES`], 32 bytes of output.
///
/// **This is a stop-gap.** Nothing in it is secret, so whoever is ready to spend about a tenth of a second of a core a
/// guess can try identities one by one: a country's telephone numbers are within reach of a patient attacker. The
/// oblivious pseudo-random function with a key at the issuer's identity service replaces it, and all owner ids change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Argon2Prf;

/// Argon2 refused to run, for want of memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the owner id could not be computed: {0}")]
pub struct PrfError(String);

impl OwnerIdPrf for Argon2Prf {
    type Error = PrfError;

    fn evaluate(&self, network: u32, identity: &NormalisedIdentity) -> Result<[u8; 32], PrfError> {
        let fail = |error: argon2::Error| PrfError(error.to_string());
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(fail)?;
        let salt = [SALT_TAG, &network.to_le_bytes()].concat();
        let mut output = [0u8; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(identity.as_bytes(), &salt, &mut output)
            .map_err(fail)?;
        Ok(output)
    }
}

/// Reads an identity as a person writes it: `+49 171 …`, `ann@example.org`, `org:DE123`, `ann`; a leading `phone:`,
/// `email:`, `org:` or `alias:` says which kind it is.
pub fn parse_identity(text: &str) -> Result<NormalisedIdentity, IdentityError> {
    let text = text.trim();
    let kind = match text.split_once(':') {
        Some(("phone", rest)) => Some((IdentityKind::Phone, rest)),
        Some(("email", rest)) => Some((IdentityKind::Email, rest)),
        Some(("org", rest)) => Some((IdentityKind::Organisation, rest)),
        Some(("alias", rest)) => Some((IdentityKind::Alias, rest)),
        _ => None,
    };
    match kind {
        Some((kind, rest)) => NormalisedIdentity::new(kind, rest),
        None => NormalisedIdentity::guess(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(network: u32, identity: &str) -> String {
        Argon2Prf.owner_id(network, &parse_identity(identity).unwrap()).unwrap().to_string()
    }

    #[test]
    fn test_vector() {
        let identity = parse_identity("+49 171 5550101").unwrap();
        assert_eq!(identity.as_bytes(), b"phone:+491715550101");
        assert_eq!(
            hex::encode(Argon2Prf.evaluate(1, &identity).unwrap()),
            "aeb06e0f35016442054d6a3681b8d5da1edfea1234e25b83e2d8d67ec11a8ece"
        );
        assert_eq!(owner(1, "+49 171 5550101"), "feb6ab7b262c9edc9bed5249f9f4f1bf6629812457c0bce2");
    }

    #[test]
    fn spellings_agree_and_networks_differ() {
        assert_eq!(owner(1, "alias:Ann"), owner(1, "ann"));
        assert_eq!(owner(1, "phone:0049 171 5550101"), owner(1, "+491715550101"));
        assert_ne!(owner(1, "alias:ann"), owner(2, "alias:ann"));
        assert_ne!(owner(1, "alias:ann"), owner(1, "org:ANN"));
    }

    #[test]
    fn a_named_kind_is_enforced() {
        assert_eq!(parse_identity("phone:ann"), Err(IdentityError::Phone));
        assert_eq!(parse_identity("alias:a b"), Err(IdentityError::Alias));
    }
}
