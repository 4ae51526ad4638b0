//! Pickup codes: what somebody who is not registered needs to collect coins. See `docs/protocol/pickup.md`.

use crate::{KeyError, Keypair};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::RngCore;
use specie_primitives::{Hash, OwnerId, PickupClaim, PickupId, PickupReceiver};
use std::{fmt, str::FromStr};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The 32 signs, by value: digits and capital letters without I, L, O and U.
pub const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs that carry the secret: 75 bits.
pub const SECRET_SIGNS: usize = 15;
/// Start of the salt; the hash of the first block and the payee's owner id follow.
pub const SALT_TAG: &[u8] = b"specie/pickup-key/v1";
/// Memory of one derivation in KiB: 64 MiB.
pub const MEMORY_KIB: u32 = 64 * 1024;
/// Passes over that memory.
pub const PASSES: u32 = 3;
/// Lanes.
pub const LANES: u32 = 1;

/// A pickup code: 15 secret signs and a check sign.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PickupCode([u8; SECRET_SIGNS]);

impl fmt::Debug for PickupCode {
    // Secrets stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PickupCode(…)")
    }
}

/// What is wrong with a pickup code. The code itself is kept out of the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PickupCodeError {
    /// Too many or too few signs.
    #[error("a pickup code has 16 signs, in four groups; this has {0}")]
    Length(usize),
    /// A sign that no code has.
    #[error("sign {0} is in no pickup code: those have digits and letters without I, L, O and U")]
    Sign(usize),
    /// The last sign does not go with the others.
    #[error("the code was misread or mistyped: its last sign does not go with the others")]
    Check,
    /// No key could be derived, for want of memory.
    #[error("the claim key could not be computed: {0}")]
    Derivation(String),
    /// No key comes of it.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl PickupCode {
    /// A new code, from the machine's own randomness.
    pub fn generate() -> Self {
        let mut signs = [0u8; SECRET_SIGNS];
        rand::rngs::OsRng.fill_bytes(&mut signs);
        signs.iter_mut().for_each(|sign| *sign &= 31);
        Self(signs)
    }

    /// The code that the first bytes of a hash of a secret stand for: five bits of each.
    pub(crate) fn of_hash(hash: &[u8; 32]) -> Self {
        let mut signs = [0u8; SECRET_SIGNS];
        signs.iter_mut().zip(hash).for_each(|(sign, byte)| *sign = byte & 31);
        Self(signs)
    }

    /// The secret signs as text, which is what the key is derived from.
    fn secret(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.iter().map(|value| SIGNS[usize::from(*value)]).collect())
    }

    /// The key whose public half the payer leaves with the coins. Argon2id over the fifteen secret signs: version 0x13,
    /// salt [`SALT_TAG`] ‖ hash of the first block ‖ payee, [`MEMORY_KIB`], [`PASSES`], [`LANES`]; the 32 bytes of output
    /// are an sr25519 seed. It takes about a tenth of a second.
    pub fn claim_key(&self, genesis: Hash, payee: OwnerId) -> Result<Keypair, PickupCodeError> {
        self.key(&salt(genesis, payee))
    }

    /// The key that the code makes with a salt.
    pub(crate) fn key(&self, salt: &[u8]) -> Result<Keypair, PickupCodeError> {
        let fail = |error: argon2::Error| PickupCodeError::Derivation(error.to_string());
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(fail)?;
        let mut seed = Zeroizing::new([0u8; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(&self.secret(), salt, &mut *seed)
            .map_err(fail)?;
        Ok(Keypair::from_seed(*seed)?)
    }
}

/// The salt of a derivation: 20 + 32 + 24 bytes.
pub fn salt(genesis: Hash, payee: OwnerId) -> Vec<u8> {
    [SALT_TAG, genesis.as_bytes(), &payee.0].concat()
}

/// The claim key's signature that collects a pickup for a receiver.
pub fn sign(key: &Keypair, genesis: Hash, pickup: PickupId, receiver: PickupReceiver) -> [u8; 64] {
    use codec::Encode;
    key.sign(&PickupClaim::new(genesis, pickup, receiver).encode())
}

/// Twice a value in the field of 32 elements, modulo x⁵ + x² + 1.
fn twice(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 32 == 0 {
        doubled
    } else {
        doubled ^ 0b10_0101
    }
}

/// Horner's rule at x: zero for sixteen values that end with their check value. Any one wrong sign and any two that
/// changed places are noticed.
fn syndrome(values: &[u8]) -> u8 {
    values.iter().fold(0, |sum, value| twice(sum) ^ value)
}

impl fmt::Display for PickupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let check = twice(syndrome(&self.0));
        for (place, value) in self.0.iter().chain([&check]).enumerate() {
            if place > 0 && place % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(SIGNS[usize::from(*value)]))?;
        }
        Ok(())
    }
}

impl FromStr for PickupCode {
    type Err = PickupCodeError;

