//! Cards: an ed25519 key in a secure element, which signs with a PIN and is never read out.
//!
//! Two kinds are there: a [file](file), which shows what a card does and protects as much as a file can, and a token behind
//! [PKCS#11](pkcs11), such as a smart card. What is signed stands in `docs/protocol/cards.md`.

pub mod file;
pub mod pkcs11;

pub use file::FileCard;
pub use pkcs11::{TokenCard, TokenPlace};

use crate::{pickup::PickupCodeError, KeyError, Keypair, PickupCode};
use codec::Encode;
use specie_primitives::{
    cards::{CardNumber, HandOut, Replacement},
    AccountId, BankId, BlockNumber, Hash, OwnerId,
};
use std::{
    io,
    path::{Path, PathBuf},
    rc::Rc,
    str::FromStr,
};

/// Start of the salt of a loss key; the hash of the first block and the card's key follow.
pub const LOSS_SALT_TAG: &[u8] = b"specie/card-loss/v1";
/// Wrong PINs in a row after which a card signs no more.
pub const MAX_TRIES: u32 = 3;
/// Fewest signs of a PIN.
pub const MIN_PIN: usize = 4;

/// What can go wrong with a card.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// The PIN does not open it.
    #[error("wrong PIN for the card{}", left(.0))]
    WrongPin(Option<u32>),
    /// Too many wrong PINs.
    #[error("the card is blocked after too many wrong PINs: its bank replaces it")]
    Blocked,
    /// A PIN of too few signs.
    #[error("a PIN has 4 to 64 signs")]
    BadPin,
    /// Nothing is there.
    #[error("there is no card at {0}")]
    Unknown(String),
    /// A card is there and is not overwritten.
    #[error("there is a card at {0} already")]
    Exists(String),
    /// Not a place of a card.
    #[error(
        "'{0}' is no place of a card: write a file's path, or pkcs11:token=NAME;object=NAME?module-path=FILE, without the PIN"
    )]
    BadPlace(String),
    /// Not a card that this version reads.
    #[error("{0} is no card that this version reads: {1}")]
    Format(String, String),
    /// It makes no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The token, or the module in front of it.
    #[error("the token did not do it: {0}")]
    Token(#[from] cryptoki::error::Error),
    /// The file system.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] io::Error),
}

fn left(tries: &Option<u32>) -> String {
    match tries {
        Some(1) => "; one more blocks it".into(),
        Some(tries) => format!("; {tries} tries are left"),
        None => String::new(),
    }
}

/// A card that the right PIN was given for.
pub trait Card {
    /// The account that it signs for: its public key.
    fn account(&self) -> &AccountId;
    /// Signs a payload as it is, with ed25519. 64 bytes.
    fn sign(&self, payload: &[u8]) -> Result<[u8; 64], CardError>;
}

/// Where a card is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardPlace {
    /// In a file.
    File(PathBuf),
    /// In a token behind PKCS#11.
    Token(TokenPlace),
}

impl FromStr for CardPlace {
    type Err = CardError;

    /// A URI that begins with `pkcs11:` (RFC 7512), else a file's path.
    fn from_str(text: &str) -> Result<Self, CardError> {
        match text.strip_prefix("pkcs11:") {
            Some(rest) => TokenPlace::read(rest).map(Self::Token).ok_or_else(|| {
                // What follows may have the PIN in it (`pin-value`).
                let shown = text.split_once('?').map_or(text.into(), |(shown, _)| format!("{shown}?…"));
                CardError::BadPlace(shown)
            }),
            None if text.is_empty() => Err(CardError::BadPlace(text.into())),
            None => Ok(Self::File(Path::new(text).into())),
        }
    }
}

impl CardPlace {
    /// Makes a new card, whose key is made inside of it. Never overwrites one.
    pub fn create(&self, pin: &str) -> Result<Rc<dyn Card>, CardError> {
        check_pin(pin)?;
        let card: Rc<dyn Card> = match self {
            Self::File(path) => Rc::new(FileCard::create(path, pin)?),
            Self::Token(place) => Rc::new(TokenCard::create(place, pin)?),
        };
        Ok(card)
    }

    /// Opens a card with its PIN.
    pub fn open(&self, pin: &str) -> Result<Rc<dyn Card>, CardError> {
        let card: Rc<dyn Card> = match self {
            Self::File(path) => Rc::new(FileCard::open(path, pin)?),
            Self::Token(place) => Rc::new(TokenCard::open(place, pin)?),
        };
        Ok(card)
    }

    /// The account that a card signs for; needs no PIN.
    pub fn account(&self) -> Result<AccountId, CardError> {
        match self {
            Self::File(path) => FileCard::account_of(path),
            Self::Token(place) => TokenCard::account_of(place),
        }
    }
}

fn check_pin(pin: &str) -> Result<(), CardError> {
    if (MIN_PIN..=64).contains(&pin.chars().count()) {
        Ok(())
    } else {
        Err(CardError::BadPin)
    }
}

/// The salt of a loss key: 19 + 32 + 32 bytes.
pub fn loss_salt(genesis: Hash, card: &AccountId) -> Vec<u8> {
    [LOSS_SALT_TAG, genesis.as_bytes(), card.as_ref()].concat()
}

