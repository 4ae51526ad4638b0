//! What follows from one seed: the key of a wallet, the keys that take its place, and pickup codes. See
//! `docs/protocol/wallet-keys.md`.
//!
//! A wallet that was lost comes back from the recovery phrase alone, because nothing that it needs is drawn at random
//! later.

use crate::{KeyError, Keypair, PickupCode};
use specie_primitives::{CoinRef, Hash, OwnerId};
use zeroize::Zeroizing;

/// What stands before the number of a key in its secret URI.
const PATH: &str = "//specie//";
/// So many numbers in a row of which the network knows nothing end a search.
pub const GAP: u32 = 20;
/// What the secret behind pickup codes is for.
const CODES: &[u8] = b"specie/pickup-code/v1";

/// Why a text is no recovery phrase. No word of it is in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Too many or too few words.
    #[error(
        "a recovery phrase has 12, 15, 18, 21 or 24 words, this has {0}: one is missing, or two are written as one"
    )]
    Words(usize),
    /// A word that no phrase has.
    #[error("word {0} is in no recovery phrase: it is misspelt (the words are English, each told by its first four letters)")]
    Unknown(usize),
    /// Every word is known.
    #[error(
        "the words do not go together: each of them can be in a recovery phrase, but one is not the right one, or two \
         changed places"
    )]
    Checksum,
}

/// A recovery phrase as it was typed, in its one spelling: small letters, single blanks.
pub fn read_phrase(text: &str) -> Result<Zeroizing<String>, PhraseError> {
    let words: Vec<Zeroizing<String>> =
        text.split_whitespace().map(|word| Zeroizing::new(word.to_lowercase())).collect();
    let phrase = Zeroizing::new(words.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(" "));
    match bip39::Mnemonic::parse_in_normalized(bip39::Language::English, &phrase) {
        Ok(_) => Ok(phrase),
        Err(bip39::Error::UnknownWord(place)) => Err(PhraseError::Unknown(place + 1)),
        Err(bip39::Error::InvalidChecksum) => Err(PhraseError::Checksum),
        Err(_) => Err(PhraseError::Words(words.len())),
    }
}

/// What the keys of one wallet come from: a recovery phrase, seed or URI, perhaps with a password behind `///`.
#[derive(Clone)]
pub struct Seed {
    base: Zeroizing<String>,
    password: Option<Zeroizing<String>>,
}

impl core::fmt::Debug for Seed {
    // Secrets stay out of logs.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Seed(…)")
    }
}

impl Seed {
    /// The seed behind a key's secret, and the key's number. A secret without a number is that of the first key, 0.
    pub fn of(secret: &str) -> (Self, u32) {
        let (path, password) = match secret.trim().split_once("///") {
            Some((path, password)) => (path, Some(Zeroizing::new(password.to_string()))),
            None => (secret.trim(), None),
        };
        // In its one spelling only, so that a number and a path stand for each other.
        let numbered = path.rsplit_once(PATH).and_then(|(base, number)| {
            let read: u32 = number.parse().ok()?;
            (read > 0 && read.to_string() == number).then_some((base, read))
        });
        let (base, number) = numbered.unwrap_or((path, 0));
        (Self { base: Zeroizing::new(base.to_string()), password }, number)
    }

    /// The secret URI of the key with this number.
    pub fn secret(&self, number: u32) -> Zeroizing<String> {
        let mut secret = Zeroizing::new(self.base.to_string());
        if number > 0 {
            secret.push_str(PATH);
            secret.push_str(&number.to_string());
        }
        if let Some(password) = &self.password {
            secret.push_str("///");
            secret.push_str(password);
        }
        secret
    }

    /// The key with this number.
    pub fn key(&self, number: u32) -> Result<Keypair, KeyError> {
        Keypair::from_uri(&self.secret(number))
    }

    /// What pickup codes are made from. It is the same whichever key signs, so that codes outlive a key that was replaced.
    pub fn codes(&self) -> Result<CodeSecret, KeyError> {
        Ok(CodeSecret(self.key(0)?.secret_for(CODES)))
    }
}

/// What the pickup codes of one wallet are made from.
pub struct CodeSecret(Zeroizing<[u8; 32]>);

impl core::fmt::Debug for CodeSecret {
    // Secrets stay out of logs.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CodeSecret(…)")
    }
}