    /// Reads a code as people write it: in small letters too, with or without hyphens and spaces, O for 0, I and L for 1.
    fn from_str(text: &str) -> Result<Self, PickupCodeError> {
        let mut values = Zeroizing::new(Vec::new());
        for sign in text.chars().filter(|sign| !sign.is_whitespace() && *sign != '-') {
            let sign = match sign.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                sign => sign,
            };
            let value = SIGNS.iter().position(|known| char::from(*known) == sign);
            let value = value.ok_or(PickupCodeError::Sign(values.len() + 1))?;
            values.push(value as u8);
        }
        if values.len() != SECRET_SIGNS + 1 {
            return Err(PickupCodeError::Length(values.len()));
        }
        if syndrome(&values) != 0 {
            return Err(PickupCodeError::Check);
        }
        let mut signs = [0u8; SECRET_SIGNS];
        signs.copy_from_slice(&values[..SECRET_SIGNS]);
        Ok(Self(signs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;
    use serde::Deserialize;
    use specie_primitives::{AccountId, BankId};

    #[derive(Deserialize)]
    struct Vectors {
        codes: Vec<CodeVector>,
        refused: Vec<String>,
        claims: Vec<ClaimVector>,
    }

    #[derive(Deserialize)]
    struct CodeVector {
        written: String,
        code: String,
        genesis: Hash,
        payee: OwnerId,
        salt: String,
        seed: String,
        claim_key: String,
    }

    #[derive(Deserialize)]
    struct ClaimVector {
        genesis: Hash,
        pickup: PickupId,
        receiver: PickupReceiver,
        payload: String,
    }

    fn vectors() -> Vectors {
        serde_json::from_str(include_str!("../../docs/protocol/vectors/pickup.json")).unwrap()
    }

    #[test]
    fn test_vectors() {
        let vectors = vectors();
        for vector in vectors.codes {
            let code: PickupCode = vector.written.parse().unwrap();
            assert_eq!(code.to_string(), vector.code);
            assert_eq!(hex::encode(salt(vector.genesis, vector.payee)), vector.salt);
            let key = code.claim_key(vector.genesis, vector.payee).unwrap();
            let seed: [u8; 32] = hex::decode(&vector.seed).unwrap().try_into().unwrap();
            assert_eq!(hex::encode(AsRef::<[u8]>::as_ref(&key.account())), vector.claim_key);
            assert_eq!(Keypair::from_seed(seed).unwrap().account(), key.account());
        }
        for text in vectors.refused {
            assert!(text.parse::<PickupCode>().is_err(), "{text}");
        }
        for vector in vectors.claims {
            let claim = PickupClaim::new(vector.genesis, vector.pickup, vector.receiver);
            assert_eq!(hex::encode(claim.encode()), vector.payload);
        }
    }

    #[test]
    fn a_code_is_read_as_it_is_written_and_said() {
        let code = PickupCode::generate();
        let text = code.to_string();
        assert_eq!(text.len(), 19);
        for spelling in [text.clone(), text.to_lowercase(), text.replace('-', " "), text.replace('-', "")] {
            assert_eq!(spelling.parse::<PickupCode>().as_ref(), Ok(&code));
        }
        assert_eq!(text.replace('0', "o").replace('1', "L").parse(), Ok(code.clone()));
        assert_ne!(PickupCode::generate(), code);
        assert!(!format!("{code:?}").contains(&text[..4]));
    }

    #[test]
    fn every_slip_of_one_sign_and_every_swap_is_noticed() {
        let text = "7K3M-Q9ZA-2B4C-6D8";
        let signs: Vec<u8> = text.bytes().filter(|sign| *sign != b'-').collect();
        let values: Vec<u8> =
            signs.iter().map(|sign| SIGNS.iter().position(|known| known == sign).unwrap() as u8).collect();
        let good = PickupCode(values.try_into().unwrap()).to_string().replace('-', "");
        for place in 0..16 {
            for other in SIGNS {
                let mut wrong = good.clone().into_bytes();
                if wrong[place] != *other {
                    wrong[place] = *other;
                    assert_eq!(String::from_utf8(wrong).unwrap().parse::<PickupCode>(), Err(PickupCodeError::Check));
                }
            }
            for with in 0..place {
                let mut swapped = good.clone().into_bytes();
                if swapped[place] != swapped[with] {
                    swapped.swap(place, with);
                    assert_eq!(String::from_utf8(swapped).unwrap().parse::<PickupCode>(), Err(PickupCodeError::Check));
                }
            }
        }
    }

    #[test]
    fn what_is_no_code_is_refused_without_being_repeated() {
        assert_eq!("7K3M-Q9ZA".parse::<PickupCode>(), Err(PickupCodeError::Length(8)));
        assert_eq!("".parse::<PickupCode>(), Err(PickupCodeError::Length(0)));
        assert_eq!("7K3M-Q9ZA-2B4C-6D8U".parse::<PickupCode>(), Err(PickupCodeError::Sign(16)));
        let error = "7K3MQ9ZA2B4C6D88".parse::<PickupCode>().unwrap_err().to_string();
        assert!(!error.contains("7K3M"), "{error}");
    }

    #[test]
    fn a_key_belongs_to_one_code_one_network_and_one_payee() {
        let (code, genesis, payee) = (PickupCode::generate(), Hash::repeat_byte(1), OwnerId([2; 24]));
        let key = |genesis, payee| code.claim_key(genesis, payee).unwrap().account();
        let own = key(genesis, payee);
        assert_eq!(own, key(genesis, payee));
        assert_ne!(own, key(Hash::repeat_byte(3), payee));
        assert_ne!(own, key(genesis, OwnerId([3; 24])));
        let signing = code.claim_key(genesis, payee).unwrap();
        let receiver = PickupReceiver::Counter { bank: BankId(1), receipt: 7 };
        let signature = sign(&signing, genesis, PickupId(5), receiver);
        let payload = |receiver| PickupClaim::new(genesis, PickupId(5), receiver).encode();
        let holds = |receiver| crate::keys::verify(&signature, &payload(receiver), &own);
        assert!(holds(receiver));
        assert!(!holds(PickupReceiver::Counter { bank: BankId(2), receipt: 7 }));
        assert_ne!(own, AccountId::new([0; 32]));
    }
}
