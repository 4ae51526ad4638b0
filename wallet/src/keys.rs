//! sr25519 key pairs from recovery phrases and secret URIs.
//!
//! A secret URI is `phrase//hard/soft///password`; without a phrase the well known development phrase stands in,
//! so that `//Ann` names a key that anybody can compute.

use sp_crypto_hashing::blake2_256;
use specie_primitives::AccountId;
use std::str::FromStr;
use subxt_signer::{sr25519, DeriveJunction, SecretUri};
use zeroize::Zeroizing;

/// The signing context of every sr25519 signature on Substrate chains.
const SIGNING_CONTEXT: &[u8] = b"substrate";

/// The phrase of the keys that every Substrate tool knows.
const DEVELOPMENT_PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

/// Why no key could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither a phrase nor a URI nor a seed. The text itself is kept out of the message.
    #[error("not a secret: expected a recovery phrase of 12 to 24 words, a 0x seed of 64 hexadecimal digits, or a URI such as //Ann ({0})")]
    NotASecret(String),
    /// The machine has no source of randomness.
    #[error("the machine gave no randomness: {0}")]
    Randomness(String),
}

/// A key that signs for an account.
#[derive(Clone)]
pub struct Keypair(sr25519::Keypair);

impl core::fmt::Debug for Keypair {
    // Secrets stay out of logs.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Keypair({})", self.account())
    }
}

impl Keypair {
    /// The key of a recovery phrase, seed or secret URI. An empty text is refused: it would stand for the development
    /// phrase, whose key everybody has.
    pub fn from_uri(uri: &str) -> Result<Self, KeyError> {
        if uri.trim().is_empty() {
            return Err(KeyError::NotASecret("it is empty".into()));
        }
        let uri = SecretUri::from_str(uri.trim()).map_err(|error| KeyError::NotASecret(error.to_string()))?;
        // The reason of a bad phrase names no word of it, only its place or the checksum.
        sr25519::Keypair::from_uri(&uri).map(Self).map_err(|error| KeyError::NotASecret(error.to_string()))
    }

    /// The key of a seed of 32 bytes, as every Substrate tool expands it.
    pub fn from_seed(seed: [u8; 32]) -> Result<Self, KeyError> {
        sr25519::Keypair::from_secret_key(seed).map(Self).map_err(|error| KeyError::NotASecret(error.to_string()))
    }

    /// The account that the key signs for: its public key.
    pub fn account(&self) -> AccountId {
        AccountId::new(self.0.public_key().0)
    }

    /// Signs a message as it is, in the context `substrate`. 64 bytes.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).0
    }

    /// A secret for something else than signing, always the same for the same key and purpose: blake2_256 of the public
    /// key of the hard child with the chain code blake2_256(`purpose`). That child is never used otherwise, and nobody
    /// gets from it to the key.
    pub fn secret_for(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        let child = self.0.derive([DeriveJunction::Hard(blake2_256(purpose))]);
        Zeroizing::new(blake2_256(&child.public_key().0))
    }
}

/// Whether a secret is public knowledge: derived from the development phrase, for which an empty phrase stands too.
pub fn is_development(uri: &str) -> bool {
    let uri = uri.split_whitespace().collect::<Vec<_>>().join(" ");
    uri.is_empty() || uri.starts_with('/') || uri.contains(DEVELOPMENT_PHRASE)
}

/// A fresh recovery phrase of 12 English words (128 bits, BIP-39).
pub fn generate_phrase() -> Result<Zeroizing<String>, KeyError> {
    bip39::Mnemonic::generate(12)
        .map(|phrase| Zeroizing::new(phrase.to_string()))
        .map_err(|error| KeyError::Randomness(error.to_string()))
}

/// Whether a signature by `account` over `message` is good.
pub fn verify(signature: &[u8; 64], message: &[u8], account: &AccountId) -> bool {
    let public: &[u8] = account.as_ref();
    let (Ok(public), Ok(signature)) =
        (schnorrkel::PublicKey::from_bytes(public), schnorrkel::Signature::from_bytes(signature))
    else {
        return false;
    };
    public.verify_simple(SIGNING_CONTEXT, message, &signature).is_ok()
}

/// Whether a signature by `account` over `message` is good, as it is or wrapped as browser extensions wrap what is not a
/// transaction.
pub fn verify_wrapped(signature: &[u8; 64], message: &[u8], account: &AccountId) -> bool {
    let wrapped = || [b"<Bytes>".as_slice(), message, b"</Bytes>"].concat();
    verify(signature, message, account) || verify(signature, &wrapped(), account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn development_keys_are_those_of_every_substrate_tool() {
        let alice = Keypair::from_uri("//Alice").unwrap();
        assert_eq!(alice.account().to_string(), "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
        assert!(is_development("//Alice") && is_development(" /Ann"));
        assert!(is_development("") && is_development(" \n"));
        assert!(is_development(&DEVELOPMENT_PHRASE.replace(' ', "  ")));
        assert!(is_development(&format!("{DEVELOPMENT_PHRASE}//Alice")));
    }

    #[test]
    fn a_generated_phrase_makes_one_key_again_and_again() {
        let phrase = generate_phrase().unwrap();
        assert_eq!(phrase.split(' ').count(), 12);
        assert!(!is_development(&phrase));
        let account = Keypair::from_uri(&phrase).unwrap().account();
        assert_eq!(Keypair::from_uri(&phrase).unwrap().account(), account);
        assert_ne!(Keypair::from_uri(&format!("{}//1", *phrase)).unwrap().account(), account);
        assert_ne!(*generate_phrase().unwrap(), *phrase);
    }

    #[test]
    fn signatures_verify_and_altered_ones_do_not() {
        let key = Keypair::from_uri("//Ann").unwrap();
        let mut signature = key.sign(b"message");
        assert!(verify(&signature, b"message", &key.account()));
        assert!(!verify(&signature, b"another", &key.account()));
        assert!(!verify(&signature, b"message", &Keypair::from_uri("//Ben").unwrap().account()));
        signature[0] ^= 1;
        assert!(!verify(&signature, b"message", &key.account()));
    }

    #[test]
    fn secrets_follow_from_key_and_purpose() {
        let (ann, ben) = (Keypair::from_uri("//Ann").unwrap(), Keypair::from_uri("//Ben").unwrap());
        let again = Keypair::from_uri(&format!("{DEVELOPMENT_PHRASE}//Ann")).unwrap();
        assert_eq!(ann.secret_for(b"one"), again.secret_for(b"one"));
        assert_ne!(ann.secret_for(b"one"), ann.secret_for(b"two"));
        assert_ne!(ann.secret_for(b"one"), ben.secret_for(b"one"));
    }

    #[test]
    fn bad_secrets_are_refused_without_being_repeated() {
        for secret in ["", " ", "\n\t", "secretword another", "0x12", "//", "bottom drive obey"] {
            let error = Keypair::from_uri(secret).map(|_| ());
            match error {
                Ok(()) => assert_eq!(secret, "//"),
                Err(error) => assert!(!error.to_string().contains("secretword"), "{error}"),
            }
        }
        let empty = Keypair::from_uri(" ").map(|_| ()).unwrap_err().to_string();
        assert!(empty.contains("it is empty"), "{empty}");
        assert!(!format!("{:?}", Keypair::from_uri("//Ann").unwrap()).contains("Ann"));
    }
}