impl CodeSecret {
    /// The code of a payment that waits for `payee`. `first` is the coin with the lowest name in it, at the revision that it
    /// has while it waits: a coin has each revision once, so no two payments have one code.
    pub fn code(&self, genesis: Hash, payee: OwnerId, first: CoinRef) -> PickupCode {
        let CoinRef { coin, revision } = first;
        let numbers: Vec<u8> = [coin.batch, coin.index, revision].map(u32::to_le_bytes).concat();
        let message = Zeroizing::new([self.0.as_slice(), genesis.as_bytes(), &payee.0, numbers.as_slice()].concat());
        PickupCode::of_hash(&sp_crypto_hashing::blake2_256(&message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use specie_primitives::CoinId;

    #[derive(Deserialize)]
    struct Vectors {
        keys: Vec<KeyVector>,
        codes: Vec<CodeVector>,
        refused: Vec<RefusedVector>,
    }

    #[derive(Deserialize)]
    struct KeyVector {
        secret: String,
        number: u32,
        uri: String,
        public: String,
        account: String,
    }

    #[derive(Deserialize)]
    struct CodeVector {
        phrase: String,
        genesis: Hash,
        payee: OwnerId,
        coin: CoinId,
        revision: u32,
        secret: String,
        code: String,
    }

    #[derive(Deserialize)]
    struct RefusedVector {
        phrase: String,
        reason: String,
    }

    fn vectors() -> Vectors {
        serde_json::from_str(include_str!("../../docs/protocol/vectors/wallet-keys.json")).unwrap()
    }

    #[test]
    fn test_vectors() {
        let vectors = vectors();
        for vector in vectors.keys {
            let (seed, first) = Seed::of(&vector.secret);
            assert_eq!((first, seed.secret(vector.number).as_str()), (0, vector.uri.as_str()));
            let account = seed.key(vector.number).unwrap().account();
            assert_eq!(hex::encode(AsRef::<[u8]>::as_ref(&account)), vector.public);
            assert_eq!(account.to_string(), vector.account);
            // From any of the keys to the same seed.
            let (again, number) = Seed::of(&vector.uri);
            assert_eq!((again.secret(0), number), (seed.secret(0), vector.number));
        }
        for vector in vectors.codes {
            for number in [0, 7] {
                let seed = Seed::of(&Seed::of(&vector.phrase).0.secret(number)).0;
                let secret = seed.codes().unwrap();
                assert_eq!(hex::encode(secret.0.as_slice()), vector.secret);
                let first = CoinRef { coin: vector.coin, revision: vector.revision };
                assert_eq!(secret.code(vector.genesis, vector.payee, first).to_string(), vector.code);
            }
        }
        for vector in vectors.refused {
            let error = read_phrase(&vector.phrase).unwrap_err().to_string();
            assert!(error.contains(&vector.reason), "{error}");
            assert!(!error.contains("legal") && !error.contains("yelow"), "{error}");
        }
    }

    #[test]
    fn a_code_is_of_one_network_one_payee_and_one_coin_at_one_revision() {
        let secret = Seed::of("//Ann").0.codes().unwrap();
        let first = CoinRef { coin: CoinId { batch: 1, index: 2 }, revision: 3 };
        let (genesis, payee) = (Hash::repeat_byte(1), OwnerId([2; 24]));
        let code = secret.code(genesis, payee, first);
        assert_eq!(code, secret.code(genesis, payee, first));
        for (genesis, payee, first) in [
            (Hash::repeat_byte(2), payee, first),
            (genesis, OwnerId([3; 24]), first),
            (genesis, payee, CoinRef { revision: 4, ..first }),
            (genesis, payee, CoinRef { coin: CoinId { batch: 2, index: 1 }, ..first }),
        ] {
            assert_ne!(code, secret.code(genesis, payee, first));
        }
        assert_ne!(code, Seed::of("//Ben").0.codes().unwrap().code(genesis, payee, first));
        assert!(!format!("{secret:?} {:?}", Seed::of("//Ann").0).contains("Ann"));
    }

    #[test]
    fn only_numbers_in_their_one_spelling_are_numbers() {
        let number = |secret: &str| Seed::of(secret).1;
        assert_eq!([number("//Ann"), number("//Ann//specie//1"), number("//Ann//specie//20///secret")], [0, 1, 20]);
        for secret in ["//Ann//specie//0", "//Ann//specie//01", "//Ann//specie//+1", "//Ann//specie//1//2", "//Ann//1"]
        {
            let (seed, number) = Seed::of(secret);
            assert_eq!((number, seed.secret(0).as_str()), (0, secret));
        }
    }

    #[test]
    fn phrases_are_read_as_they_are_typed() {
        let phrase = crate::keys::generate_phrase().unwrap();
        assert_eq!(*read_phrase(&phrase).unwrap(), *phrase);
        let typed = format!("  {}\n", phrase.to_uppercase().replace(' ', "  "));
        assert_eq!(*read_phrase(&typed).unwrap(), *phrase);
        assert_eq!(read_phrase("").unwrap_err(), PhraseError::Words(0));
        assert_eq!(read_phrase(&format!("{} legal", *phrase)).unwrap_err(), PhraseError::Words(13));
    }
}