/// The key of a card's loss code, which is a pickup code in form. It is derived as that of a pickup, with
/// [`loss_salt`] in place of its salt.
pub fn loss_key(code: &PickupCode, genesis: Hash, card: &AccountId) -> Result<Keypair, PickupCodeError> {
    code.key(&loss_salt(genesis, card))
}

/// What a card signs to be handed out, and its holder with it.
pub fn hand_out(
    genesis: Hash,
    card: CardNumber,
    key: &AccountId,
    bank: BankId,
    holder: Option<OwnerId>,
    expiry: BlockNumber,
) -> Vec<u8> {
    HandOut::new(genesis, card, key.clone(), bank, holder, expiry).encode()
}

/// What a card signs to take a lost one's place, and whoever shows the right to that with it.
pub fn replacement(
    genesis: Hash,
    lost: CardNumber,
    new: CardNumber,
    key: &AccountId,
    bank: BankId,
    expiry: BlockNumber,
) -> Vec<u8> {
    Replacement::new(genesis, lost, new, key.clone(), bank, expiry).encode()
}

/// Whether a signature by a card over a payload is good.
pub fn verify(signature: &[u8; 64], payload: &[u8], card: &AccountId) -> bool {
    specie_certificates::verify_ed25519(card.as_ref(), payload, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Vectors {
        purses: Vec<PurseVector>,
        hand_outs: Vec<HandOutVector>,
        replacements: Vec<ReplacementVector>,
    }

    #[derive(Deserialize)]
    struct PurseVector {
        network: u32,
        key: String,
        purse: OwnerId,
    }

    #[derive(Deserialize)]
    struct HandOutVector {
        genesis: Hash,
        card: CardNumber,
        key: String,
        bank: BankId,
        holder: Option<OwnerId>,
        expiry: BlockNumber,
        payload: String,
    }

    #[derive(Deserialize)]
    struct ReplacementVector {
        genesis: Hash,
        lost: CardNumber,
        new: CardNumber,
        key: String,
        bank: BankId,
        expiry: BlockNumber,
        payload: String,
    }

    fn key(text: &str) -> AccountId {
        let raw: [u8; 32] = hex::decode(text).unwrap().try_into().unwrap();
        AccountId::new(raw)
    }

    #[test]
    fn test_vectors() {
        let text = include_str!("../../../docs/protocol/vectors/cards.json");
        let vectors: Vectors = serde_json::from_str(text).unwrap();
        assert!(!vectors.purses.is_empty() && !vectors.hand_outs.is_empty() && !vectors.replacements.is_empty());
        for PurseVector { network, key: of, purse } in vectors.purses {
            assert_eq!(specie_primitives::cards::purse_id(network, &key(&of)), purse);
        }
        for vector in vectors.hand_outs {
            let HandOutVector { genesis, card, bank, holder, expiry, .. } = vector;
            let payload = hand_out(genesis, card, &key(&vector.key), bank, holder, expiry);
            assert_eq!(hex::encode(payload), vector.payload);
        }
        for vector in vectors.replacements {
            let ReplacementVector { genesis, lost, new, bank, expiry, .. } = vector;
            let payload = replacement(genesis, lost, new, &key(&vector.key), bank, expiry);
            assert_eq!(hex::encode(payload), vector.payload);
        }
    }

    #[test]
    fn a_loss_key_belongs_to_one_code_one_network_and_one_card() {
        let (code, genesis, card) = (PickupCode::generate(), Hash::repeat_byte(1), AccountId::new([2; 32]));
        let account = |genesis, card| loss_key(&code, genesis, card).unwrap().account();
        let own = account(genesis, &card);
        assert_eq!(own, account(genesis, &card));
        assert_ne!(own, account(Hash::repeat_byte(3), &card));
        assert_ne!(own, account(genesis, &AccountId::new([3; 32])));
        assert_ne!(own, code.claim_key(genesis, OwnerId([2; 24])).unwrap().account());
        assert_eq!(loss_salt(genesis, &card).len(), 83);
    }

    #[test]
    fn places_are_read() {
        let file: CardPlace = "cards/1.json".parse().unwrap();
        assert_eq!(file, CardPlace::File("cards/1.json".into()));
        let token: CardPlace = "pkcs11:token=my%20cards;object=1?module-path=/lib/x.so".parse().unwrap();
        let place = TokenPlace { module: "/lib/x.so".into(), token: "my cards".into(), object: "1".into() };
        assert_eq!(token, CardPlace::Token(place));
        for bad in ["", "pkcs11:", "pkcs11:token=a", "pkcs11:token=a;object="] {
            assert!(matches!(bad.parse::<CardPlace>(), Err(CardError::BadPlace(_))), "{bad}");
        }
        for bad in ["pkcs11:token=a;object=%zz", "pkcs11:token=a;object=%+f", "pkcs11:token=a;object=%4"] {
            assert!(matches!(bad.parse::<CardPlace>(), Err(CardError::BadPlace(_))), "{bad}");
        }
        let error = "pkcs11:token=a;object=b?pin-value=2718".parse::<CardPlace>().unwrap_err().to_string();
        assert!(error.contains("'pkcs11:token=a;object=b?…'") && !error.contains("2718"), "{error}");
    }
}
